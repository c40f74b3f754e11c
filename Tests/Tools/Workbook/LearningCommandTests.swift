import Foundation
import Testing
import Workbook

@testable import Learning

/// Runs one command in a fixture.
private func run(_ command: Command, _ words: String..., in fixture: Fixture) -> (
  status: Int32, output: String, errors: String
) {
  let paper = Paper()
  let table = CommandTable(program: "workbook", commands: [command])
  try? fixture.write("Package.swift", "")
  let status = table.run([command.name] + words, from: fixture.root, terminal: paper.terminal)
  return (status, paper.output, paper.errors)
}

@Suite struct ExerciseCommandTests {
  @Test func theCopyIsMadeOnceAndThenLeftAlone() throws {
    let fixture = try Fixture()
    #expect(run(.exercise, "2", in: fixture).output.contains("  2.1 How many: Sets.swift, 20 minutes\n"))
    try fixture.write("exercises/02-sets/work/Sources/Sets.swift", "mine")
    let second = run(.exercise, "2", in: fixture)
    #expect(second.status == 0)
    #expect(second.output.hasPrefix("exercises/02-sets/work is there already and stays as it is.\n"))
    #expect(fixture.text("exercises/02-sets/work/Sources/Sets.swift") == "mine")
  }

  @Test func whatIsWrongIsSaidBeforeAnythingIsDone() throws {
    let fixture = try Fixture()
    #expect(run(.exercise, "7", in: fixture).errors == "workbook exercise: there is no chapter 7; there are 2\n")
    #expect(run(.check, "2", in: fixture).errors.contains("make it with: make exercise CHAPTER=2"))
    try fixture.write("exercises/02-sets/2.2-canary.md", "nothing")
    #expect(run(.exercise, "2", in: fixture).errors.contains("exercises/02-sets/2.2-canary.md:1: has no front matter"))
    #expect(!Files.exists(fixture.root.appending(path: "exercises/02-sets/work")))
  }
}

@Suite struct HintCommandTests {
  @Test func eachCallShowsTheNextHint() throws {
    let fixture = try Fixture()
    #expect(
      run(.hint, "2.1", in: fixture).output
        == "2.1 How many. Hint 1: a question\n\nWhat holds a thing only once?\n\n2 more hints.\n")
    #expect(run(.hint, "2.1", in: fixture).output.contains("Hint 2: a pointer"))
    #expect(run(.hint, "2.2", in: fixture).output.contains("Hint 1: a question"), "each exercise counts its own")
    let third = run(.hint, "2.1", in: fixture).output
    #expect(third.contains("Hint 3: almost the answer"))
    #expect(!third.contains("more hint"))
    let fourth = run(.hint, "2.1", in: fixture).output
    #expect(fourth.contains("Hint 1") && fourth.contains("Hint 3") && fourth.contains("These are all hints"))
  }

  @Test func allHintsCanBeHadAtOnce() throws {
    let fixture = try Fixture()
    let all = run(.hint, "2.1", "--all", in: fixture).output
    #expect(["Hint 1", "Hint 2", "Hint 3"].allSatisfy(all.contains))
    #expect(Progress.load(from: fixture.root, terminal: Paper().terminal)["2.1"].hints == 3)
  }

  @Test func anExerciseThatDoesNotExistIsAnsweredWithThoseThatDo() throws {
    let found = run(.hint, "2.9", in: try Fixture())
    #expect(found.status == 1)
    #expect(found.errors == "workbook hint: there is no exercise 2.9; chapter 2 has 2.1, 2.2\n")
  }
}

@Suite struct SolutionCommandTests {
  private let ours = """
    Sources/02-Sets/Sets.swift:2

      public static func count(_ sets: [String]) -> Int {
        Set(sets).count
      }

    """

  @Test func itIsShownOnlyAfterwards() throws {
    let fixture = try Fixture()
    let early = run(.solution, "2.1", in: fixture)
    #expect(early.status == 1)
    #expect(early.errors.contains("yours has not passed yet") && early.output.isEmpty)
    var progress = Progress()
    progress["2.1"].isSolved = true
    try progress.save(to: fixture.root)
    #expect(run(.solution, "2.1", in: fixture).output == ours)
    #expect(Progress.load(from: fixture.root, terminal: Paper().terminal) == progress)
  }

  @Test func peekingIsPossibleAndRemembered() throws {
    let fixture = try Fixture()
    #expect(run(.solution, "2.1", "--peek", in: fixture).output == ours)
    #expect(Progress.load(from: fixture.root, terminal: Paper().terminal)["2.1"].sawSolution)
    #expect(
      run(.solution, "2.2", "--peek", in: fixture).output
        == "exercises/02-sets/2.2-canary.patch\n\n--- a/x\n+++ b/x\n\n")
  }
}

