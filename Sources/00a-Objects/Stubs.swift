// Temporary: each declaration here goes when its real file lands. Whoever lands it deletes it here.
extension Time {
  public init?(_ string: String) { return nil }
  public var rfc3339: String { "" }
  public var rfc3339Micro: String { "" }
}
public struct MicroTime: Sendable, Hashable {
  public var time: Time
  public init(_ time: Time) { self.time = time }
}
public struct Quantity: Sendable, Hashable, CustomStringConvertible {
  public var description: String { "" }
  public init(_ string: String) throws {}
  public init(_ integer: Int64) {}
}
public enum IntOrString: Sendable, Hashable {
  case integer(Int)
  case string(String)
  public init?(_ value: Value) { return nil }
  public var asValue: Value { .null }
}
public enum Names {
  public static func subdomainProblems(_ name: String) -> [String] { [] }
}
extension Time {
  public static let distantPast = Time(microseconds: .min)
  public static let distantFuture = Time(microseconds: .max)
  public static func + (time: Time, duration: Duration) -> Time {
    let (seconds, attoseconds) = duration.components
    return Time(microseconds: time.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }
  public static func - (time: Time, earlier: Time) -> Duration { .microseconds(time.microseconds - earlier.microseconds) }
}
extension Names {
  public static func unique(prefix: String, using random: inout some RandomNumberGenerator) -> String { prefix + "\(random.next() % 100000)" }
  public static func uid(using random: inout some RandomNumberGenerator) -> String { "\(random.next())" }
  public static func safe(_ s: String) -> String { s }
  public static func portProblems(_ s: String) -> [String] { [] }
  public static func labelProblems(_ s: String) -> [String] { [] }
  public static func qualifiedNameProblems(_ s: String) -> [String] { [] }
  public static func labelValueProblems(_ s: String) -> [String] { [] }
}

public enum HumanDuration {
  public static func text(_ duration: Duration) -> String { "" }
}
