import Foundation
import Testing
import Workbook

@testable import TextChecking

/// A text in a folder of its own.
func text(_ content: String, path: String = "chapters/02-sets.md") -> MarkdownText {
  MarkdownText(path: path, text: content)
}

@Suite struct MarkingTests {
  @Test func aMarkingHasALanguageWordsAndValues() {
    let marking = Marking("console cluster=1 norun=\"it takes an hour\" fast")
    #expect(marking.language == "console")
    #expect(marking["cluster"] == "1")
    #expect(marking["norun"] == "it takes an hour")
    #expect(marking["fast"] == "")
    #expect(marking["slow"] == nil)
  }

  @Test func fencesInLongerFencesAreText() {
    let text = text("a\n````markdown\n```console\n$ ls\n```\n````\nb")
    #expect(text.blocks.map(\.marking.language) == ["markdown"])
    #expect(text.prose.map(\.number) == [1, 7])
  }

  @Test func anOutputBelongsToTheSnippetAboveOrElseToTheOneBelow() {
    let text = text(
      """
      ```text output
      first
      ```
      ```swift try
      a
      ```
      ```swift try=named
      b
      ```
      ```text output
      third
      ```
      ```text output=named
      fourth
      ```
      """)
    #expect(text.outputs.map(\.output.line) == [1, 10, 13])
    #expect(text.outputs.map(\.snippet.line) == [4, 4, 7])
  }

  @Test(arguments: [
    ("console run", "a console block knows nothing of run; it may say cluster, norun"),
    ("console norun=", "norun needs a reason: norun=\"why\""),
    ("console cluster=one", "cluster needs a chapter: cluster=1"),
    ("console", "a console block without a command; a command's line begins with `$ `"),
    ("text output", "no `swift try` in this text prints this output"),
    ("swift tries", "a swift block knows nothing of tries; it may say file, lines, try"),
  ])
  func aMarkingThatMeansNothingIsNamed(info: String, message: String) {
    let problems = Transcripts.mistakes(in: text("words\n```\(info)\nls\n```"))
    #expect(problems == [Problem(file: "chapters/02-sets.md", line: 2, message: message)])
  }

  @Test func aCommandInPlainTextIsNamed() {
    #expect(
      Transcripts.mistakes(in: text("```text\n$ ls\n```")).map(\.message) == [
        "commands stand in `console` blocks, which are run"
      ])
  }
}

@Suite struct ConsoleTests {
  private let root = FileManager.default.temporaryDirectory

  private func checked(_ content: String, swiftlet: URL? = nil) throws -> Transcripts {
    var transcripts = Transcripts(root: root, texts: [text(content)])
    try transcripts.checkConsoles(swiftlet) { _ in }
    return transcripts
  }

  @Test func whatACommandStillPrintsIsRight() throws {
    let transcripts = try checked("```console\n$ printf 'a\\nb\\n'\na\nb\n$ true\n$ echo c >&2\nc\n```")
    #expect(transcripts.problems == [])
    #expect(transcripts.compared == 1)
  }

  @Test func whatItPrintsNoMoreIsNamedWithItsLine() throws {
    let transcripts = try checked("words\n```console\n$ echo one\none\n$ echo three\ntwo\n```")
    #expect(
      transcripts.problems.map(\.description) == ["chapters/02-sets.md:6: two: the output has: three"])
  }

  @Test func aBlockThatMustNotRunDoesNot() throws {
    let transcripts = try checked("```console norun=\"it would fail\"\n$ echo one\ntwo\n```")
    #expect(transcripts.problems == [])
    #expect(transcripts.compared == 0)
  }

  @Test(arguments: [
    "```console\n$ swiftlet demo 2\n```", "```console\n$ kubectl get pods\n```", "```console cluster=1\n$ ls\n```",
  ])
  func withoutTheBinaryItsBlocksAreCountedAsSkipped(block: String) throws {
    let transcripts = try checked(block)
    #expect(transcripts.compared == 0)
    #expect(transcripts.skipped.map(\.line) == [1])
  }

  @Test func commandsHaveAHomeOfTheirOwn() throws {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    let transcripts = try checked(
      "```console\n$ test \"$HOME\" != '\(home)' && test \"$KUBECONFIG\" = \"$HOME/kubeconfig\" && echo own\nown\n```")
    #expect(transcripts.problems == [])
  }

  @Test func aClusterThatDoesNotStartIsSaid() throws {
    #expect(throws: ClusterDidNotStart.self) {
      try checked("```console cluster=1\n$ true\n```", swiftlet: URL(filePath: "/usr/bin/false"))
    }
  }

  @Test func aCommandThatDoesNotEndIsEnded() throws {
    let outcome = try Running.run(["sh", "-c", "echo begun; exec tail -f /dev/null"], in: root, limit: .seconds(1))
    #expect(outcome.status == 124)
    #expect(outcome.lines == ["begun", "(ended after 1 seconds)"])
  }
}

