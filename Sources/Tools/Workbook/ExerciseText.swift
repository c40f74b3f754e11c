/// Reads an exercise's file.
struct ExerciseText {
  private(set) var exercise: Exercise
  private(set) var problems: [Problem]

  private static let keys = [
    "exercise", "kind", "title", "stars", "minutes", "teaches", "file", "function", "otherwise", "solution", "tests",
  ]

  /// `path` is the file's, from the root: exercises/02-replica-sets/2.1-who-goes-first.md.
  init(_ text: String, path: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      String($0.hasSuffix("\r") ? $0.dropLast() : $0)
    }
    var matter = FrontMatter(lines, file: path)
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    exercise = Exercise(
      number: matter.text("exercise"), kind: Self.kind(&matter, folder: folder), title: matter.text("title"),
      stars: matter.number("stars", in: 1...5), minutes: matter.number("minutes", in: 1...600),
      teaches: matter.text("teaches"), tests: Self.tests(&matter), task: "", hints: [], path: path)
    for (key, entry) in matter.entries.sorted(by: { $0.value.line < $1.value.line }) where !Self.keys.contains(key) {
      matter.complain(entry.line, "says \(key), which no exercise has; it has \(Self.keys.joined(separator: ", "))")
    }
    Self.compareWithName(exercise.number, &matter, path: path)
    problems = matter.problems
    readBody(lines, from: matter.end)
  }

  private static func kind(_ matter: inout FrontMatter, folder: String) -> Exercise.Kind {
    let kind = matter.text("kind")
    let isExtend = kind == "extend"
    if !["rebuild", "extend", ""].contains(kind) {
      matter.complain(matter.line("kind"), "kind is \(kind); it is rebuild or extend")
    }
    for key in isExtend ? ["file", "function", "otherwise"] : ["solution"] where matter.entries[key] != nil {
      matter.complain(
        matter.line(key), "says \(key), which only \(isExtend ? "a rebuild" : "an extend") exercise has; delete it")
    }
    if isExtend { return .extend(solution: "\(folder)/\(matter.text("solution"))") }
    let otherwise = matter.entries["otherwise"]?.value
    if otherwise == "" {
      matter.complain(matter.line("otherwise"), "otherwise says nothing; give an expression, or delete the line")
    }
    return .rebuild(
      Exercise.Function(file: matter.text("file"), declaration: matter.text("function"), otherwise: otherwise))
  }

  private static func tests(_ matter: inout FrontMatter) -> [TestName] {
    let items = matter.entries["tests"]?.items ?? []
    if items.isEmpty {
      matter.complain(matter.line("tests"), "names no tests; list them under tests: as `  - Suite/test`")
    }
    var names: [TestName] = []
    for (line, text) in items {
      if let name = TestName(text) {
        if names.contains(name) { matter.complain(line, "names \(name) twice; keep one") }
        names.append(name)
      } else {
        matter.complain(line, "\(text) is no test; write Suite/test, or the function's name alone")
      }
    }
    return names
  }

  private static func compareWithName(_ number: String, _ matter: inout FrontMatter, path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if !number.isEmpty, !name.hasPrefix("\(number)-") {
      matter.complain(
        matter.line("exercise"), "is exercise \(number), but its file is not; name the file \(number)-….md")
    }
  }

  private mutating func complain(_ line: Int, _ message: String) {
    problems.append(Problem(file: exercise.path, line: line, message: message))
  }

  /// The heading, the task, and the folded hints.
  private mutating func readBody(_ lines: [String], from start: Int) {
    let heading = "# \(exercise.number) \(exercise.title)"
    guard let first = lines.indices.dropFirst(start).first(where: { !lines[$0].isBlank }), lines[first] == heading
    else {
      complain(start + 1, "the text does not begin with the line `\(heading)`; number and title stand there again")
      return
    }
    var task: [String] = []
    var index = first + 1
    while index < lines.count {
      guard lines[index].hasPrefix("<details>") else {
        if exercise.hints.isEmpty {
          task.append(lines[index])
        } else if !lines[index].isBlank {
          complain(index + 1, "stands after the hints; the task comes first, and the file ends with the hints")
        }
        index += 1
        continue
      }
      index = readHint(lines, at: index)
    }
    exercise.task = task.paragraphs
    if exercise.task.isEmpty { complain(first + 1, "has no task; say below the heading what is to be written") }
    if exercise.hints.count != 3 {
      complain(
        lines.count, "has \(exercise.hints.count) hints; three are needed: a question, a pointer, almost the answer")
    }
  }

  /// Reads the hint that opens at a line, and returns the line after it.
  private mutating func readHint(_ lines: [String], at start: Int) -> Int {
    let opening = "<details><summary>Hint \(exercise.hints.count + 1): "
    let title = lines[start].dropFirst("<details><summary>".count)
    if !lines[start].hasPrefix(opening) || !title.hasSuffix("</summary>") {
      complain(start + 1, "should be `\(opening)…</summary>`")
    }
    guard let end = lines[start...].firstIndex(of: "</details>") else {
      complain(start + 1, "opens a hint that does not end; close it with a line </details>")
      return lines.count
    }
    let text = Array(lines[start + 1..<end]).paragraphs
    if text.isEmpty { complain(start + 1, "is a hint that says nothing") }
    exercise.hints.append(Exercise.Hint(title: String(title.dropLast("</summary>".count)), text: text))
    return end + 1
  }
}

extension [String] {
  /// The lines as one text, without blank ones at either end.
  fileprivate var paragraphs: String {
    let start = drop(while: \.isBlank)
    return start.reversed().drop(while: \.isBlank).reversed().joined(separator: "\n")
  }
}
