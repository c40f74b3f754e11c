import Testing
import Workbook

@testable import TextChecking

@Suite struct CheckpointTests {
  private let tests = ["SetsTests.CountingTests/oneIsOne()", "SetsTests.CountingTests/twoAreTwo()"]

  private func problems(_ content: String) -> [String] {
    Checkpoints.problems(with: text(content).checkpoints, tests: tests).map(\.description)
  }

  @Test func filtersAreReadOverSeveralLines() {
    let found = text(
      "a\n\n> **Checkpoint.** Say `swift test\n> --filter \"oneIsOne|twoAreTwo\"`, then\n> `--filter CountingTests`.\n\nb `--filter Other`"
    )
    #expect(found.checkpoints.map(\.line) == [3])
    #expect(found.checkpoints.map(\.filters) == [["oneIsOne|twoAreTwo", "CountingTests"]])
  }

  @Test func testsAndSuitesThatExistAreRight() {
    #expect(problems("> **Checkpoint.** `swift test --filter CountingTests`.") == [])
    #expect(problems("> **Checkpoint.** `swift test --filter \"oneIs|twoAre\"`.") == [])
  }

  @Test func aTestThatIsNotThereIsNamedWithItsLine() {
    #expect(
      problems("\n> **Checkpoint.** `swift test --filter \"oneIsOne|threeAreThree\"`.") == [
        "chapters/02-sets.md:2: there is no test or suite threeAreThree"
      ])
  }

  @Test func aCheckpointWithoutATestIsNamed() {
    #expect(
      problems("> **Checkpoint.** Take a rest.") == [
        "chapters/02-sets.md:1: a checkpoint names its tests: `swift test --filter NAME`"
      ])
  }
}
