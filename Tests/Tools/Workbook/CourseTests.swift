import Foundation
import Testing
import Workbook

@Suite struct CourseTests {
  private let course = Course("Two hours", 2, "Hour", minutesPerSession: 60)

  @Test func whatFitsIsSpreadInTheOrderOfTheBook() throws {
    let fixture = try Fixture()
    try fixture.add("2.3", kind: "extend", stars: 1, minutes: 10)
    try fixture.text(ofWords: 1_200)
    let plan = course.plan(fixture.catalogue)
    #expect(plan.map(names) == [["read 2", "2.1"], ["2.2", "2.3"]])
    #expect(plan.joined().reduce(0) { $0 + $1.minutes } == 10 + 20 + 20 + 10)
  }

  @Test func rebuildExercisesAndEasyOnesComeFirstWhereNotAllFit() throws {
    let fixture = try Fixture()
    try fixture.text(ofWords: 7_200)
    #expect(course.plan(fixture.catalogue).flatMap(names) == ["read 2", "2.1", "2.2"], "60 + 20 + 20 minutes")
    try fixture.add("2.3", kind: "extend", stars: 1, minutes: 15)
    try fixture.add("2.4", kind: "extend", stars: 1, minutes: 25)
    #expect(
      course.plan(fixture.catalogue).flatMap(names) == ["read 2", "2.1", "2.3", "2.4"],
      "60 + 20 + 15 + 25 fill the time; 2.2 has more stars and has to wait")
  }

  @Test func textsTakeNoMoreThanHalfOfTheTime() throws {
    let fixture = try Fixture()
    try fixture.text(ofWords: 7_201)
    #expect(course.plan(fixture.catalogue).flatMap(names) == [])
  }

  @Test func wordsInCodeAreNotCounted() throws {
    let fixture = try Fixture()
    let chapter = try #require(fixture.catalogue.chapter("2"))
    try fixture.write(
      "chapters/02-sets.md", "one two\n```swift\n" + String(repeating: "x ", count: 2_000) + "\n```\nthree\n")
    #expect(fixture.catalogue.readingMinutes(of: chapter) == 5)
  }

  @Test func theTablesInTheInstructorsTextAreKeptCurrent() throws {
    let fixture = try Fixture()
    try fixture.write(
      "exercises/02-sets/wrong/twins-count-twice.patch",
      "Misconception: twins count twice\nCaught by: SetsTests/twinsCountOnce\nSays: once\n--- a/x\n+++ b/x\n")
    try fixture.write("Package.swift", "")
    let table = CommandTable(program: "workbook", commands: [.plan])
    let paper = Paper()
    try fixture.write("chapters/instructors.md", "before\n<!-- plan -->\n")
    #expect(table.run(["plan"], from: fixture.root, terminal: paper.terminal) == 1)
    #expect(paper.errors.contains("chapters/instructors.md has no place for its plan"))
    try fixture.write(
      "chapters/instructors.md", "before\n<!-- plan -->\n<!-- /plan -->\n<!-- mistakes -->\n<!-- /mistakes -->\nafter\n"
    )
    #expect(table.run(["plan"], from: fixture.root, terminal: paper.terminal) == 1)
    #expect(paper.errors.contains("make plan UPDATE=1"))
    #expect(table.run(["plan", "--update"], from: fixture.root, terminal: paper.terminal) == 0)
    let text = try #require(fixture.text("chapters/instructors.md"))
    #expect(text.hasPrefix("before\n<!-- plan -->\n\n### Two days\n") && text.hasSuffix("<!-- /mistakes -->\nafter\n"))
    #expect(text.contains("| [2](02-sets.md) |") && text.contains("| [2.1](../exercises/02-sets/2.1-count.md) | 20 |"))
    #expect(text.contains("### Chapter 2\n\n- Twins count twice. (`twinsCountOnce`)\n"))
    #expect(table.run(["plan"], from: fixture.root, terminal: paper.terminal) == 0)
    #expect(fixture.text("chapters/instructors.md") == text)
  }

  private func names(_ units: [Course.Unit]) -> [String] {
    units.map {
      switch $0 {
      case .reading(let chapter, _): "read \(chapter.number)"
      case .exercise(let exercise): exercise.number
      }
    }
  }
}

extension Fixture {
  fileprivate func add(_ number: String, kind: String, stars: Int, minutes: Int) throws {
    let file = "exercises/02-sets/\(number)-more.md"
    try write(
      file,
      Self.extend.replacing("exercise: 2.2", with: "exercise: \(number)").replacing("# 2.2", with: "# \(number)")
        .replacing("stars: 2", with: "stars: \(stars)").replacing("minutes: 20", with: "minutes: \(minutes)"))
    try write("exercises/02-sets/extensions/Exercise\(number.replacing(".", with: "_"))Tests.swift", "")
  }

  fileprivate func text(ofWords count: Int) throws {
    try write("chapters/02-sets.md", String(repeating: "word\n", count: count))
  }
}
