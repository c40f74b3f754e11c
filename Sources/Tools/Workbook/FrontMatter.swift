/// The lines between two `---` at the head of an exercise: `key: value`, and lists of `  - item` under a bare key.
///
/// Values are plain text up to the end of the line; nothing is quoted, so a Swift expression can stand there as it is.
struct FrontMatter {
  struct Entry {
    var line: Int
    var value: String
    /// Items with their lines.
    var items: [(line: Int, text: String)] = []
  }

  private(set) var entries: [String: Entry] = [:]
  private(set) var problems: [Problem] = []
  /// The first line after it, counted from 0.
  private(set) var end = 0
  private let file: String

  init(_ lines: [String], file: String) {
    self.file = file
    guard lines.first == "---", let last = lines.dropFirst().firstIndex(of: "---") else {
      complain(1, "has no front matter; begin the file with ---, the fields, and --- again")
      return
    }
    end = last + 1
    var open: String?
    for index in 1..<last {
      open = read(lines[index], number: index + 1, under: open)
    }
  }

  /// Takes one line in, and returns the key whose list may go on in the next.
  private mutating func read(_ line: String, number: Int, under open: String?) -> String? {
    if line.isBlank { return open }
    if line.hasPrefix("  - ") {
      guard let open else {
        complain(number, "is an item of no list; a list begins with its key alone, like tests:")
        return nil
      }
      entries[open]?.items.append((number, line.dropFirst(4).trimmed))
      return open
    }
    guard let colon = line.firstIndex(of: ":"), line.first != " " else {
      complain(number, "is neither `key: value` nor an item of a list, which begins with two spaces and a dash")
      return nil
    }
    let key = String(line[..<colon])
    if entries[key] != nil {
      complain(number, "says \(key) a second time; keep one of the two")
      return nil
    }
    let value = line[line.index(after: colon)...].trimmed
    entries[key] = Entry(line: number, value: value)
    return value.isEmpty ? key : nil
  }

  mutating func complain(_ line: Int, _ message: String) {
    problems.append(Problem(file: file, line: line, message: message))
  }

  /// The value of a key that must be there.
  mutating func text(_ key: String) -> String {
    guard let entry = entries[key], !entry.value.isEmpty else {
      complain(entries[key]?.line ?? 1, "does not say \(key); add a line `\(key): …` to the front matter")
      return ""
    }
    return entry.value
  }

  mutating func number(_ key: String, in range: ClosedRange<Int>) -> Int {
    let text = text(key)
    if text.isEmpty { return range.lowerBound }
    guard let number = Int(text), range.contains(number) else {
      complain(line(key), "\(key) is \(text); give a number from \(range.lowerBound) to \(range.upperBound)")
      return range.lowerBound
    }
    return number
  }

  func line(_ key: String) -> Int { entries[key]?.line ?? 1 }
}

extension StringProtocol {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
