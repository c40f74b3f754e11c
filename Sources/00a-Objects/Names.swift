/// What names may look like, and where new ones come from.
///
/// Specified by RFC 1123 and RFC 1035, and by the Kubernetes documentation ("Object Names and IDs", "Labels and
/// Selectors"). Each check returns sentences that say what is wrong, in Kubernetes' words; none when nothing is.
public enum Names {
  /// A label of RFC 1123, such as a namespace or a container has for a name: at most 63 of a–z, 0–9 and "-".
  public static func labelProblems(_ name: String) -> [String] {
    var problems = tooLong(name, 63)
    if !isLabel(name) {
      problems.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
          + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')")
    }
    return problems
  }

  /// A subdomain of RFC 1123: labels joined by dots, at most 253 characters.
  public static func subdomainProblems(_ name: String) -> [String] {
    var problems = tooLong(name, 253)
    if !name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel) {
      problems.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    }
    return problems
  }

  /// A label of RFC 1035, as services have for names: like ``labelProblems(_:)``, but it begins with a letter.
  public static func serviceProblems(_ name: String) -> [String] {
    var problems = tooLong(name, 63)
    if !isLabel(name) || !(name.utf8.first.map(isLowercase) ?? false) {
      problems.append(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
          + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
          + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")
    }
    return problems
  }

  /// The name of a port (RFC 6335): at most 15 of a–z, 0–9 and "-", with a letter among them.
  public static func portProblems(_ name: String) -> [String] {
    var problems: [String] = name.utf8.count > 15 ? ["must be no more than 15 characters"] : []
    if !name.utf8.allSatisfy({ isLowercase($0) || isDigit($0) || $0 == dash }) {
      problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !name.utf8.contains(where: isLowercase) { problems.append("must contain at least one letter (a-z)") }
    if name.contains("--") { problems.append("must not contain consecutive hyphens") }
    if name.utf8.first == dash || name.utf8.last == dash { problems.append("must not begin or end with a hyphen") }
    return problems
  }

  /// The name of a label or an annotation: at most 63 characters, perhaps after a subdomain and a slash.
  public static func qualifiedNameProblems(_ name: String) -> [String] {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let last = parts.last else {
      return [
        "a qualified name \(qualifiedRule) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      ]
    }
    var problems: [String] = []
    if parts.count == 2, let prefix = parts.first {
      if prefix.isEmpty {
        problems.append("prefix part must be non-empty")
      } else {
        problems += subdomainProblems(prefix).map { "prefix part \($0)" }
      }
    }
    if last.isEmpty {
      problems.append("name part must be non-empty")
    } else if last.utf8.count > 63 {
      problems.append("name part must be no more than 63 bytes")
    }
    if !isWord(last) { problems.append("name part \(qualifiedRule)") }
    return problems
  }

  /// The value of a label: empty, or at most 63 characters.
  public static func labelValueProblems(_ value: String) -> [String] {
    var problems = tooLong(value, 63)
    if !value.isEmpty, !isWord(value) {
      problems.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
          + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return problems
  }

  private static let qualifiedRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  private static func tooLong(_ text: String, _ limit: Int) -> [String] {
    text.utf8.count > limit ? ["must be no more than \(limit) bytes"] : []
  }

  private static func isLabel(_ text: some StringProtocol) -> Bool {
    guard let first = text.first, let last = text.last, first != "-", last != "-" else { return false }
    return text.utf8.allSatisfy { isLowercase($0) || isDigit($0) || $0 == dash }
  }

  // Letters of both cases, digits, and "-", "_" and "." inside.
  private static func isWord(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool { isLowercase(byte | 0x20) || isDigit(byte) }
    guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first), isAlphanumeric(last) else {
      return false
    }
    return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == dash || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") }
  }

  private static func isLowercase(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static let dash = UInt8(ascii: "-")
}

extension Names {
  // No vowels, so that no words come out, and no digits that look like letters.
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  /// A prefix with five random characters. A prefix that would make the name too long for a label is cut.
  public static func unique(prefix: String, using random: inout some RandomNumberGenerator) -> String {
    String(prefix.prefix(58)) + String((0..<5).compactMap { _ in alphabet.randomElement(using: &random) })
  }

  /// The text with every character replaced by one that is safe in a name.
  public static func safe(_ text: String) -> String {
    String(text.utf8.map { alphabet[Int($0) % alphabet.count] })
  }

  /// A random identifier (RFC 9562, version 4).
  public static func uid(using random: inout some RandomNumberGenerator) -> String {
    let high = random.next() & 0xffff_ffff_ffff_0fff | 0x4000
    let low = random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    let digits = [high, low].map { number in
      let text = String(number, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var identifier = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { identifier.append("-") }
      identifier.append(digit)
    }
    return identifier
  }
}
