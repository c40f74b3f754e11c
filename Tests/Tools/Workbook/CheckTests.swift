import Foundation
import Synchronization
import Testing
import Workbook

@testable import Learning

/// A check whose compiler and tests only pretend.
private struct Bench {
  let fixture: Fixture
  let copy: LearnersCopy
  let chapter: ChapterExercises

  init() throws {
    fixture = try Fixture()
    try fixture.write("Tests/02-Sets/SetsTests.swift", "import Testing\n")
    chapter = try #require(fixture.catalogue.chapter("2"))
    copy = LearnersCopy(of: chapter, in: fixture.root)
    try copy.make()
  }

  func write() throws { try fixture.write("exercises/02-sets/work/Sources/Sets.swift", Fixture.source) }

  /// `runs` answers one run of tests after the other: its events, what it printed, how it ended.
  func verdict(build: String? = nil, runs: [(events: Data, printed: String, end: Shell.End)] = []) throws -> Verdict {
    let rest = Mutex(runs)
    var check = Check(copy: copy)
    check.shell = { arguments, _, _, log, _ in
      guard arguments[1] == "test" else {
        try Files.write(Data((build ?? "").utf8), to: log)
        return build == nil ? .exited(0) : .exited(1)
      }
      let run = rest.withLock { $0.isEmpty ? (Data(), "", .exited(1)) : $0.removeFirst() }
      let place = try #require(arguments.firstIndex(of: "--event-stream-output-path"))
      try Files.write(run.0, to: URL(filePath: arguments[place + 1]))
      try Files.write(Data(run.1.utf8), to: log)
      return run.2
    }
    return try check.run()
  }

  func text(_ verdict: Verdict) -> String {
    let paper = Paper()
    VerdictText(verdict: verdict, copy: copy, terminal: paper.terminal).printAll()
    return paper.output
  }

  static func log(_ passing: [String], failing: [String: String] = [:], begun: String? = nil) -> Data {
    var log = TestLog()
    for test in passing { log.test(test) }
    for (test, message) in failing { log.test(test, failing: [message]) }
    if let begun { log.begin(begun) }
    return log.data(isComplete: begun == nil)
  }

  static let own = ["SetsTests/twinsCountOnce", "noneAreNone"]
}

@Suite struct CheckTests {
  @Test func whatIsNotWrittenIsCalledThat() throws {
    let bench = try Bench()
    let verdict = try bench.verdict(
      runs: [(Bench.log([], failing: ["SetsTests/twinsCountOnce": "twins", "noneAreNone": "none"]), "", .exited(1))])
    #expect(verdict.summary == "0 of 1 pass, 1 not written yet: 2.1")
    #expect(verdict.extensions == "0 of 1 extensions pass, open: 2.2")
    #expect(!verdict.isGreen)
    #expect(!bench.text(verdict).contains("twins"), "a failure that everybody expects is no news")
  }

