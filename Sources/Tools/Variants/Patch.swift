public import Workbook

/// A unified diff, with what may stand above it: lines of `Name: text`.
public struct Patch: Sendable {
  public let path: String
  public private(set) var head: [String: String] = [:]
  private var files: [FilePatch] = []

  private struct FilePatch {
    /// From the repository's root.
    var path: String
    var isNew: Bool
    var hunks: [Hunk] = []
  }

  private struct Hunk {
    /// Its line in the patch.
    var line: Int
    /// Where it was made, counted from 0.
    var start: Int
    var old: [Substring] = []
    var new: [Substring] = []
  }

  /// The files that it changes.
  public var changedFiles: [String] { files.map(\.path) }

  /// `path` names the patch in what is said about it.
  public init(_ text: String, path: String) throws(Problem) {
    self.path = path
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if line.hasPrefix("--- ") {
        try readFile(lines, &index)
      } else if line.hasPrefix("@@") {
        try readHunk(lines, &index)
      } else {
        if files.isEmpty, let colon = line.firstRange(of: ": "), !line.hasPrefix("diff ") {
          head[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
        }
        index += 1
      }
    }
    guard !files.isEmpty else { throw problem(1, "holds no change; make it with: git diff -- Sources") }
  }

  private func problem(_ line: Int, _ message: String) -> Problem { Problem(file: path, line: line, message: message) }

  private mutating func readFile(_ lines: [Substring], _ index: inout Int) throws(Problem) {
    guard index + 1 < lines.count, lines[index + 1].hasPrefix("+++ ") else {
      throw problem(index + 1, "lacks the line +++ b/Sources/… below this one")
    }
    let old = lines[index].dropFirst(4).prefix { $0 != "\t" }
    let new = lines[index + 1].dropFirst(4).prefix { $0 != "\t" }
    guard new.hasPrefix("b/Sources/"), old.hasPrefix("a/Sources/") || old == "/dev/null" else {
      throw problem(
        index + 1,
        "must change files as a/Sources/… and b/Sources/…, and delete none; make it with: git diff -- Sources")
    }
    files.append(FilePatch(path: String(new.dropFirst(2)), isNew: old == "/dev/null"))
    index += 2
  }

  private mutating func readHunk(_ lines: [Substring], _ index: inout Int) throws(Problem) {
    let first = index
    guard let match = lines[index].prefixMatch(of: /@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/),
      let start = Int(match.output.1), !files.isEmpty
    else { throw problem(index + 1, "is not the head of a change: @@ -12,7 +12,8 @@") }
    var (oldLeft, newLeft) = (Int(match.output.2 ?? "1") ?? 1, Int(match.output.3 ?? "1") ?? 1)
    var hunk = Hunk(line: index + 1, start: oldLeft == 0 ? start : start - 1)
    index += 1
    while oldLeft > 0 || newLeft > 0 {
      guard index < lines.count else { throw problem(first + 1, "has fewer lines than this head says") }
      let line = lines[index]
      switch line.first {
      case "-":
        hunk.old.append(line.dropFirst())
        oldLeft -= 1
      case "+":
        hunk.new.append(line.dropFirst())
        newLeft -= 1
      case " ", nil:
        hunk.old.append(line.dropFirst())
        hunk.new.append(line.dropFirst())
        oldLeft -= 1
        newLeft -= 1
      case "\\": break
      default:
        throw problem(index + 1, "begins with neither a blank nor + nor -, or the head above it counts wrongly")
      }
      index += 1
    }
    files[files.count - 1].hunks.append(hunk)
  }

  /// The texts of the files that it changes, changed. `text` gives those of the repository, nil for what is not there.
  public func applied(to text: (String) -> String?) throws(Problem) -> [String: String] {
    var result: [String: String] = [:]
    for file in files {
      guard let old = result[file.path] ?? (file.isNew ? "" : text(file.path)) else {
        throw problem(1, "changes \(file.path), which does not exist")
      }
      var lines = old.split(separator: "\n", omittingEmptySubsequences: false)
      var shift = 0
      for hunk in file.hunks {
        guard let place = Self.place(of: hunk.old, in: lines, near: hunk.start + shift) else {
          throw problem(
            hunk.line,
            "does not fit \(file.path) any more; change the file, take git diff -- Sources, and undo the change")
        }
        lines.replaceSubrange(place..<place + hunk.old.count, with: hunk.new)
        shift = place - hunk.start + hunk.new.count - hunk.old.count
      }
      result[file.path] = lines.joined(separator: "\n")
    }
    return result
  }

  /// Where these lines stand, the nearest such place to the one where they were.
  private static func place(of old: [Substring], in lines: [Substring], near start: Int) -> Int? {
    let last = lines.count - old.count
    guard last >= 0 else { return nil }
    for distance in 0...max(lines.count, start) {
      for place in [start - distance, start + distance] where place >= 0 && place <= last {
        if lines[place..<place + old.count].elementsEqual(old) { return place }
      }
    }
    return nil
  }
}
