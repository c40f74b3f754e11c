import Testing

@testable import QuoteChecking

/// A module of one file, 02-Sets/Sets.swift, beside one chapter about it.
private func workbook(_ source: String, chapter: String, path: String = "chapters/02-sets.md") -> Workbook {
  Workbook(
    chapters: [ChapterText(path: path, text: chapter)],
    modules: [Workbook.Module(folder: "02-Sets", files: ["Sources/02-Sets/Sets.swift"])],
    files: ["Sources/02-Sets/Sets.swift": source])
}

private func fence(_ body: String, _ attributes: String = "") -> String {
  "```swift file=Sources/02-Sets/Sets.swift\(attributes)\n\(body)\n```\n"
}

private let source = """
  /// Keeps count.
  struct Sets {
    var count = 0

    init() {
      count = 1
      count += 1
    }

    func describe() -> String {
      "\\(count) sets"
    }
  }

  """

@Suite struct Quotes {
  @Test func aCompleteChapterHasNoProblems() {
    let text =
      "# Sets\n" + fence("/// Keeps count.\nstruct Sets {\n  var count = 0\n  // how it begins ⋯\n}")
      + fence("  init() {\n    count = 1\n    count += 1\n  }")
      + fence("  func describe() -> String {\n    \"\\(count) sets\"\n  }")
    let report = workbook(source, chapter: text).check()
    #expect(report.problems == [])
    #expect(report.summary == ["02-Sets  11/11 lines", "total    11/11 lines"])
  }

  @Test func missingLinesAreNamed() {
    let text = fence("struct Sets {\n  var count = 0")
    let report = workbook(source, chapter: text).check()
    #expect(
      report.problems == [
        "Sources/02-Sets/Sets.swift:1: quoted by no chapter",
        "Sources/02-Sets/Sets.swift:5-13: quoted by no chapter",
      ])
    #expect(report.summary.last == "total    2/11 lines")
  }

  @Test func aLineQuotedTwiceIsNamedWithBothPlaces() {
    let text = fence(source.trimmingLastNewline) + fence("  var count = 0")
    #expect(
      workbook(source, chapter: text).check().problems == [
        "Sources/02-Sets/Sets.swift:3: quoted more than once, by chapters/02-sets.md:1 and chapters/02-sets.md:16"
      ])
  }

  @Test func driftIsShownFromBothSides() {
    let text = "Text.\n" + fence("  init() {\n    count = 0\n    count += 1\n  }")
    #expect(
      workbook(source, chapter: text).check().problems.first == """
        chapters/02-sets.md:2: has drifted from Sources/02-Sets/Sets.swift:5
            chapter, line 4:     count = 0
            file, line 6:     count = 1
        """)
  }

  @Test func aModuleWithoutTextIsListedAndHarmless() {
    let report = workbook(source, chapter: "# Pods\n", path: "chapters/01-pods.md").check()
    #expect(report.problems == [])
    #expect(report.summary == ["02-Sets  no text yet (11 lines)", "total    0/0 lines"])
  }

  @Test func aFileThatDoesNotExistIsNamed() {
    let report = workbook(source, chapter: "```yaml file=chapters/web.yaml\na: 1\n```\n", path: "chapters/01-a.md")
      .check()
    #expect(report.problems == ["chapters/01-a.md:1: quotes chapters/web.yaml, which does not exist"])
  }

  @Test func equalLinesGoToTheQuoteThatStillLacksThem() {
    let twins = "a {\n}\nb {\n}\n"
    let report = workbook(twins, chapter: fence("}") + fence("a {") + fence("}") + fence("b {")).check()
    #expect(report.problems == [])
  }

  @Test func aFoldReachesPastBracesThatOthersQuote() {
    let nested = "if a {\n} else {\n}\nend\n}\n"
    let text = fence("if a {\n// both branches ⋯\n}") + fence("} else {\n}\nend")
    #expect(workbook(nested, chapter: text).check().problems == [])
  }

  @Test func aFoldedCommentOfTheSourceCountsAsQuoted() {
    let commented = "a\n// The rest.\nb\nc\n"
    let text = fence("a\n// The rest. ⋯\nc") + fence("b")
    #expect(workbook(commented, chapter: text).check().summary.last == "total    4/4 lines")
  }

  @Test func fencesInListsAndDetailsCountAndFencesInFencesDoNot() {
    let text = """
      - A step:

        ```swift file=Sources/02-Sets/Sets.swift
        a {
          b
        }
        ```

      <details><summary>Answer</summary>

      ~~~swift file=Sources/02-Sets/Sets.swift
      c
      ~~~

      </details>

      ````
      ```swift file=Sources/02-Sets/Sets.swift
      not a quote
      ```
      ````
      """
    #expect(workbook("a {\n  b\n}\nc\n", chapter: text).check().problems == [])
  }
}

