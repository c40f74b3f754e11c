import Foundation
import Objects

/// A text with places that are filled in: `'%s costs %.2f'.format([name, price])`. When both the text and the list are
/// written down, the checker walks through it as the evaluator does, and finds what could never be filled in.
///
/// Specified by cel-go, "Strings", "Format", of version 2, with the locale en-US.
enum CELTemplate {
  /// What stands behind a percent sign.
  struct Clause {
    let letter: Character
    let precision: Int
  }

  /// Doubles have no more digits that mean something, and no six letters shall make a thousand.
  private static let greatestPrecision = 100

  /// - Parameters:
  ///   - count: how many arguments there are.
  ///   - fill: what to write in the place of that number.
  static func filled(
    _ template: String, count: Int, _ fill: (Int, Clause) throws -> String
  ) throws -> String {
    var (rest, text, index) = (template[...], "", 0)
    while let start = rest.firstIndex(of: "%") {
      text += rest[..<start]
      rest = rest[start...].dropFirst()
      if rest.first == "%" {
        text += "%"
        rest = rest.dropFirst()
        continue
      }
      if rest.isEmpty { throw CELFailure.fault("unexpected end of string") }
      guard index < count else { throw CELFailure.fault("index \(index) out of range") }
      text += try fill(index, clause(&rest))
      index += 1
    }
    return text + rest
  }

  private static func clause(_ rest: inout Substring) throws -> Clause {
    func fail(_ why: String) -> CELFailure { .fault("could not parse formatting clause: \(why)") }
    var precision = 6
    if rest.first == "." {
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(1 + digits.count)
      if rest.isEmpty { throw fail("error while parsing precision: could not find end of precision specifier") }
      guard let number = Int(digits), number <= greatestPrecision else {
        throw fail("error while parsing precision: \"\(digits)\" is not a number up to \(greatestPrecision)")
      }
      precision = number
    }
    let letter = rest.removeFirst()
    guard takes[letter] != nil else { throw fail("unrecognized formatting clause \"\(letter)\"") }
    return Clause(letter: letter, precision: precision)
  }
}

// MARK: - What goes where

extension CELTemplate {
  private static let writable: Set = [
    "string", "bool", "bytes", "int", "uint", "double", "map", "list", "type", "null_type",
    "google.protobuf.Timestamp", "google.protobuf.Duration",
  ]
  private static let hexadecimal: (Set<String>, String) = (
    ["int", "uint", "string", "bytes"], "only integers, byte buffers, and strings can be formatted as hex"
  )

  /// For each letter the types that it takes, and what is said to others.
  private static let takes: [Character: (types: Set<String>, refusal: String)] = [
    "s": (
      writable,
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
        + "and timestamps"
    ),
    "d": (["int", "uint"], "decimal clause can only be used on integers"),
    "f": (["double", "string"], "fixed-point clause can only be used on doubles"),
    "e": (["double", "string"], "scientific clause can only be used on doubles"),
    "b": (["int", "uint", "bool"], "only integers and bools can be formatted as binary"),
    "o": (["int", "uint"], "octal clause can only be used on integers"),
    "x": hexadecimal, "X": hexadecimal,
  ]

  fileprivate static func refusal(_ clause: Clause, _ type: String) -> CELFailure {
    .fault("error during formatting: \(takes[clause.letter]?.refusal ?? ""), was given \(type)")
  }

  /// What is wrong with a call whose text and list are both written down.
  static func fault(in call: CELNode) -> CELFault? {
    guard case .literal(.string(let template)) = call.children[0].form, case .list = call.children[1].form else {
      return nil
    }
    let arguments = call.children[1].children
    var (used, position) = (0, call.position)
    do {
      _ = try filled(template, count: arguments.count) { index, clause in
        used += 1
        if let node = refused(arguments[index], by: clause) {
          position = node.position
          throw refusal(clause, node.type.valueName)
        }
        return ""
      }
    } catch { return CELFault(position, "\(error)") }
    let words = "too many arguments supplied to string.format (expected \(used), got \(arguments.count))"
    return used < arguments.count ? CELFault(position, words) : nil
  }

  /// The node, or a part of it that is written down, if it is of a type that the clause does not take.
  private static func refused(_ node: CELNode, by clause: Clause) -> CELNode? {
    if node.type != .dyn, takes[clause.letter]?.types.contains(node.type.valueName) != true { return node }
    switch node.form {
    case .list, .map: return node.children.lazy.compactMap { refused($0, by: clause) }.first
    default: return nil
    }
  }
}