@Suite struct SnippetTests {
  private func snippet(_ content: String) -> Snippet {
    Snippet(text: "chapters/02-sets.md", line: 10, content: content.split(separator: "\n").map(String.init), name: "")
  }

  @Test func aFileKeepsItsImportsAndTellsTheTextsLines() {
    #expect(
      snippet("import Sets\n@Test func trying() throws {\n}").source(number: 2, modules: ["Sets"]) == """
        #sourceLocation(file: "chapters/02-sets.md", line: 11)
        import Sets
        func trying2() throws {
        }
        #sourceLocation()

        """)
  }

  @Test func statementsStandInAFunctionThatMayThrow() {
    #expect(
      snippet("print(1)").source(number: 1, modules: ["Objects", "Sets"]) == """
        import Objects
        import Sets
        import Testing

        func trying1() throws {
        #sourceLocation(file: "chapters/02-sets.md", line: 11)
        print(1)
        #sourceLocation()
        }

        """)
  }

  @Test func aSnippetThatWaitsIsAwaited() {
    #expect(snippet("@Test func trying() async throws {\n}").call(number: 3).contains("try await trying3()"))
    #expect(snippet("print(1)").call(number: 3).contains("try trying3()"))
  }

  @Test func outputsAreToldApartAndTheTestRunnerIsLeftOut() {
    let lines = [
      "◇ Test run started.", "\u{1}chapters/a.md:1", "one", "✔ Test everyTry() passed after 0.1 seconds.", "two", "",
      "\u{1}chapters/a.md:9", "\u{2}", "✔ Test run passed",
    ]
    #expect(ScratchPackage.outputs(lines) == ["chapters/a.md:1": ["one", "two", ""], "chapters/a.md:9": []])
  }

  @Test func anErrorOfTheCompilerIsPlacedInTheText() {
    #expect(
      ScratchPackage.error("/tmp/x/chapters/02-sets.md:12:7: error: cannot find 'y' in scope")
        == Problem(file: "chapters/02-sets.md", line: 12, message: "does not compile: cannot find 'y' in scope"))
    #expect(ScratchPackage.error("Sources/02-Sets/Sets.swift:12:7: error: no") == nil)
  }

  @Test func aSecondLayoutWritesNothingAnew() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "layout-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for folder in ["Sources/02-Sets", "Tests/02-Sets", "Tests/Support"] {
      try FileManager.default.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
    }
    for file in ["Package.swift", "Tests/02-Sets/SetTests.swift"] {
      try "// \(file)\n".write(to: root.appending(path: file), atomically: true, encoding: .utf8)
    }
    let package = ScratchPackage(root: root, chapter: 2)
    let copy = root.appending(path: ".build-transcripts/package/Tests/02-Sets")
    func listing() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted() }
    func date() throws -> Date? {
      try FileManager.default.attributesOfItem(atPath: copy.appending(path: "Try1.swift").path)[.modificationDate]
        as? Date
    }
    try package.lay(["02-Sets": [snippet("print(1)")]])
    #expect(try listing() == ["SetTests.swift", "Tries.swift", "Try1.swift"])
    #expect(
      try String(contentsOf: copy.appending(path: "SetTests.swift"), encoding: .utf8)
        == "// Tests/02-Sets/SetTests.swift\n")
    let before = try date()
    try package.lay(["02-Sets": [snippet("print(1)")]])
    #expect(try date() == before)
    try package.lay([:])
    #expect(try listing() == ["SetTests.swift"])
  }
}
