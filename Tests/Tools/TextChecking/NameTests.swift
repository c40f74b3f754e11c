import Testing
import Workbook

@testable import TextChecking

@Suite struct NameTests {
  private func problems(_ content: String) -> [String] {
    var names = Names(
      texts: [text(content)], paths: ["Sources/02-Sets/Sets.swift", "Sources/02-Sets", "chapters/images/a.svg"],
      makefile: "test: ## all\nexercise check:\n",
      words: Names.codeWords("make swift test; func countSets() {}\n// theOldName is gone\n"),
      outside: "# words\nslowStart  a function of Kubernetes\n")
    return names.check().map(\.description)
  }

  @Test func whatTheCodeHasResolves() {
    #expect(
      problems("`countSets()` in `Sets.swift`, in `Sources/02-Sets`; `make check`, `images/a.svg`, `slowStart`") == [])
  }

  @Test func aSymbolThatIsGoneIsNamedEvenIfACommentSpeaksOfIt() {
    #expect(
      problems("a\nb `theOldName()`") == [
        "chapters/02-sets.md:2: `theOldName()`: neither the code nor chapters/outside-words.txt knows theOldName"
      ])
  }

  @Test func aFileThatIsGoneIsNamed() {
    #expect(problems("`Set.swift`") == ["chapters/02-sets.md:1: `Set.swift`: there is no such file"])
    #expect(problems("`Sources/02-Bags`") == ["chapters/02-sets.md:1: `Sources/02-Bags`: there is no such file"])
  }

  @Test func aTargetThatIsGoneIsNamed() {
    #expect(problems("`make tests`") == ["chapters/02-sets.md:1: `make tests`: the Makefile has no tests"])
  }

  @Test func aFilterMayBeThePartOfAName() {
    #expect(problems("`swift test --filter \"countS|Sets\"`") == [])
    #expect(problems("`swift test --filter countBags`").count == 1)
  }

  @Test func theTextsOwnBlocksCount() {
    #expect(problems("`mine`\n```swift try\nlet mine = 1\n```") == [])
  }

  @Test func aSpanMayGoOnInTheNextLine() {
    #expect(problems("a `swift\nbags`, b").map { $0.prefix(22) } == ["chapters/02-sets.md:1:"])
  }
}
