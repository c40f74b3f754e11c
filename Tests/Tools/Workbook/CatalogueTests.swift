import Foundation
import SwiftSource
import Testing
import Workbook

@Suite struct CatalogueTests {
  @Test func aRebuildExerciseIsReadCompletely() throws {
    let catalogue = try Fixture().catalogue
    let exercise = try #require(catalogue.exercise("2.1"))
    #expect(catalogue.problems == [])
    #expect(
      exercise.kind
        == .rebuild(
          Exercise.Function(
            file: "Sources/02-Sets/Sets.swift", declaration: "public static func count(", otherwise: "-1")))
    #expect(exercise.title == "How many")
    #expect(exercise.stars == 2)
    #expect(exercise.minutes == 20)
    #expect(exercise.teaches == "counting what differs")
    #expect(exercise.tests.map(\.description) == ["SetsTests/twinsCountOnce", "noneAreNone"])
    #expect(exercise.task == "Count the sets.\n\nTwins count once.")
    #expect(exercise.hints.map(\.title) == ["Hint 1: a question", "Hint 2: a pointer", "Hint 3: almost the answer"])
    #expect(exercise.hints.last?.text == "```swift\nSet(sets)\n```")
  }

  @Test func anExtendExerciseNamesItsPatch() throws {
    let exercise = try #require(try Fixture().catalogue.exercise("2.2"))
    #expect(exercise.solution == "exercises/02-sets/2.2-canary.patch")
    #expect(exercise.function == nil)
  }

  @Test(arguments: ["2", "02", "002", "02-sets"]) func aChapterIsFoundByWhatPeopleType(_ text: String) throws {
    let chapter = try #require(try Fixture().catalogue.chapter(text))
    #expect(chapter.number == "2")
    #expect(chapter.module == "Sets")
    #expect(chapter.exercises.map(\.number) == ["2.1", "2.2"])
  }

  @Test func theTextsOfChapterZeroHaveLetters() throws {
    let fixture = try Fixture()
    try fixture.write("Sources/00a-Objects/Value.swift", "")
    try fixture.write("chapters/00a-objects.md", "")
    let chapter = try #require(fixture.catalogue.chapter("0a"))
    #expect(fixture.catalogue.chapter("00a") == chapter)
    #expect(chapter.number == "0a")
    #expect(chapter.layer == "0")
    #expect(fixture.catalogue.chapter("0") == nil)
    #expect(fixture.catalogue.chapters.map(\.number) == ["0a", "2"])
  }

  /// What is changed in the file of 2.1, and the complaint that this must cause.
  @Test(arguments: [
    ("---\nexercise", "exercise", "1: has no front matter; begin the file with ---, the fields, and --- again"),
    ("title: How many\n", "", "1: does not say title; add a line `title: …` to the front matter"),
    ("stars: 2", "stars: many", "5: stars is many; give a number from 1 to 5"),
    ("stars: 2", "stars: 6", "5: stars is 6; give a number from 1 to 5"),
    ("minutes: 20", "minutes: 20\nminutes: 30", "7: says minutes a second time; keep one of the two"),
    ("minutes: 20", "minutes 20", "6: is neither `key: value` nor an item of a list"),
    ("kind: rebuild", "kind: rebild", "3: kind is rebild; it is rebuild or extend"),
    ("otherwise: -1", "otherwize: -1", "10: says otherwize, which no exercise has"),
    ("otherwise: -1", "otherwise:", "10: otherwise says nothing"),
    ("otherwise: -1", "solution: x.patch", "10: says solution, which only an extend exercise has; delete it"),
    ("exercise: 2.1", "exercise: 2.3", "2: is exercise 2.3, but its file is not; name the file 2.3-….md"),
    ("  - SetsTests/twinsCountOnce\n  - noneAreNone()\n", "", "11: names no tests"),
    ("  - noneAreNone()", "  - SetsTests/twins count", "13: SetsTests/twins count is no test"),
    ("  - noneAreNone()", "  - SetsTests/twinsCountOnce()", "13: names SetsTests/twinsCountOnce twice; keep one"),
    ("# 2.1 How many", "# How many", "15: the text does not begin with the line `# 2.1 How many`"),
    ("Count the sets.\n\nTwins count once.\n", "", "15: has no task"),
    ("Hint 2: a pointer", "A pointer", "27: should be `<details><summary>Hint 2: …</summary>`"),
    ("Look at `Set`.", "", "27: is a hint that says nothing"),
    ("```\n\n</details>", "```\n\n", "33: opens a hint that does not end"),
    ("```\n\n</details>", "```\n\n</details>\n\nMore.", "41: stands after the hints"),
    ("file: Sources/02-Sets/Sets.swift", "file: Sources/02-Sets/No.swift", "1: names Sources/02-Sets/No.swift"),
    ("public static func count(", "public", "1: 3 lines of Sources/02-Sets/Sets.swift begin with `public`"),
  ]) func aMistakeIsNamedWithItsLine(_ old: String, _ new: String, _ complaint: String) throws {
    let fixture = try Fixture()
    let path = "exercises/02-sets/2.1-count.md"
    #expect(Fixture.rebuild.contains(old))
    try fixture.write(path, Fixture.rebuild.replacing(old, with: new))
    let found = fixture.catalogue.problems.map(\.description)
    #expect(found.contains { $0.hasPrefix("\(path):\(complaint)") }, "\(found)")
  }

  @Test func aMistakeInOneExerciseLeavesTheOthers() throws {
    let fixture = try Fixture()
    try fixture.write("exercises/02-sets/2.2-canary.md", "nothing")
    #expect(fixture.catalogue.exercises.map(\.number) == ["2.1"])
    #expect(!fixture.catalogue.problems.isEmpty)
  }

  @Test func whatAnExtendExerciseNeedsMustBeThere() throws {
    let fixture = try Fixture()
    try fixture.write(
      "exercises/02-sets/2.2-canary.md", Fixture.extend.replacing("2.2-canary.patch", with: "none.patch"))
    #expect(
      fixture.catalogue.problems.map(\.description) == [
        "exercises/02-sets/2.2-canary.md:1: needs exercises/02-sets/none.patch, which is not there"
      ])
  }

  @Test func numbersCountWithoutAGapAndRebuildComesFirst() throws {
    let fixture = try Fixture()
    try fixture.write(
      "exercises/02-sets/2.4-late.md",
      Fixture.rebuild.replacing("exercise: 2.1", with: "exercise: 2.4").replacing("# 2.1", with: "# 2.4"))
    #expect(
      fixture.catalogue.problems.map(\.description) == [
        "exercises/02-sets/2.4-late.md:1: is exercise 2.4 where 2.3 is expected",
        "exercises/02-sets/2.4-late.md:1: is a rebuild exercise after an extend one; rebuild comes first",
      ])
  }

  @Test func aFolderWithoutAChapterIsNamed() throws {
    let fixture = try Fixture()
    try fixture.write("exercises/03-stes/3.1-x.md", "")
    #expect(
      fixture.catalogue.problems.map(\.description) == [
        "exercises/03-stes:1: belongs to no chapter; name it like the text: chapters/03-stes.md"
      ])
  }

  /// The exercises of this repository, not of a fixture: a chapter whose function cannot be emptied cannot be begun.
  @Test func everyFunctionOfTheBookCanBeEmptied() throws {
    let catalogue = Catalogue(repository: URL(filePath: #filePath).appending(path: "../../../..").standardized)
    #expect(catalogue.problems == [])
    for exercise in catalogue.exercises {
      guard let function = exercise.function, let text = catalogue.text(of: function.file) else { continue }
      let stub = Stub(exercise: exercise.number, function: function.declaration, otherwise: function.otherwise)
      #expect(throws: Never.self, "exercise \(exercise.number)") { _ = try stub.emptying(SwiftFile(text)) }
    }
  }
}