  @Test func whenAllPassesTheRestOfTheChapterRunsToo() throws {
    let bench = try Bench()
    try bench.write()
    let verdict = try bench.verdict(runs: [
      (Bench.log(Bench.own), "", .exited(0)), (Bench.log(Bench.own + ["World/holds"]), "", .exited(0)),
    ])
    #expect(verdict.isGreen)
    #expect(
      bench.text(verdict) == """
        Chapter 2: 1 of 1 pass
          1 of 1 extensions pass
          1 other tests of the chapter pass too

        """)
  }

  @Test func aFailureElsewhereInTheChapterIsNotGreen() throws {
    let bench = try Bench()
    try bench.write()
    let verdict = try bench.verdict(runs: [
      (Bench.log(Bench.own), "", .exited(0)),
      (Bench.log(Bench.own, failing: ["World/holds": "the world has ended"]), "", .exited(1)),
    ])
    #expect(!verdict.isGreen)
    #expect(bench.text(verdict).contains("World/holds (Order.swift:36)\n    the world has ended\n"))
  }

  @Test func aFailingTestIsShownWithItsMessageAndTheWayToAHint() throws {
    let bench = try Bench()
    try bench.write()
    let verdict = try bench.verdict(
      runs: [(Bench.log(["noneAreNone"], failing: ["SetsTests/twinsCountOnce": "twins count once"]), "", .exited(1))])
    #expect(verdict.summary == "0 of 1 pass, 1 not right yet: 2.1")
    #expect(
      bench.text(verdict) == """
        Chapter 2: 0 of 1 pass, 1 not right yet: 2.1
          0 of 1 extensions pass, open: 2.2

        2.1 How many
          SetsTests/twinsCountOnce (Order.swift:36)
            twins count once
            Expectation failed: 1 == 2
          A hint: make hint EXERCISE=2.1

        """)
  }

  @Test func aTestThatDidNotRunIsNoPass() throws {
    let bench = try Bench()
    try bench.write()
    let verdict = try bench.verdict(runs: [(Bench.log(["noneAreNone"]), "", .exited(0))])
    #expect(!verdict.isRebuilt)
    #expect(bench.text(verdict).contains("SetsTests/twinsCountOnce\n    is not among the chapter's tests"))
  }

  @Test func anErrorOfTheCompilerIsShownWithItsLine() throws {
    let bench = try Bench()
    let file = "exercises/02-sets/work/Sources/Sets.swift"
    let verdict = try bench.verdict(
      build: """
        [3/9] Compiling Sets Sets.swift
        \(bench.fixture.root.path)/\(file):3:5: error: cannot find 'x' in scope [#Some]
        1 | public struct Sets {
          |     `- error: cannot find 'x' in scope
        \(bench.fixture.root.path)/\(file):3:5: error: cannot find 'x' in scope [#Some]
        """)
    #expect(!verdict.isGreen)
    #expect(
      bench.text(verdict) == """
        Chapter 2: does not compile yet

        \(file):3
          cannot find 'x' in scope
            unimplemented("2.1", -1)

        """)
  }

  @Test func testsThatNoLongerCompileSayWhatHasChanged() throws {
    let bench = try Bench()
    let verdict = try bench.verdict(
      build: "\(bench.fixture.root.path)/exercises/02-sets/work/Tests/SetsTests.swift:9:5: error: no member 'count'")
    #expect(bench.text(verdict).contains("Has a declaration changed its name or type?"))
    #expect(bench.text(verdict).contains("exercises/02-sets/work/Tests/SetsTests.swift:9: no member 'count'"))
  }

  @Test func aBuildThatFailsWithoutALineShowsItsEnd() throws {
    let bench = try Bench()
    #expect(bench.text(try bench.verdict(build: "error: no space left\n")).contains("  error: no space left\n"))
  }

  @Test func aTrapIsNamedAndTheOtherExercisesAreStillChecked() throws {
    let bench = try Bench()
    try bench.write()
    let printed = """
      Swift/Array.swift:10: Fatal error: Index out of range
      0 [ra] 0x1 Sets.count(_:) + 4 in x at \(bench.fixture.root.path)/exercises/02-sets/work/Sources/Sets.swift:3:9
      """
    let verdict = try bench.verdict(runs: [
      (Bench.log([], begun: "noneAreNone"), printed, .exited(1)),
      (Bench.log([], begun: "noneAreNone"), printed, .exited(1)),
      (Bench.log(Bench.own), "", .exited(0)),
    ])
    #expect(verdict.summary == "0 of 1 pass, 1 not right yet: 2.1")
    #expect(verdict.extensions == "1 of 1 extensions pass")
    let text = bench.text(verdict)
    #expect(text.contains("It traps, which ends all tests") == false)
    #expect(text.contains("Fatal error: Index out of range\n  at exercises/02-sets/work/Sources/Sets.swift:3:9"))
  }

  @Test func whoHasEndedBeforeATrapIsNotRunAgain() throws {
    let bench = try Bench()
    try bench.write()
    let verdict = try bench.verdict(runs: [(Bench.log(Bench.own, begun: "World/holds"), "", .exited(1))])
    #expect(verdict.isRebuilt)
    #expect(!verdict.isGreen, "the chapter's other tests have given no sign of life")
  }

  @Test func aLoopWithoutEndIsNamed() throws {
    let bench = try Bench()
    try bench.write()
    let verdict = try bench.verdict(runs: [
      (Bench.log([], begun: "noneAreNone"), "", .tookTooLong),
      (Bench.log([], begun: "noneAreNone"), "", .tookTooLong),
      (Bench.log(Bench.own), "", .exited(0)),
    ])
    #expect(bench.text(verdict).contains("stopped after 10 seconds. Is there a loop without an end?"))
  }
}

@Suite struct ShellTests {
  private let log = FileManager.default.temporaryDirectory.appending(path: "shell-\(UUID().uuidString).log")

  private func run(_ arguments: String..., seconds: Double = 20) throws -> Shell.End {
    try Shell.run(arguments, URL(filePath: "/"), ["WORD": "heard"], log, seconds)
  }

  @Test func whatAProgramPrintsIsInTheLog() throws {
    #expect(try run("sh", "-c", "echo $WORD; exit 3") == .exited(3))
    #expect(try String(contentsOf: log, encoding: .utf8) == "heard\n")
    try FileManager.default.removeItem(at: log)
  }

  @Test func aProgramThatDoesNotEndIsEnded() throws {
    #expect(try run("tail", "-f", "/dev/null", seconds: 0.2) == .tookTooLong)
    try FileManager.default.removeItem(at: log)
  }
}
