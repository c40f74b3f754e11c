// Writing JSON. There is one writer; how its text is laid out is a value.

/// How a value is laid out as text.
public struct JSONLayout: Sendable {
  /// Spaces for each level; nil puts everything on one line without spaces.
  public var indentation: Int?

  /// Whether members are ordered by the bytes of their names, or left as they are.
  public var sortsNames: Bool

  public init(indentation: Int? = nil, sortsNames: Bool = false) {
    self.indentation = indentation
    self.sortsNames = sortsNames
  }

  /// As short as possible, members in their own order: what is stored and sent.
  public static let compact = JSONLayout()

  /// As short as possible, members sorted: equal values give equal bytes.
  public static let canonical = JSONLayout(sortsNames: true)

  /// What `kubectl -o json` prints.
  public static let indented = JSONLayout(indentation: 4, sortsNames: true)
}

extension Value {
  /// The value as JSON in UTF-8, in an array of just that length.
  public func encoded(as layout: JSONLayout = .compact) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(4096)
    encode(into: &output, as: layout)
    // What is stored is kept for long, so it must not drag unused capacity along.
    var exact: [UInt8] = []
    exact.reserveCapacity(output.count)
    exact += output
    return exact
  }

  /// Appends the value as JSON in UTF-8. Infinities and NaN, which JSON cannot say, are written as null.
  public func encode(into output: inout [UInt8], as layout: JSONLayout = .compact) {
    var writer = JSONWriter(output: output, layout: layout)
    output = []
    writer.write(self)
    output = writer.output
  }

  /// The value as one line of JSON.
  public var encodedString: String { String(decoding: encoded(), as: UTF8.self) }
}

private struct JSONWriter {
  var output: [UInt8]
  let layout: JSONLayout
  private var depth = 0

  init(output: consuming [UInt8], layout: JSONLayout) {
    self.output = output
    self.layout = layout
  }

  mutating func write(_ value: Value) {
    switch value {
    case .null: append(text: "null")
    case .bool(let bool): append(text: bool ? "true" : "false")
    case .integer(let integer): append(text: String(integer))
    case .double(let double): append(text: double.isFinite ? double.description : "null")
    case .string(let string): write(string)
    case .array(let elements): write(elements)
    case .object(let members): write(members)
    }
  }

  private mutating func write(_ elements: [Value]) {
    open("[")
    for index in elements.indices {
      startItem(isFirst: index == elements.startIndex)
      write(elements[index])
    }
    close("]", isEmpty: elements.isEmpty)
  }

  private mutating func write(_ members: Members) {
    write(layout.sortsNames ? members.pairs.sorted { $0.name.precedesInBytes($1.name) } : members.pairs)
  }

  private mutating func write(_ pairs: [Members.Pair]) {
    open("{")
    for index in pairs.indices {
      startItem(isFirst: index == pairs.startIndex)
      write(pairs[index].name)
      append(":")
      if layout.indentation != nil { append(" ") }
      write(pairs[index].value)
    }
    close("}", isEmpty: pairs.isEmpty)
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    append(bracket)
    depth += 1
  }

  private mutating func close(_ bracket: Unicode.Scalar, isEmpty: Bool) {
    depth -= 1
    if !isEmpty { startLine() }
    append(bracket)
  }

  private mutating func startItem(isFirst: Bool) {
    if !isFirst { append(",") }
    startLine()
  }

  private mutating func startLine() {
    guard let indentation = layout.indentation else { return }
    append("\n")
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indentation))
  }

  private mutating func append(_ scalar: Unicode.Scalar) { output.append(UInt8(ascii: scalar)) }
  private mutating func append(text: String) { output.append(contentsOf: text.utf8) }
}

// MARK: - Strings

extension JSONWriter {
  /// Few strings need an escape, so the text is copied as a whole, looked over, and done again if it needs one.
  private mutating func write(_ string: String) {
    append("\"")
    let start = output.count
    append(text: string)
    if output[start...].contains(where: Self.needsEscape) {
      output.removeSubrange(start...)
      for byte in string.utf8 { writeEscaped(byte) }
    }
    append("\"")
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    guard Self.needsEscape(byte) else { return output.append(byte) }
    switch byte {
    case 0x08: append(text: "\\b")
    case 0x09: append(text: "\\t")
    case 0x0A: append(text: "\\n")
    case 0x0C: append(text: "\\f")
    case 0x0D: append(text: "\\r")
    case 0x20...: append(text: "\\\(Unicode.Scalar(byte))")
    default: append(text: (byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
    }
  }
}

extension String {
  /// Orders by bytes, as Go and etcd do; `<` orders by Unicode's rules.
  func precedesInBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