@Suite struct Refreshing {
  private func refreshed(_ source: String, _ text: String) -> String {
    var book = workbook(source, chapter: text)
    book.refresh()
    return book.chapters[0].text
  }

  @Test func requestedLinesAreFilledIn() {
    #expect(refreshed("a\nb\nc\n", fence("", " lines=2-3")) == fence("b\nc"))
    #expect(refreshed("a\nb\nc\n", "```swift file=Sources/02-Sets/Sets.swift lines=1\n```\n") == fence("a"))
  }

  @Test func severalStretchesAreFilledInWithFoldsBetween() {
    #expect(refreshed("a {\n  b\n  c\n}\n", fence("", " lines=1,4")) == fence("a {\n  // ⋯\n}"))
  }

  @Test func linesThatTheFileLacksAreReported() {
    let text = fence("", " lines=3-9")
    #expect(refreshed("a\nb\nc\n", text) == text)
    #expect(workbook("a\n", chapter: text).check().problems.first?.contains("not filled") == true)
  }

  @Test func whatStillMatchesIsUntouched() {
    let text = "Text.\n\n" + fence("a {\n  // more ⋯\n}") + "\nMore.\n"
    #expect(refreshed("a {\n  b\n}\n", text) == text)
  }

  @Test func anEditInTheMiddleIsTakenOver() {
    let edited = source.replacing("    count += 1\n", with: "    // Twice, for luck.\n    count += 2\n    count += 3\n")
    let text = fence("  init() {\n    count = 1\n    count += 1\n  }")
    #expect(
      refreshed(edited, text)
        == fence("  init() {\n    count = 1\n    // Twice, for luck.\n    count += 2\n    count += 3\n  }"))
  }

  @Test func changedEdgesAreTakenBackAsFarAsNobodyElseQuotesThem() {
    let edited = source.replacing("  init() {", with: "  public init(of start: Int, and more: Bool) throws {")
    let text =
      fence("/// Keeps count.\nstruct Sets {\n  var count = 0")
      + fence("  init() {\n    count = 1\n    count += 1\n  }")
    #expect(
      refreshed(edited, text)
        == text.replacing("  init() {", with: "  public init(of start: Int, and more: Bool) throws {"))
  }

  @Test func foldsSurviveARefresh() {
    let edited = source.replacing("struct Sets {", with: "public struct Sets: Sendable {")
    let text =
      fence("struct Sets {\n  var count = 0\n  // its functions ⋯\n}")
      + fence(
        "  init() {\n    count = 1\n    count += 1\n  }\n\n  func describe() -> String {\n    \"\\(count) sets\"\n  }")
    #expect(
      refreshed(edited, text)
        == text.replacing("struct Sets {", with: "public struct Sets: Sendable {"))
  }

  @Test func neighboursThatDriftTogetherKeepTheirBorders() {
    let edited = source.replacing("count", with: "number")
    let text =
      fence("/// Keeps count.\nstruct Sets {\n  var count = 0\n  // ⋯\n}")
      + fence("  init() {\n    count = 1\n    count += 1\n  }")
      + fence("  func describe() -> String {\n    \"\\(count) sets\"\n  }")
    #expect(refreshed(edited, text) == text.replacing("count", with: "number"))
  }

  /// Every edit of one line of the source, with the chapter cut in every way into two quotes, is mended.
  @Test func everyEditOfOneLineIsMended() {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    for cut in 1..<lines.count where !lines[cut].isBlank && !lines[cut - 1].isBlank {
      for edited in lines.indices where lines[edited].count > 4 {
        var changed = lines
        changed[edited] += "  // edited"
        let chapter = { (lines: [String]) in
          fence(lines[..<cut].joined(separator: "\n")) + fence(lines[cut...].joined(separator: "\n"))
        }
        #expect(refreshed(changed.joined(separator: "\n") + "\n", chapter(lines)) == chapter(changed))
      }
    }
  }

  @Test func aQuoteThatResemblesNothingStaysAndIsReported() {
    let text = fence("let answer = question.reply(in: .fortyTwo)")
    #expect(refreshed("a\nb\n", text) == text)
    #expect(
      workbook("a\nb\n", chapter: text).check().problems.first
        == "chapters/02-sets.md:1: has nothing like it in Sources/02-Sets/Sets.swift")
  }
}

extension String {
  fileprivate var trimmingLastNewline: String { String(dropLast()) }
}
