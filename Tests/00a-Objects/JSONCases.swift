import Testing

/// One document of the conformance tables.
///
/// The tables follow the categories of the public JSON test suite (what every parser must accept, must refuse, may
/// do either with); the documents are ours. In their text a control picture stands for the control character
/// (`␊` for a line feed, `␀` for a zero byte), `␠` for a space at an edge, and `‹FF›` for a byte.
struct JSONCase: CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]

  var testDescription: String { name }

  static func cases(in table: String) -> [JSONCase] {
    table.split(separator: "\n").map { line in
      let columns = line.split(separator: "│", maxSplits: 1, omittingEmptySubsequences: false)
      return JSONCase(name: columns[0].trimmed, bytes: bytes(columns[1].trimmed))
    }
  }

  private static func bytes(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "‹":
        let digits = String(String.UnicodeScalarView(scalars.prefix(2)))
        if let byte = UInt8(digits, radix: 16) { bytes.append(byte) }
        scalars = scalars.dropFirst(3)
      case "␀"..."␠": bytes.append(UInt8(scalar.value - 0x2400))
      default: bytes += Array(String(scalar).utf8)
      }
    }
    return bytes
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
