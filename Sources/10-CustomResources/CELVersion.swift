import Objects

/// `1.2.3-beta.1`: a version with an order, as semver.org defines it. What stands behind a plus sign is no part of the
/// order, and is not kept.
public struct SemanticVersion: Sendable, Hashable {
  /// Major, minor, patch.
  let numbers: [UInt64]
  let prerelease: [Part]

  /// A number comes before all words.
  enum Part: Sendable, Hashable, Comparable {
    case number(UInt64)
    case word(String)
  }

  /// - Throws: ``CELFailure`` with Go's words for it.
  init(_ text: String) throws {
    if text.isEmpty { throw CELFailure.fault("Version string empty") }
    let parts = text.pieces(".", atMost: 3)
    guard parts.count == 3 else { throw CELFailure.fault("No Major.Minor.Patch elements found") }
    let behind = parts[2].pieces("+", atMost: 2)
    let patch = behind[0].pieces("-", atMost: 2)
    numbers = try [
      Self.number(parts[0], "Major number"), Self.number(parts[1], "Minor number"),
      Self.number(patch[0], "Patch number"),
    ]
    prerelease = try patch.dropFirst().flatMap { $0.pieces(".") }.map { part in
      if part.isEmpty { throw CELFailure.fault("Prerelease is empty") }
      if part.allSatisfy(\.isDigit) { return .number(try Self.number(part, "Numeric PreRelease version")) }
      return .word(try Self.word(part, "prerelease"))
    }
    for part in behind.dropFirst().flatMap({ $0.pieces(".") }) {
      if part.isEmpty { throw CELFailure.fault("Build meta data is empty") }
      _ = try Self.word(part, "build meta data")
    }
  }

  private static func number(_ digits: Substring, _ name: String) throws -> UInt64 {
    guard digits.allSatisfy(\.isDigit) else {
      throw CELFailure.fault("Invalid character(s) found in \(name.lowercased()) \"\(digits)\"")
    }
    if digits.count > 1, digits.hasPrefix("0") {
      throw CELFailure.fault("\(name) must not contain leading zeroes \"\(digits)\"")
    }
    guard let number = UInt64(digits) else {
      let why = digits.isEmpty ? "invalid syntax" : "value out of range"
      throw CELFailure.fault("strconv.ParseUint: parsing \"\(digits)\": \(why)")
    }
    return number
  }

  private static func word(_ text: Substring, _ name: String) throws -> String {
    guard text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" }) else {
      throw CELFailure.fault("Invalid character(s) found in \(name) \"\(text)\"")
    }
    return String(text)
  }
}

extension SemanticVersion: Comparable {
  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
    // What comes before a release is less than the release.
    if left.prerelease.isEmpty || right.prerelease.isEmpty {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    return left.prerelease.lexicographicallyPrecedes(right.prerelease)
  }
}

extension SemanticVersion {
  /// What people write instead, "v1.2" or "01.2.3", as a version.
  init(normalizing text: String) throws {
    var parts = (text.hasPrefix("v") ? text.dropFirst() : text[...]).pieces(".", atMost: 3).map { part in
      let rest = part.drop { $0 == "0" }
      return part.count < 2 ? part : rest.first?.isDigit == true ? rest : "0" + rest
    }
    if parts.count < 3, parts.last?.contains(where: { "+-".contains($0) }) == true {
      throw CELFailure.fault("short version cannot contain PreRelease/Build meta data")
    }
    parts += [Substring](repeating: "0", count: 3 - parts.count)
    try self.init(parts.joined(separator: "."))
  }
}

extension StringProtocol where SubSequence == Substring {
  fileprivate func pieces(_ separator: Character, atMost count: Int = .max) -> [Substring] {
    split(separator: separator, maxSplits: count - 1, omittingEmptySubsequences: false)
  }
}

extension Character {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}

extension SemanticVersion: CELTyped {
  static var celType: CELType { CELType("kubernetes.Semver") }
  init?(_ value: CELValue) { if case .version(let version) = value { self = version } else { return nil } }
  var celValue: CELValue { .version(self) }
}

extension CELLibrary {
  private static func version(_ text: String, _ isNormalizing: Bool) throws -> SemanticVersion {
    try isNormalizing ? SemanticVersion(normalizing: text) : SemanticVersion(text)
  }

  static let versions: [CELFunction] = [
    function("semver", .reading) { (text: String) in try version(text, false) },
    function("semver", .reading) { (text: String, isNormalizing: Bool) in try version(text, isNormalizing) },
    function("isSemver", .reading) { (text: String) in (try? version(text, false)) != nil },
    function("isSemver", .reading) { (text: String, isNormalizing: Bool) in
      (try? version(text, isNormalizing)) != nil
    },
    method("major") { (version: SemanticVersion) in Int64(truncatingIfNeeded: version.numbers[0]) },
    method("minor") { (version: SemanticVersion) in Int64(truncatingIfNeeded: version.numbers[1]) },
    method("patch") { (version: SemanticVersion) in Int64(truncatingIfNeeded: version.numbers[2]) },
    method("isGreaterThan") { (a: SemanticVersion, b: SemanticVersion) in a > b },
    method("isLessThan") { (a: SemanticVersion, b: SemanticVersion) in a < b },
    method("compareTo") { (a: SemanticVersion, b: SemanticVersion) in Int64(a < b ? -1 : a == b ? 0 : 1) },
  ]
}
