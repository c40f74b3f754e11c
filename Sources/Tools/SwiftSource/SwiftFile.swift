/// A Swift file as text, with as much structure as it takes to find functions and change them: no syntax library, so
/// that what keeps the workbook in order builds in seconds. It reads files that compile and that `swift format` has laid
/// out; of others it finds what it can.
public struct SwiftFile: Sendable {
  public let text: String
  /// The file's UTF-8; ranges of bytes are places in it.
  public let bytes: [UInt8]
  let marks: [Marks.Mark]
  public let tokens: Tokens
  /// Functions, initialisers and accessors that have a body, in the order of the file. Those inside the body of
  /// another are part of that one.
  public let functions: [Function]
  private let lines: LineIndex

  public init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    marks = Marks.of(bytes)
    lines = LineIndex(bytes)
    tokens = Tokens(bytes: bytes, all: Token.all(in: bytes, marks))
    var finder = Finder(tokens, lines)
    functions = finder.functions()
  }

  public subscript(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The line of a byte, counted from 1.
  public func line(at offset: Int) -> Int { lines.line(at: offset) }

  /// A line without its surrounding blanks, counted from 1.
  public func trimmedLine(_ number: Int) -> String {
    guard lines.starts.indices.contains(number - 1) else { return "" }
    let end = number < lines.starts.count ? lines.starts[number] : bytes.count
    return self[lines.starts[number - 1]..<end].trimmed
  }

  /// The blanks that a line begins with.
  public func indentation(ofLine number: Int) -> String {
    guard lines.starts.indices.contains(number - 1) else { return "" }
    let blanks = bytes[lines.starts[number - 1]...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return String(decoding: blanks, as: UTF8.self)
  }

  /// Each line without comments and without the text of literals, for rules about code. An empty literal stands for
  /// each; the number of lines stays.
  public var codeLines: [String] {
    var lines: [String] = []
    var line: [UInt8] = []
    var before = Marks.Mark.code
    for (byte, mark) in zip(bytes, marks) {
      if byte == UInt8(ascii: "\n") {
        lines.append(String(decoding: line, as: UTF8.self))
        line = []
      } else if mark == .code {
        line.append(byte)
      } else if mark == .literal, before != .literal {
        line += Array("\"\"".utf8)
      }
      before = mark
    }
    return lines + [String(decoding: line, as: UTF8.self)]
  }

  /// The text with other words in the place of some. The ranges do not overlap.
  public func replacing(_ changes: [(range: Range<Int>, with: String)]) -> String {
    var result: [UInt8] = []
    var end = 0
    for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      result += bytes[end..<change.range.lowerBound]
      result += Array(change.with.utf8)
      end = change.range.upperBound
    }
    return String(decoding: result + bytes[end...], as: UTF8.self)
  }

  /// The text with one function's body replaced by these lines, laid out as `swift format` would.
  public func replacingBody(of function: Function, with lines: [String]) -> String {
    let outer = indentation(ofLine: line(at: function.start))
    let body = lines.map { $0.isEmpty ? "\n" : "\n\(outer)  \($0)" }.joined()
    return replacing([(function.body, "\(body)\n\(outer)")])
  }

  public func replacingBody(of function: Function, with line: String) -> String {
    replacingBody(of: function, with: [line])
  }
}

extension String {
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
