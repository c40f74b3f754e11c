import Foundation
import Synchronization
public import Workbook

extension Command {
  /// Whether each exercise fails tests of its own while it is not written, and no other exercise's; whether those that
  /// ask for new behaviour fail without their solution and pass with it.
  public static let stubs = Command(
    "stubs", takes: "[CHAPTER] [--update]",
    "does each exercise fail its own tests, and only those, until it is written?"
  ) { call in
    let catalogue = Catalogue(repository: call.root)
    let names = try catalogue.chosen(call.arguments.words.first).map(\.name)
    var answers = Answers(catalogue)
    let runner = try answers.build(call.terminal)
    var problems = answers.problems
    for chapter in answers.chapters where names.contains(chapter.name) {
      var check = StubCheck(chapter: chapter, emptied: answers.emptied.filter { $0.chapter == chapter })
      try check.run(runner, catalogue, call.terminal)
      problems += check.problems
      problems += try check.compareMatrix(catalogue, update: call.arguments.has("--update"), call.terminal)
    }
    var solutions = Solutions(catalogue, chapters: answers.chapters)
    try solutions.run(checking: names, call.terminal)
    problems += solutions.problems
    return call.terminal.conclude(problems, "every exercise fails its own tests and no other's until it is written")
  }
}

extension Terminal {
  /// Lists what is to be mended, or says that all is well; gives the exit status.
  func conclude(_ problems: [Problem], _ good: String) -> Int32 {
    for problem in problems { complain("\(problem)") }
    if problems.isEmpty { print(good) } else { complain("\(problems.count) to mend") }
    return problems.isEmpty ? 0 : 1
  }
}

/// What fails in one chapter while its exercises are not written.
struct StubCheck {
  let chapter: ChapterExercises
  let emptied: [Answers.Emptied]
  private(set) var problems: [Problem] = []
  /// For each exercise the tests that fail.
  private var matrix: [(exercise: Exercise, failed: Set<TestName>)] = []

  init(chapter: ChapterExercises, emptied: [Answers.Emptied]) {
    self.chapter = chapter
    self.emptied = emptied
  }

  /// Nothing in a chapter's tests takes longer by itself.
  static let seconds = 300

  private mutating func complain(_ exercise: Exercise, _ message: String) {
    problems.append(Problem(file: exercise.path, line: 1, message: message))
  }

  mutating func run(_ runner: TestRunner, _ catalogue: Catalogue, _ terminal: Terminal) throws {
    let module = "\(chapter.module)Tests"
    let extensions = chapter.exercises.filter { $0.solution != nil }
    let own = Set(extensions.flatMap(\.tests))
    terminal.print("\(chapter.name): \(emptied.count) exercises to write, \(extensions.count) to extend")
    let whole = try runner.run(module, seconds: Self.seconds)
    let failing = Set(whole.failed.map(\.test))
    guard whole.hasFinished else {
      throw Failure("\(module) does not come to an end (\(whole.ending)):\n\(whole.lastWords)")
    }
    for test in failing.subtracting(own).sorted() {
      problems.append(
        Problem(
          file: "Tests/\(chapter.folder)", line: 1,
          message: "\(test) fails although nothing is missing; an extend exercise whose test it is must list it"))
    }
    compareNames(with: Set(whole.tests))
    for exercise in extensions where failing.isDisjoint(with: exercise.tests) {
      complain(exercise, "all its tests pass without its solution; the tests must ask for the new behaviour")
    }
    let reports = try concurrently(emptied) { [chapter] one in
      let report = try runner.run("\(chapter.module)Tests", variant: one.variant, seconds: Self.seconds)
      terminal.print("      \(one.exercise.number) \(one.exercise.title): \(report.failed.count) tests fail")
      return report
    }
    for (one, report) in zip(emptied, reports) { judge(one.exercise, report, without: failing) }
  }

  private mutating func compareNames(with known: Set<TestName>) {
    for exercise in chapter.exercises {
      for test in exercise.tests where !known.contains(test) {
        complain(exercise, "\(test) is no test of Tests/\(chapter.folder) or of \(chapter.path)/extensions")
      }
    }
  }

  private mutating func judge(_ exercise: Exercise, _ report: TestRunner.Report, without known: Set<TestName>) {
    guard report.hasFinished else {
      let how = report.ending == .timedOut ? "the tests hang" : "the tests crash"
      complain(exercise, "while it is not written, \(how); choose another `otherwise`, or another function")
      return
    }
    let failed = Set(report.failed.map(\.test)).subtracting(known)
    matrix.append((exercise, failed))
    if failed.isDisjoint(with: exercise.tests) {
      complain(exercise, "while it is not written, none of its own tests fails; name or write one that does")
    }
    for other in chapter.exercises where other.number != exercise.number && other.solution == nil {
      for test in other.tests.filter(failed.contains) {
        complain(
          other,
          "its own test \(test) fails also while \(exercise.number) is not written; make the test smaller, or "
            + "leave it out of the list")
      }
    }
  }

  // MARK: The matrix

  /// One paragraph an exercise: its failing tests, its own marked.
  var matrixText: String {
    let head = "# What fails while an exercise is not written; * marks its own tests. Made by: make stubs UPDATE=1\n"
    return matrix.reduce(into: head) { text, row in
      text += "\n\(row.exercise.number) \(row.exercise.title)\n"
      for test in row.failed.sorted() { text += "\(row.exercise.tests.contains(test) ? "*" : " ") \(test)\n" }
    }
  }

  func compareMatrix(_ catalogue: Catalogue, update: Bool, _ terminal: Terminal) throws -> [Problem] {
    let path = "\(chapter.path)/matrix.txt"
    let old = catalogue.text(of: path) ?? ""
    let new = matrixText
    if old == new || matrix.isEmpty && old.isEmpty { return [] }
    if update {
      try new.write(to: catalogue.root.appending(path: path), atomically: true, encoding: .utf8)
      terminal.print("      wrote \(path)")
      return []
    }
    let (before, after) = (old.split(separator: "\n"), new.split(separator: "\n"))
    let line = zip(before, after).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    return [
      Problem(
        file: path, line: (line ?? min(before.count, after.count)) + 1,
        message: "differs from what fails today; look at it with: make stubs UPDATE=1 and git diff")
    ]
  }
}

extension TestRunner.Report {
  /// The tests came to their end, well or not.
  var hasFinished: Bool {
    if case .exited = ending { !tests.isEmpty } else { false }
  }
}

extension Catalogue {
  func chosen(_ name: String?) throws -> [ChapterExercises] {
    guard let name else { return chapters }
    guard let chapter = chapter(name) else { throw Failure.unknownChapter(name, in: self) }
    return [chapter]
  }
}