// MARK: - What is written

extension CELTemplate {
  private static let radixes: [Character: Int] = ["b": 2, "o": 8, "d": 10, "x": 16, "X": 16]

  static func text(_ value: CELValue, _ clause: Clause) throws -> String {
    let radix = radixes[clause.letter] ?? 10
    switch (clause.letter, value) {
    case ("s", _): return try value.formatted()
    case ("f", .double(let double)): return double.fixed(clause.precision)
    case ("e", .double(let double)): return double.scientific(clause.precision)
    case ("f", .string("NaN")), ("e", .string("NaN")): return "NaN"
    case ("f", .string("Infinity")), ("e", .string("Infinity")): return "∞"
    case ("f", .string("-Infinity")), ("e", .string("-Infinity")): return "-∞"
    case ("f", _), ("e", _): throw refusal(clause, value.typeName)
    case (_, .int(let int)): return String(int, radix: radix, uppercase: clause.letter == "X")
    case (_, .uint(let uint)): return String(uint, radix: radix, uppercase: clause.letter == "X")
    case ("b", .bool(let bool)): return bool ? "1" : "0"
    case ("x", .string(let text)), ("X", .string(let text)):
      return try Self.text(.bytes(Array(text.utf8)), clause)
    case ("x", .bytes(let bytes)), ("X", .bytes(let bytes)):
      return bytes.map { byte in
        String(0x100 + Int(byte), radix: 16, uppercase: clause.letter == "X").dropFirst()
      }.joined()
    default: throw refusal(clause, value.typeName)
    }
  }
}

extension CELValue {
  /// As `%s` writes it.
  fileprivate func formatted() throws -> String {
    switch self {
    case .list, .map: return try literal()
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw CELFailure.fault("error during formatting: invalid UTF-8 in bytes, cannot convert to string")
      }
      return text
    case .optional, .quantity, .version, .address, .block, .url, .format:
      throw CELTemplate.refusal(.init(letter: "s", precision: 0), typeName)
    default: return plainText
    }
  }

  /// As an expression would have it: so lists and maps show what they hold.
  private func literal() throws -> String {
    switch self {
    case .string(let text): return CELLibrary.quote(text)
    case .bytes: return "b" + CELLibrary.quote(try formatted())
    case .double(let double): return double.isFinite ? String(format: "%f", double) : "\"\(double.goText)\""
    case .timestamp(let time): return "timestamp(\"\(time.celText)\")"
    case .duration(let duration): return "duration(\"\(duration.celText)\")"
    case .list(let elements): return "[\(try elements.map { try $0.literal() }.joined(separator: ", "))]"
    case .map(let map):
      let entries = try map.keys.map { (try $0.literal(), try (map[$0] ?? .null).literal()) }
      return "{\(entries.sorted { $0.0 < $1.0 }.map { "\($0):\($1)" }.joined(separator: ", "))}"
    default: return try formatted()
    }
  }
}

extension Double {
  /// With a comma at each thousand, as people in en-US write numbers.
  fileprivate func fixed(_ precision: Int) -> String {
    guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-∞" : "∞" }
    let parts = String(format: "%.\(precision)f", magnitude).split(separator: ".")
    let whole = parts[0].enumerated().map { index, digit in
      index > 0 && (parts[0].count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }
    return (sign == .minus ? "-" : "") + whole.joined() + parts.dropFirst().map { "." + $0 }.joined()
  }

  /// 1,052 is 1.052 × 10⁰³.
  fileprivate func scientific(_ precision: Int) -> String {
    guard isFinite else { return fixed(precision) }
    let parts = String(format: "%.\(precision)e", self).split(separator: "e")
    let raised: [Character: String] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
    ]
    return parts[0] + "\u{202f}×\u{202f}10" + parts[1].compactMap { raised[$0] }.joined()
  }
}

extension CELType {
  /// The name that `type(x)` gives for such a value.
  fileprivate var valueName: String {
    switch form {
    case .simple("null"): "null_type"
    case .simple("timestamp"): "google.protobuf.Timestamp"
    case .simple("duration"): "google.protobuf.Duration"
    case .list: "list"
    case .map: "map"
    case .optional: "optional_type"
    case .type: "type"
    default: description
    }
  }
}