@Suite struct StatusCommandTests {
  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    var progress = Progress()
    progress["2.1"] = Progress.Mark(result: .passing, isSolved: true, hints: 2)
    progress["2.2"] = Progress.Mark(result: .failing)
    try progress.save(to: fixture.root)
    return fixture
  }

  @Test func wordsSayItWherePicturesAreNotSeen() throws {
    #expect(
      run(.status, in: try fixture()).output == """
        Chapter 2 Sets: 1 of 1 pass, and 0 of 1 extensions.
        1 of 2 exercises pass; 0.3 of 0.7 hours of work.
        Next: 2.2 How many, 20 minutes: exercises/02-sets/2.2-canary.md

        """)
    let chapter = run(.status, "2", in: try fixture()).output
    #expect(chapter.contains("passes, hints: 2\n") && chapter.hasSuffix("open\n"))
  }

  @Test func aPictureFitsIntoEightyColumns() throws {
    let fixture = try fixture()
    let paper = Paper()
    let screen = Terminal(isInteractive: true, output: paper.terminal.write, errors: { _ in })
    let status = Status(progress: Progress.load(from: fixture.root, terminal: screen), terminal: screen)
    status.print(fixture.catalogue)
    status.print(try #require(fixture.catalogue.chapter("2")))
    #expect(paper.output.contains("2 Sets            ●                       ◇               1 of 1\n"))
    let lines = paper.output.split(separator: "\n").filter { !$0.hasPrefix("Next") }
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines)")
  }
}

@Suite struct GradingTests {
  /// Tests pass for a module whose function counts with a Set.
  private func grade(_ learners: [String: [String: String]]) throws -> [LearnerGrade] {
    let fixture = try Fixture()
    try fixture.write("Tests/02-Sets/SetsTests.swift", "import Testing\n")
    for (name, files) in learners {
      try fixture.write("class/\(name)/mail.txt", "here it is")
      for (path, text) in files { try fixture.write("class/\(name)/\(path)", text) }
    }
    var grading = Grading(catalogue: fixture.catalogue)
    grading.shell = { arguments, root, environment, log, seconds in
      let work = try #require(environment["EXERCISE_WORK"])
      let module = try String(contentsOf: root.appending(path: "\(work)/Sources/Sets.swift"), encoding: .utf8)
      try Files.write(
        Data(module.contains("broken") ? "\(root.path)/\(work)/Sources/Sets.swift:7:1: error: broken".utf8 : "".utf8),
        to: log)
      guard arguments[1] == "test" else { return .exited(module.contains("broken") ? 1 : 0) }
      let place = try #require(arguments.firstIndex(of: "--event-stream-output-path"))
      var events = TestLog()
      for test in ["SetsTests/twinsCountOnce", "noneAreNone"] {
        events.test(test, failing: module.contains("Set(sets)") ? [] : ["no"])
      }
      let hangs = module.contains("hangs")
      try Files.write(events.data(isComplete: !hangs), to: URL(filePath: arguments[place + 1]))
      return hangs ? .tookTooLong : .exited(0)
    }
    var told: [String] = []
    let grades = try grading.grades(in: fixture.root.appending(path: "class")) { told.append($0.name) }
    #expect(told == learners.keys.sorted())
    return grades
  }

  private func text(_ grade: LearnerGrade) -> String {
    let paper = Paper()
    GradeText(terminal: paper.terminal).print(grade)
    return paper.output
  }

  @Test func theReferenceScoresAHundredAndNobodyStopsTheOthers() throws {
    let stub = Fixture.source.replacing("Set(sets).count", with: "unimplemented(\"2.1\", -1)")
    let grades = try grade([
      "ada": ["Sources/02-Sets/Sets.swift": Fixture.source],
      "bob": ["02-sets/work/Sources/Sets.swift": stub],
      "carl": ["exercises/02-sets/work/Sources/Sets.swift": "broken"],
      "dora": [:],
      "eve": ["02-Sets/Sets.swift": "hangs"],
      "finn": ["02-sets/Sources/Other.swift": "no Sets.swift at all"],
      "gil": ["02-sets/Sources/Sets.swift": Fixture.source.replacing("Set(sets)", with: "sets")],
    ])
    #expect(grades.map(\.score) == [100, 0, 0, 0, 0, 0, 0])
    #expect(text(grades[0]) == "ada: 100 %\n  chapter 2: 1 of 1, extensions: 2.2\n")
    #expect(text(grades[1]).contains("0 of 1, not written: 2.1"))
    #expect(text(grades[2]).contains("does not compile: exercises/02-sets/work/Sources/Sets.swift:7: broken"))
    #expect(text(grades[3]).contains("nothing handed in"))
    #expect(text(grades[4]).contains("0 of 1, not right: 2.1"))
    #expect(grades[5].chapters[0].problem != nil)
    #expect(text(grades[6]).contains("0 of 1, not right: 2.1"))
  }

  @Test func theReportIsJSONToo() throws {
    let grades = try grade(["ada": ["02-Sets/Sets.swift": Fixture.source]])
    let data = try JSONEncoder().encode(grades)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(object.first?["score"] as? Int == 100)
    #expect(object.first?["name"] as? String == "ada")
    #expect((object.first?["chapters"] as? [[String: Any]])?.first?["passing"] as? [String] == ["2.1"])
  }

  @Test func aFolderWithoutLearnersIsSaid() throws {
    let fixture = try Fixture()
    try fixture.write("class/readme.txt", "")
    #expect(run(.grade, fixture.root.appending(path: "class").path, in: fixture).errors.contains("nobody in"))
    #expect(run(.grade, "/nowhere/at/all", in: fixture).errors.contains("is no folder"))
  }
}
