import SwiftSource
import Testing
import Workbook

@testable import Variants

@Suite struct PatchTests {
  private let old = "struct A {\n  func b() -> Int {\n    1\n  }\n\n  func c() -> Int {\n    2\n  }\n}\n"

  private func patch(_ hunk: String) -> String {
    "Says: why\n--- a/Sources/02-A/A.swift\n+++ b/Sources/02-A/A.swift\n\(hunk)"
  }

  private func applied(_ hunk: String, to text: String) throws -> String? {
    try Patch(patch(hunk), path: "a.patch").applied { $0 == "Sources/02-A/A.swift" ? text : nil }.values.first
  }

  private let hunk = "@@ -6,3 +6,3 @@ struct A\n   func c() -> Int {\n-    2\n+    3\n   }\n"

  @Test func aChangeIsMadeAlsoWhereTheLinesHaveMoved() throws {
    let new = old.replacing("    2", with: "    3")
    #expect(try applied(hunk, to: old) == new)
    #expect(try applied(hunk, to: "// One.\n// Two.\n" + old) == "// One.\n// Two.\n" + new)
    #expect(try Patch(patch(hunk), path: "a.patch").head == ["Says": "why"])
  }

  @Test func aNewFileIsMade() throws {
    let text = "--- /dev/null\n+++ b/Sources/02-A/B.swift\n@@ -0,0 +1,2 @@\n+let a = 1\n+let b = 2\n"
    #expect(
      try Patch(text, path: "a.patch").applied { _ in nil } == ["Sources/02-A/B.swift": "let a = 1\nlet b = 2\n"])
  }

  @Test(arguments: [
    ("@@ -6,3 +6,3 @@\n   func d() -> Int {\n-    2\n+    3\n   }\n", 4, "does not fit Sources/02-A/A.swift any more"),
    ("@@ -6,9 +6,9 @@\n-    2\n+    3\n", 4, "has fewer lines than this head says"),
    ("@@ six @@\n", 4, "is not the head of a change"),
    ("@@ -7,2 +7,2 @@\n-    2\n*    3\n", 6, "begins with neither"),
  ])
  func whatDoesNotFitIsSaid(_ hunk: String, _ line: Int, _ sentence: String) {
    let problem = #expect(throws: Problem.self) { try applied(hunk, to: old) }
    #expect(problem?.file == "a.patch")
    #expect(problem?.line == line || problem?.message.contains("fewer") == true)
    #expect(problem?.message.contains(sentence) == true)
  }

  @Test(arguments: [
    "", "Misconception: none\n", "--- a/Tests/A.swift\n+++ b/Tests/A.swift\n", "--- a/Sources/A.swift\n",
  ])
  func whatIsNoPatchIsSaid(_ text: String) {
    #expect(throws: Problem.self) { try Patch(text, path: "a.patch") }
  }

  @Test func onlyTheBodiesOfFunctionsMayDiffer() {
    let file = SwiftFile(old)
    let changed = SwiftFile(old.replacing("    1", with: "    7").replacing("    2", with: "    8"))
    #expect(
      Answers.changes(from: file, to: changed, variant: 4) == [
        Change(variant: 4, function: 0, body: "\n    7\n  "), Change(variant: 4, function: 1, body: "\n    8\n  "),
      ])
    #expect(Answers.changes(from: file, to: SwiftFile(old.replacing("Int", with: "UInt")), variant: 4) == nil)
    #expect(Answers.changes(from: file, to: SwiftFile(old + "let d = 1\n"), variant: 4) == nil)
  }
}

@Suite struct SurvivorTests {
  @Test func reasonsAreReadBelowTheirMutants() {
    let survivors = Survivors(
      "# Why\nA.swift f: a < b ⇒ a <= b\n  At b both\n  say the same.\n\nB.swift g: c ⇒ removed\n",
      path: "survivors.txt")
    #expect(survivors.reasons == ["A.swift f: a < b ⇒ a <= b": "At b both say the same."])
    #expect(survivors.problems.map(\.line) == [6])
  }

  @Test func aReasonForNothingIsAProblem() {
    #expect(Survivors("  Because.\n", path: "s.txt").problems.map(\.line) == [1])
  }
}

@Suite struct EventTests {
  @Test func testsAreCalledAsExercisesCallThem() {
    #expect(TestRunner.name("ATests.Suite/test(_:)/File.swift:27:4")?.description == "Suite/test")
    #expect(TestRunner.name("ATests.Outer/Inner/test()/File.swift:27:4")?.description == "Outer/Inner/test")
    #expect(TestRunner.name("ATests.test()/File.swift:27:4")?.description == "test")
  }

  @Test func errorsOfTheCompilerAreRead() {
    let output = """
      [1/2] Compiling A
      /tmp/a/Sources/A.swift:12:7: error: cannot find 'b' in scope
      /tmp/a/Sources/A.swift:12:7: error: cannot find 'b' in scope
      12 | b | `- error: cannot find 'b' in scope
      /tmp/a/Sources/A.swift:13:7: warning: never used
      """
    #expect(
      ScratchPackage.errors(in: output, under: "/tmp/a") == [
        ScratchPackage.CompilerError(path: "Sources/A.swift", line: 12, message: "cannot find 'b' in scope")
      ])
  }
}
