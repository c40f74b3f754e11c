import Foundation
import Workbook

/// Builds a learner's module and runs the chapter's tests on it.
struct Check {
  let copy: LearnersCopy
  /// Where builds are kept, from the root.
  var scratch = ".build-chapter"
  var limits = Limits()
  /// Told what takes a while.
  var progress: (String) -> Void = { _ in }
  /// What runs the compiler and the tests.
  var shell = Shell.run

  struct Limits {
    var build = 1200.0
    /// For the exercises' own tests together; they take a second or two.
    var tests = 20.0
    /// For those of one exercise, once the tests together have broken off.
    var exercise = 10.0
    /// For all tests of the chapter.
    var chapter = 300.0
  }

  private var root: URL { copy.root }
  private var chapter: ChapterExercises { copy.chapter }

  func run() throws -> Verdict {
    try copy.refreshTests()
    if let errors = try build() { return Verdict(chapter: chapter, results: [:], errors: errors) }
    var verdict = Verdict(chapter: chapter, results: try results())
    if verdict.isRebuilt {
      progress("Every rebuilt function passes its own tests. Now all tests of the chapter …")
      verdict.rest = try chapterTests()
    }
    return verdict
  }

  // MARK: Building

  private var environment: [String: String] {
    [
      "CHAPTER": chapter.layer, "EXERCISE": chapter.number,
      "EXERCISE_WORK": copy.folder.path.replacing(root.path + "/", with: ""),
      // Whoever checks an exercise waits for the answer: 20,000 broken documents are enough, not a million.
      "SWIFTLET_FUZZ": "2000",
    ]
  }

  private func log(_ name: String) -> URL { root.appending(path: "\(scratch)/exercise-\(name)") }

  private func build() throws -> CompilerErrors? {
    if !Files.exists(root.appending(path: scratch)) {
      progress("Building the chapters up to \(chapter.number) for the first time: a minute or two …")
    }
    let log = log("build.log")
    let end = try shell(
      ["swift", "build", "--build-tests", "--scratch-path", scratch], root, environment, log, limits.build)
    if end == .exited(0) { return nil }
    if end == .tookTooLong {
      throw Failure("the build took more than \(Int(limits.build / 60)) minutes and was stopped")
    }
    return CompilerErrors(log: try String(contentsOf: log, encoding: .utf8), root: root.path)
  }

  // MARK: The exercises

  private func results() throws -> [String: Verdict.Result] {
    let run = try test(chapter.exercises.flatMap(\.tests), seconds: limits.tests)
    var results: [String: Verdict.Result] = [:]
    for exercise in chapter.exercises {
      if copy.isUnwritten(exercise) {
        results[exercise.number] = .unwritten
      } else if run.events.isComplete || exercise.tests.allSatisfy(run.events.hasEnded) {
        results[exercise.number] = result(of: exercise, in: run.events)
      } else {
        // Something has trapped or does not end, and took the others' tests along.
        progress("The tests have broken off; now those of \(exercise.number) alone …")
        let alone = try test(exercise.tests, seconds: limits.exercise, oneByOne: true)
        results[exercise.number] =
          alone.events.isComplete ? result(of: exercise, in: alone.events) : .brokeOff(alone.reason)
      }
    }
    return results
  }

  private func result(of exercise: Exercise, in events: TestEvents) -> Verdict.Result {
    let failures = exercise.tests.flatMap { test in
      switch events.tests[test] {
      case nil: [Verdict.Miss(test: test, issue: .init(place: "", message: "is not among the chapter's tests"))]
      case let outcome? where outcome.isSkipped:
        [Verdict.Miss(test: test, issue: .init(place: "", message: "is switched off"))]
      case let outcome?: outcome.issues.map { Verdict.Miss(test: test, issue: $0) }
      }
    }
    return failures.isEmpty ? .passing : .failing(failures)
  }

  private func chapterTests() throws -> Verdict.Rest {
    let own = Set(chapter.exercises.flatMap(\.tests))
    let run = try test([], seconds: limits.chapter)
    guard run.events.isComplete else { return .brokeOff(run.reason) }
    let others = run.events.tests.filter { !own.contains($0.key) }.sorted { $0.key < $1.key }
    let misses = others.flatMap { test, outcome in outcome.issues.map { Verdict.Miss(test: test, issue: $0) } }
    return misses.isEmpty ? .passing(others.count) : .failing(misses)
  }

  // MARK: Running tests

  struct Run {
    var events: TestEvents
    /// Why it broke off, if it did.
    var reason: String
  }

  /// Runs some tests, or all. One after the other, if it matters which of them breaks off.
  private func test(_ tests: [TestName], seconds: Double, oneByOne: Bool = false) throws -> Run {
    let events = log("tests.jsonl")
    try? FileManager.default.removeItem(at: events)
    let output = log("tests.log")
    let command = [
      "swift", "test", "--skip-build", "--disable-xctest", "--scratch-path", scratch, "--event-stream-output-path",
      events.path,
    ]
    let selection = (oneByOne ? ["--no-parallel"] : []) + tests.flatMap { ["--filter", filter($0)] }
    let end = try shell(command + selection, root, environment, output, seconds)
    let report = TestEvents((try? Data(contentsOf: events)) ?? Data())
    let printed = try String(contentsOf: output, encoding: .utf8)
    return Run(events: report, reason: reason(end, report, printed, seconds))
  }

  /// A pattern for the identifiers of tests: `Module.Suite/test(_:)/File.swift:27:4`.
  private func filter(_ test: TestName) -> String {
    let suite = test.suite.map { "[./]\($0)/" } ?? "\\."
    return "\(suite)\(test.function)\\("
  }

  private func reason(_ end: Shell.End, _ events: TestEvents, _ printed: String, _ seconds: Double) -> String {
    let during = events.unfinished.count == 1 ? events.unfinished.map { " in \($0)" }.joined() : ""
    if end == .tookTooLong {
      return "does not come to an end\(during): stopped after \(Int(seconds)) seconds. Is there a loop without an end?"
    }
    let lines = printed.split(separator: "\n")
    let trap = lines.first { $0.contains("Fatal error") }.map { "\n\($0.drop { $0 == " " })" } ?? ""
    let work = copy.folder.path.replacing(root.path + "/", with: "") + "/Sources/"
    let place = lines.first { $0.contains(work) && $0.contains(" at ") }.flatMap { line in
      line.range(of: work).map { "\nat \(work)\(line[$0.upperBound...])" }
    }
    return "traps\(during), which ends all tests\(trap)\(place ?? "")"
  }
}
