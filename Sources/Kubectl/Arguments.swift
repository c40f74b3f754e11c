// kubectl's flag grammar, which is that of GNU's long options with Go's habits: `--name=value`, `--name value`,
// `-nvalue`, `-n value`, `-n=value`, several switches after one dash, and `--` after which nothing is a flag.

/// A flag that a command understands.
struct Flag: Sendable {
  enum Kind: Sendable {
    /// True when it is there; `--name=false` takes it back.
    case toggle
    case text
    /// A whole number.
    case number
    /// May be given several times.
    case list
    /// A value, or this one when only the flag is there: `--cascade` is `--cascade=background`.
    case optional(String)
    /// "30s", "1h5m".
    case duration
  }

  let name: String
  let short: Character?
  let kind: Kind
  let usage: String

  init(_ name: String, _ short: Character? = nil, _ kind: Kind = .text, _ usage: String) {
    self.name = name
    self.short = short
    self.kind = kind
    self.usage = usage
  }
}

/// A command line, taken apart.
struct Arguments: Sendable {
  private(set) var operands: [String] = []
  /// How many operands stand before `--`; nil when there is none.
  private(set) var operandsBeforeDashes: Int?
  private var values: [String: [String]] = [:]

  /// - Throws: `Failure` for a flag that is not in `flags`, or whose value is missing or of the wrong type.
  init(_ words: [String], flags: [Flag], of command: String) throws(Failure) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operandsBeforeDashes = operands.count
        operands += rest
        return
      } else if word.hasPrefix("--") {
        try readLong(word.dropFirst(2), &rest, flags, command)
      } else if word.hasPrefix("-"), word != "-" {
        try readShort(word, &rest, flags, command)
      } else {
        operands.append(word)
      }
    }
  }

  private mutating func readLong(
    _ word: Substring, _ rest: inout ArraySlice<String>, _ flags: [Flag], _ command: String
  ) throws(Failure) {
    let name = String(word.prefix { $0 != "=" })
    guard let flag = flags.first(where: { $0.name == name }) else {
      throw .flag("unknown flag: --\(name)", of: command)
    }
    var value = word.contains("=") ? String(word.dropFirst(name.count + 1)) : nil
    if value == nil {
      value = flag.valueWhenAlone ?? rest.popFirst()
    }
    guard let value else { throw .flag("flag needs an argument: --\(name)", of: command) }
    try add(value, to: flag, as: "--\(name)", command)
  }

  private mutating func readShort(
    _ word: String, _ rest: inout ArraySlice<String>, _ flags: [Flag], _ command: String
  ) throws(Failure) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let flag = flags.first(where: { $0.short == letter }) else {
        throw .flag("unknown shorthand flag: '\(letter)' in \(word)", of: command)
      }
      var value: String?
      if letters.first == "=" {
        value = String(letters.dropFirst())
      } else if let alone = flag.valueWhenAlone {
        try add(alone, to: flag, as: "-\(letter), --\(flag.name)", command)
        continue
      } else {
        value = letters.isEmpty ? rest.popFirst() : String(letters)
      }
      guard let value else { throw .flag("flag needs an argument: '\(letter)' in \(word)", of: command) }
      return try add(value, to: flag, as: "-\(letter), --\(flag.name)", command)
    }
  }

  private mutating func add(
    _ value: String, to flag: Flag, as written: String, _ command: String
  ) throws(Failure) {
    let problem: String? =
      switch flag.kind {
      case .toggle where !["true", "false", "1", "0", "t", "f"].contains(value.lowercased()):
        "strconv.ParseBool: parsing \"\(value)\": invalid syntax"
      case .number where Int(value) == nil: "strconv.ParseInt: parsing \"\(value)\": invalid syntax"
      case .duration where Duration(goText: value) == nil: "time: invalid duration \"\(value)\""
      default: nil
      }
    if let problem {
      throw .flag("invalid argument \"\(value)\" for \"\(written)\" flag: \(problem)", of: command)
    }
    values[flag.name, default: []].append(value)
  }
}

extension Flag {
  fileprivate var valueWhenAlone: String? {
    switch kind {
    case .toggle: "true"
    case .optional(let value): value
    default: nil
    }
  }
}

extension Arguments {
  /// The flag's value; the last one counts. Nil when it was not given.
  subscript(_ name: String) -> String? { values[name]?.last }

  /// All values of a flag that may be given several times.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// All values, each of which may be a list with commas.
  func list(_ name: String) -> [String] {
    all(name).flatMap { $0.split(separator: ",").map(String.init) }
  }

  func number(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

  func duration(_ name: String) -> Duration? { self[name].flatMap { Duration(goText: $0) } }

  /// Whether a switch is on.
  func isOn(_ name: String, default: Bool = false) -> Bool {
    self[name].map { ["true", "1", "t"].contains($0.lowercased()) } ?? `default`
  }
}

extension Duration {
  /// Reads a duration as Go writes it, "1h5m", "1.5s", "300ms"; a bare "0" is nothing. Nil when it is anything else.
  init?(goText text: String) {
    var rest = text[...]
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    guard !rest.isEmpty else { return nil }
    if rest == "0" {
      self = .zero
      return
    }
    let units = ["h": 3600.0, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9]
    var seconds = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits), let scale = units[String(unit)] else { return nil }
      seconds += number * scale
    }
    guard seconds < 1e10 else { return nil }
    self = .seconds(isNegative ? -seconds : seconds)
  }

  /// "1m0s", "30s", "1h0m0s", "500ms".
  var goText: String {
    let total = components.seconds
    let milliseconds = components.attoseconds / 1_000_000_000_000_000
    if total == 0, milliseconds != 0 { return "\(milliseconds)ms" }
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
    let fraction = milliseconds == 0 ? "" : String("\(1000 + abs(milliseconds))".dropFirst())
    let secondsText = "\(seconds)" + (fraction.isEmpty ? "" : "." + fraction.trimmingZeros) + "s"
    if hours != 0 { return "\(hours)h\(minutes)m\(secondsText)" }
    return minutes != 0 ? "\(minutes)m\(secondsText)" : secondsText
  }
}

extension String {
  fileprivate var trimmingZeros: String {
    var text = self
    while text.last == "0" { text.removeLast() }
    return text
  }
}
