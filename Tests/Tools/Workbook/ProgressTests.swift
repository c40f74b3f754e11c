import Foundation
import Testing
import Workbook

@testable import Learning

@Suite struct ProgressTests {
  @Test func whatIsSavedIsReadAgain() throws {
    let fixture = try Fixture()
    var progress = Progress()
    progress["2.1"] = Progress.Mark(result: .passing, isSolved: true, hints: 2)
    try progress.save(to: fixture.root)
    #expect(Progress.load(from: fixture.root, terminal: Paper().terminal) == progress)
    let text = try #require(fixture.text("exercises/progress.json"))
    #expect(text.contains("\"result\" : \"passing\""), "people read it too: \(text)")
  }

  @Test(arguments: ["", "{", "[]", "{\"exercises\": 3}", "\u{0}"])
  func aDamagedFileIsSetAsideWithASentence(_ damaged: String) throws {
    let fixture = try Fixture()
    try fixture.write("exercises/progress.json", damaged)
    let paper = Paper()
    #expect(Progress.load(from: fixture.root, terminal: paper.terminal) == Progress())
    #expect(paper.errors.contains("was damaged and is now exercises/progress.damaged.json"))
    #expect(fixture.text("exercises/progress.damaged.json") == damaged)
    try Progress().save(to: fixture.root)
    let second = Paper()
    _ = Progress.load(from: fixture.root, terminal: second.terminal)
    #expect(second.errors == "")
  }

  @Test func aPlaceThatCannotBeWrittenIsSaid() throws {
    let fixture = try Fixture()
    try fixture.write("exercises/progress.json/inside", "a folder stands in the way")
    let failure = #expect(throws: Failure.self) { try Progress().save(to: fixture.root) }
    #expect(failure?.description.contains("exercises/progress.json cannot be written") == true)
  }

  @Test func solvedOnceStaysSolved() throws {
    let chapter = try #require(try Fixture().catalogue.chapter("2"))
    var progress = Progress()
    progress["2.1"].hints = 2
    progress.enter(Verdict(chapter: chapter, results: ["2.1": .passing, "2.2": .failing([])]))
    progress.enter(Verdict(chapter: chapter, results: ["2.1": .unwritten]))
    #expect(progress["2.1"] == Progress.Mark(result: .unwritten, isSolved: true, hints: 2))
    #expect(progress["2.2"].result == .failing)
  }
}

@Suite struct LearnersCopyTests {
  private func copy(_ fixture: Fixture) throws -> LearnersCopy {
    try fixture.write("Tests/02-Sets/SetsTests.swift", "import Testing\n")
    return LearnersCopy(of: try #require(fixture.catalogue.chapter("2")), in: fixture.root)
  }
  private let sets = "exercises/02-sets/work/Sources/Sets.swift"

  @Test func theCopyHasStubsAndTests() throws {
    let fixture = try Fixture()
    try copy(fixture).make()
    #expect(fixture.text(sets) == Fixture.source.replacing("Set(sets).count", with: "unimplemented(\"2.1\", -1)"))
    #expect(
      fixture.text("exercises/02-sets/work/Sources/Unimplemented.swift")?.contains("struct Unimplemented") == true)
    #expect(fixture.text("exercises/02-sets/work/Tests/SetsTests.swift") == "import Testing\n")
    #expect(fixture.text("exercises/02-sets/work/Tests/extensions/Exercise2_2Tests.swift") == "import Testing\n")
    #expect(try copy(fixture).isUnwritten(#require(fixture.catalogue.exercise("2.1"))))
  }

  @Test func aSecondCallOverwritesNothing() throws {
    let fixture = try Fixture()
    try copy(fixture).make()
    try fixture.write(sets, "mine")
    try copy(fixture).make()
    #expect(fixture.text(sets) == "mine")
  }

  @Test func whatAnInterruptionLeftIsMadeAnew() throws {
    let fixture = try Fixture()
    try fixture.write("exercises/02-sets/work/notes.md", "mine")
    try fixture.write("exercises/02-sets/work.new/Old.swift", "half")
    try copy(fixture).make()
    #expect(try Files.names(in: copy(fixture).sources) == ["Sets.swift", "Unimplemented.swift"])
    #expect(!Files.exists(fixture.root.appending(path: "exercises/02-sets/work.new")))
    #expect(fixture.text("exercises/02-sets/work/notes.md") == "mine")
  }

  @Test func testsAreCopiedAnewAndUnchangedOnesNotTouched() throws {
    let fixture = try Fixture()
    try copy(fixture).make()
    let tests = fixture.root.appending(path: "exercises/02-sets/work/Tests")
    let before = Files.lastChange(in: tests)
    try copy(fixture).refreshTests()
    #expect(Files.lastChange(in: tests) == before)
    try fixture.write("exercises/02-sets/work/Tests/SetsTests.swift", "// nothing to fear")
    try fixture.write("exercises/02-sets/work/Tests/Mine.swift", "mine")
    try copy(fixture).refreshTests()
    #expect(fixture.text("exercises/02-sets/work/Tests/SetsTests.swift") == "import Testing\n")
    #expect(Files.names(in: tests) == ["SetsTests.swift", "extensions"])
  }

  @Test func aResetKeepsABackup() throws {
    let fixture = try Fixture()
    let copy = try copy(fixture)
    try copy.make()
    try fixture.write(sets, "mine")
    try fixture.write("exercises/02-sets/work/Sources/Help.swift", "my help")
    #expect(try copy.reset() == "exercises/02-sets/backups/1")
    #expect(fixture.text("exercises/02-sets/backups/1/Sets.swift") == "mine")
    #expect(fixture.text("exercises/02-sets/backups/1/Help.swift") == "my help")
    #expect(Files.names(in: copy.sources) == ["Sets.swift", "Unimplemented.swift"])
    #expect(try copy.reset() == "exercises/02-sets/backups/2")
    #expect(fixture.text("exercises/02-sets/backups/1/Sets.swift") == "mine")
  }

  @Test func oneExerciseGoesBackAlone() throws {
    let fixture = try Fixture()
    let copy = try copy(fixture)
    try copy.make()
    let mine = Fixture.source.replacing("Set(sets).count", with: "0").replacing("sets.min()", with: "sets.max()")
    try fixture.write(sets, mine)
    let backup = try copy.reset(#require(fixture.catalogue.exercise("2.1")))
    #expect(fixture.text(sets) == mine.replacing("    0\n", with: "    unimplemented(\"2.1\", -1)\n"))
    #expect(fixture.text("\(backup)/Sets.swift") == mine)
  }

  @Test func whereAFunctionCannotBeFoundNothingIsChanged() throws {
    let fixture = try Fixture()
    let copy = try copy(fixture)
    try copy.make()
    try fixture.write(sets, "mine")
    let (rebuild, extend) = (fixture.catalogue.exercise("2.1"), fixture.catalogue.exercise("2.2"))
    #expect(throws: Failure.self) { try copy.reset(#require(rebuild)) }
    #expect(throws: Failure.self) { try copy.reset(#require(extend)) }
    #expect(fixture.text(sets) == "mine")
    #expect(!Files.exists(fixture.root.appending(path: "exercises/02-sets/backups")))
  }
}
