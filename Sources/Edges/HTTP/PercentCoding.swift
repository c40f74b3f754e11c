/// Percent-encoding (RFC 3986, 2.1) and the form encoding of queries on top of it, in which `+` is a space.
enum PercentCoding {
  /// Whether this is what may stand in a path: no control character or space, each `%` with its two digits.
  static func isEncoded(_ bytes: Substring.UTF8View) -> Bool {
    var digits = 0
    for byte in bytes {
      if digits > 0 {
        guard digit(byte) != nil else { return false }
        digits -= 1
      } else if byte == percent {
        digits = 2
      } else if byte <= 0x20 || byte == 0x7f {
        return false
      }
    }
    return digits == 0
  }

  /// The pairs of a query in their order; nil when an escape is cut short or the result is not UTF-8.
  static func query(_ bytes: Substring.UTF8View) -> [(name: String, value: String)]? {
    var pairs: [(name: String, value: String)] = []
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      guard let name = decoded(pair[..<equals]), let value = decoded(pair[equals...].dropFirst()) else {
        return nil
      }
      pairs.append((name: name, value: value))
    }
    return pairs
  }

  /// A query, encoded: what `query` reads back.
  static func encoded(_ pairs: [(name: String, value: String)]) -> String {
    pairs.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
  }

  private static func decoded(_ bytes: Substring.UTF8View) -> String? {
    guard bytes.contains(where: { $0 == percent || $0 == plus }) else {
      return bytes.contains { $0 <= 0x20 || $0 == 0x7f } ? nil : String(Substring(bytes))
    }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var rest = bytes.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case plus: plain.append(0x20)
      case percent:
        guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
        plain.append(high << 4 | low)
      case ...0x20, 0x7f: return nil
      default: plain.append(byte)
      }
    }
    return String(validating: plain, as: UTF8.self)
  }

  private static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += byte < 16 ? "%0" : "%"
        result += String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static let percent = UInt8(ascii: "%")
  private static let plus = UInt8(ascii: "+")
}
