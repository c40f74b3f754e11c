// How things may be called. Names end up in host names, file names and URLs, so Kubernetes allows only what is safe
// in all of them, and says so in the same words wherever it refuses one.

/// Checks names, and makes new ones. A check returns one sentence for each thing that is wrong.
public enum Names {
  /// A DNS label (RFC 1123): the names of namespaces, containers, volumes.
  public static func labelProblems(_ name: String) -> [String] {
    var problems = tooLong(name, limit: 63, unit: "characters")
    if !isLabel(name) {
      problems.append(isSubdomain(name) ? "must not contain dots" : Form.label.problem)
    }
    return problems
  }

  /// Labels joined by dots (RFC 1123): the names of most objects.
  public static func subdomainProblems(_ name: String) -> [String] {
    tooLong(name, limit: 253, unit: "characters") + (isSubdomain(name) ? [] : [Form.subdomain.problem])
  }

  /// A DNS label that starts with a letter (RFC 1035): the names of services.
  public static func serviceProblems(_ name: String) -> [String] {
    let isValid = isLabel(name) && !(name.utf8.first?.isDigit ?? true)
    return tooLong(name, limit: 63, unit: "characters") + (isValid ? [] : [Form.dns1035Label.problem])
  }

  /// The key of a label or an annotation: "app", "example.com/owner".
  public static func qualifiedNameProblems(_ name: String) -> [String] {
    let slash = name.utf8.firstIndex(of: UInt8(ascii: "/"))
    let own = slash.map { name[name.index(after: $0)...] } ?? name[...]
    if own.utf8.contains(UInt8(ascii: "/")) {
      let prefix = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      return ["a valid label key \(Form.key.problem) \(prefix)"]
    }
    var problems: [String] = []
    if let slash {
      let prefix = String(name[..<slash])
      problems += (prefix.isEmpty ? ["must be non-empty"] : subdomainProblems(prefix)).map { "prefix part \($0)" }
    }
    if own.isEmpty { problems.append("name part must be non-empty") }
    problems += tooLong(own, limit: 63, unit: "bytes").map { "name part \($0)" }
    return isKey(own) ? problems : problems + ["name part \(Form.key.problem)"]
  }

  /// The value of a label. It may be empty.
  public static func labelValueProblems(_ value: String) -> [String] {
    tooLong(value, limit: 63, unit: "bytes") + (value.isEmpty || isKey(value[...]) ? [] : [Form.value.problem])
  }

  /// The name of a port (RFC 6335).
  public static func portProblems(_ name: String) -> [String] {
    var problems = tooLong(name, limit: 15, unit: "characters")
    if name.isEmpty || !name.utf8.allSatisfy({ $0.isLowercaseAlphanumeric || $0 == hyphen }) {
      problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !name.utf8.contains(where: \.isLowercaseLetter) {
      problems.append("must contain at least one letter (a-z)")
    }
    if zip(name.utf8, name.utf8.dropFirst()).contains(where: { $0 == hyphen && $1 == hyphen }) {
      problems.append("must not contain consecutive hyphens")
    }
    if name.utf8.first == hyphen || name.utf8.last == hyphen {
      problems.append("must not begin or end with a hyphen")
    }
    return problems
  }
}

// MARK: - Forms

extension Names {
  /// A rule of spelling, and how Kubernetes explains it.
  private struct Form {
    let sentence: String
    let pattern: String
    let examples: [String]

    var problem: String {
      let examples = examples.map { "'\($0)', " }.joined(separator: " or ")
      return "\(sentence) (e.g. \(examples)regex used for validation is '\(pattern)')"
    }

    static let label = Form(
      sentence: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
        + "and end with an alphanumeric character",
      pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?", examples: ["my-name", "123-abc"])

    static let subdomain = Form(
      sentence: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
        + "must start and end with an alphanumeric character",
      pattern: "\(label.pattern)(\\.\(label.pattern))*", examples: ["example.com"])

    static let dns1035Label = Form(
      sentence: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        + "character, and end with an alphanumeric character",
      pattern: "[a-z]([-a-z0-9]*[a-z0-9])?", examples: ["my-name", "abc-123"])

    static let key = Form(
      sentence: "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character",
      pattern: "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", examples: ["MyName", "my.name", "123-abc"])

    static let value = Form(
      sentence: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
        + "must start and end with an alphanumeric character",
      pattern: "(\(key.pattern))?", examples: ["MyValue", "my_value", "12345"])
  }

  private static let hyphen = UInt8(ascii: "-")

  private static func tooLong(_ name: some StringProtocol, limit: Int, unit: String) -> [String] {
    name.utf8.count > limit ? ["must be no more than \(limit) \(unit)"] : []
  }

  private static func isLabel(_ name: String) -> Bool {
    isSubdomain(name) && !name.utf8.contains(UInt8(ascii: "."))
  }

  /// Each label begins and ends with a letter or a digit, so no hyphen stands beside a dot or an end.
  private static func isSubdomain(_ name: String) -> Bool {
    var before = UInt8(ascii: ".")
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "."): guard before.isLowercaseAlphanumeric else { return false }
      case hyphen: guard before != UInt8(ascii: ".") else { return false }
      default: guard byte.isLowercaseAlphanumeric else { return false }
      }
      before = byte
    }
    return before.isLowercaseAlphanumeric
  }

  private static func isKey(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    return first.isAlphanumeric && last.isAlphanumeric
      && name.utf8.allSatisfy { $0.isAlphanumeric || "-_.".utf8.contains($0) }
  }
}

extension UInt8 {
  fileprivate var isLowercaseAlphanumeric: Bool { isLowercaseLetter || isDigit }
  // Setting this bit turns an ASCII capital into its small letter.
  fileprivate var isAlphanumeric: Bool { isDigit || (self | 0x20).isLowercaseLetter }
}

// MARK: - New names

extension Names {
  /// What random parts of names are made of: no vowels, so that no words come about, and nothing that is easily
  /// read as something else.
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
  private static let randomLength = 5

  /// The prefix and five random characters: what the server makes of `generateName`.
  /// A prefix that would make the name longer than a DNS label is cut.
  public static func unique(prefix: String, using random: inout some RandomNumberGenerator) -> String {
    let stem = prefix.utf8.count > 63 - randomLength ? String(prefix.prefix(63 - randomLength)) : prefix
    return stem + String((0..<randomLength).compactMap { _ in alphabet.randomElement(using: &random) })
  }

  /// The same text for the same number, from the same alphabet: hashes in names, such as a pod template's.
  public static func safe(_ text: String) -> String {
    String(text.utf8.map { alphabet[Int($0) % alphabet.count] })
  }

  /// A random UUID (RFC 9562, version 4), which tells an object from all others for ever.
  public static func uid(using random: inout some RandomNumberGenerator) -> String {
    let high = random.next() & ~0xF000 | 0x4000
    let low = random.next() & ~(3 << 62) | 2 << 62
    var text: [UInt8] = []
    for index in 0..<32 {
      if [8, 12, 16, 20].contains(index) { text.append(hyphen) }
      let digit = UInt8((index < 16 ? high : low) >> (60 - 4 * (index % 16)) & 0xF)
      text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
