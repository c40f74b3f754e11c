import Foundation
import Workbook

/// A verdict as a learner reads it.
struct VerdictText {
  let verdict: Verdict
  let copy: LearnersCopy
  let terminal: Terminal

  /// How many tests of an exercise, and errors of a build, are shown; one is enough to go on with.
  private let most = 3

  private var chapter: ChapterExercises { verdict.chapter }
  private var work: String { chapter.work + "/Sources" }

  func printAll() {
    printSummary()
    if let errors = verdict.errors { return printErrors(errors) }
    for miss in verdict.misses { print(miss.exercise, miss.result) }
    if verdict.misses.isEmpty { printNext() }
    printRest()
  }

  /// The summary and one thing to do next.
  func printFirst() {
    printSummary()
    if let errors = verdict.errors { return printErrors(errors) }
    if let miss = verdict.misses.first { return print(miss.exercise, miss.result, atMost: 1) }
    printNext()
    printRest()
  }

  private func printSummary() {
    let line = "Chapter \(chapter.number): \(verdict.summary)"
    terminal.print(line, verdict.isRebuilt ? .green : .bold)
    if let extensions = verdict.extensions { terminal.print("  \(extensions)") }
  }

  private func printNext() {
    guard let next = chapter.exercises.first(where: { verdict.results[$0.number] == .unwritten }) else { return }
    terminal.print("\nNext: \(next.number) \(next.title)\n  \(place(of: next))\n  The task: \(next.path)")
  }

  private func place(of exercise: Exercise) -> String {
    guard let function = exercise.function else { return work }
    return "\(work)/\(function.file.dropFirst("Sources/\(chapter.folder)/".count))"
  }

  // MARK: Tests

  private func print(_ exercise: Exercise, _ result: Verdict.Result, atMost most: Int? = nil) {
    terminal.print("\n\(exercise.number) \(exercise.title)", .red)
    switch result {
    case .failing(let misses): print(misses, atMost: most ?? self.most)
    case .brokeOff(let reason): terminal.print(indented("It " + reason))
    case .passing, .unwritten: break
    }
    terminal.print("  A hint: make hint EXERCISE=\(exercise.number)")
  }

  /// One issue of each test: a test that goes through many cases says much the same of all.
  private func print(_ misses: [Verdict.Miss], atMost most: Int) {
    var tests: [TestName] = []
    for miss in misses where !tests.contains(miss.test) {
      tests.append(miss.test)
      guard tests.count <= most else { continue }
      terminal.print("  \(miss.test)" + (miss.issue.place.isEmpty ? "" : " (\(miss.issue.place))"))
      terminal.print(indented(miss.issue.message, by: 4))
      if let detail = miss.issue.detail { terminal.print(indented(detail, by: 4), .faint) }
    }
    if tests.count > most { terminal.print("  and \(tests.count - most) more of its tests") }
  }

  private func printRest() {
    switch verdict.rest {
    case nil: break
    case .passing(let count): terminal.print("  \(count) other tests of the chapter pass too")
    case .failing(let misses):
      terminal.print("\nThe exercises' own tests pass, and others of the chapter do not:", .red)
      print(misses, atMost: most)
    case .brokeOff(let reason):
      terminal.print("\nThe exercises' own tests pass, but the chapter's other tests break off:", .red)
      terminal.print(indented("The code " + reason))
    }
  }

  // MARK: The compiler

  private func printErrors(_ errors: CompilerErrors) {
    let own = errors.all.filter { $0.file.hasPrefix("\(chapter.path)/") && $0.file.contains("/Sources/") }
    for problem in own.prefix(most) {
      terminal.print("\n\(problem.file):\(problem.line)", .red)
      terminal.print("  \(problem.message)")
      if let line = line(of: problem) { terminal.print("    \(line)", .faint) }
    }
    if own.count > most {
      terminal.print("\nand \(own.count - most) more errors; the first ones often cause the others")
    }
    if !own.isEmpty { return }
    if let first = errors.all.first {
      terminal.print(
        "\nYour module compiles alone, but what uses it does not. Has a declaration changed its name or type?")
      for problem in errors.all.prefix(most) { terminal.print("  \(problem.file):\(problem.line): \(problem.message)") }
      if first.file.hasPrefix("Sources/") { terminal.print("  Sources itself may have been edited: see git status.") }
    } else {
      terminal.print("\nThe build failed without naming a line. It ended with:")
      for line in errors.tail { terminal.print("  \(line)") }
    }
  }

  private func line(of problem: Problem) -> String? {
    let text = try? String(contentsOf: copy.root.appending(path: problem.file), encoding: .utf8)
    let lines = text?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    guard lines.indices.contains(problem.line - 1) else { return nil }
    return String(lines[problem.line - 1].drop { $0 == " " })
  }

  private func indented(_ text: String, by spaces: Int = 2) -> String {
    let space = String(repeating: " ", count: spaces)
    return text.split(separator: "\n").map { space + $0 }.joined(separator: "\n")
  }
}
