/// The name of a version, in the order in which clients prefer them: v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, and
/// at the end names of another form, by the alphabet.
///
/// Specified by the Kubernetes documentation, "Versions in CustomResourceDefinitions" ("Version priority").
public struct VersionName: Comparable, Sendable {
  private enum Stage: Int {
    case other
    case alpha
    case beta
    case stable
  }

  private let text: String
  private var stage = Stage.other
  private var major = 0
  private var minor = 0

  public init(_ text: String) {
    self.text = text
    guard let match = text.wholeMatch(of: /v([1-9][0-9]{0,8})(?:(alpha|beta)([1-9][0-9]{0,8}))?/) else { return }
    major = Int(match.1) ?? 0
    minor = match.3.flatMap { Int($0) } ?? 0
    stage = match.2 == nil ? .stable : match.2 == "beta" ? .beta : .alpha
  }

  /// Whether clients prefer the right one.
  public static func < (left: VersionName, right: VersionName) -> Bool {
    if left.stage == .other, right.stage == .other { return left.text > right.text }
    return (left.stage.rawValue, left.major, left.minor) < (right.stage.rawValue, right.major, right.minor)
  }
}
