import Foundation
import Testing
import Workbook

@testable import Variants

/// The whole way, in a workbook of one chapter: two exercises, right and wrong answers, built once.
@Suite struct EngineTests {
  private let root: URL
  private let terminal = Terminal(output: { _ in }, errors: { _ in })

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "swiftlet-engine-\(UUID().uuidString)")
    for (path, text) in Self.files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
  }

  @Test func exercisesAndWrongAnswersAreTriedInOneBuild() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let catalogue = Catalogue(repository: root)
    var answers = Answers(catalogue)
    #expect(answers.problems == [])
    #expect(answers.emptied.map(\.exercise.number) == ["2.1", "2.2"])
    #expect(answers.wrong.count == 4)

    let runner = try answers.build(terminal)
    #expect(answers.problems.map(\.file) == ["exercises/02-tiny/wrong/does-not-compile.patch"])
    #expect(answers.problems.first?.message.contains("does not compile") == true)
    #expect(answers.wrong.count == 3)

    let chapter = try #require(catalogue.chapters.first)
    var check = StubCheck(chapter: chapter, emptied: answers.emptied)
    try check.run(runner, catalogue, terminal)
    #expect(check.problems.map(\.message) == [])
    #expect(
      check.matrixText.split(separator: "\n").dropFirst() == [
        "2.1 The biggest", "* TinyTests/theBiggestIsFound", "2.2 The sum", "* TinyTests/theSumIsMade",
      ])

    let endings = try answers.wrong.map { one in
      let report = try runner.run("TinyTests", only: [one.test], variant: one.variant, seconds: 3)
      return (one.path.split(separator: "/").last.map(String.init) ?? "", report)
    }
    #expect(endings.map(\.0) == ["never-ends.patch", "the-first.patch", "traps.patch"])
    #expect(endings[0].1.ending == .timedOut)
    #expect(endings[1].1.failed.first?.messages.contains { $0.contains("the second is bigger") } == true)
    guard case .crashed = endings[2].1.ending else {
      Issue.record("a variant that traps must count as crashed, not as \(endings[2].1.ending)")
      return
    }
  }

  private static let source = """
    public func biggest(_ numbers: [Int]) -> Int? {
      numbers.max()
    }

    public func sum(_ numbers: [Int]) throws -> Int {
      var sum = 0
      for number in numbers { sum += number }
      return sum
    }

    """

  private static let files: [String: String] = [
    "Package.swift": """
    // swift-tools-version: 6.0
    import PackageDescription

    let package = Package(
      name: "swiftlet",
      targets: [
        .target(name: "Tiny", path: "Sources/02-Tiny"),
        .testTarget(name: "TinyTests", dependencies: ["Tiny"], path: "Tests/02-Tiny"),
      ])

    """,
    "chapters/02-tiny.md": "# Tiny\n",
    "Sources/02-Tiny/Tiny.swift": source,
    "Tests/Support/README.md": "Nothing.\n",
    "Tests/02-Tiny/TinyTests.swift": """
    import Testing
    @testable import Tiny

    @Suite struct TinyTests {
      @Test func theBiggestIsFound() { #expect(biggest([1, 2]) == 2, "the second is bigger") }
      @Test func theSumIsMade() throws { #expect(try sum([1, 2]) == 3) }
    }

    """,
    "exercises/02-tiny/2.1-biggest.md": exercise(
      "2.1", "The biggest", "public func biggest(", "otherwise: nil\n", "theBiggestIsFound"),
    "exercises/02-tiny/2.2-sum.md": exercise("2.2", "The sum", "public func sum(", "", "theSumIsMade"),
    "exercises/02-tiny/wrong/the-first.patch": wrong("theBiggestIsFound", 2, "numbers.max()", "numbers.first"),
    "exercises/02-tiny/wrong/does-not-compile.patch": wrong("theBiggestIsFound", 2, "numbers.max()", "numbers.most"),
    "exercises/02-tiny/wrong/traps.patch": wrong("theBiggestIsFound", 2, "numbers.max()", "numbers[numbers.count]"),
    "exercises/02-tiny/wrong/never-ends.patch": wrong("theSumIsMade", 8, "return sum", "while true { sum ^= 1 }"),
  ]

  private static func exercise(
    _ number: String, _ title: String, _ function: String, _ otherwise: String, _ test: String
  ) -> String {
    """
    ---
    exercise: \(number)
    kind: rebuild
    title: \(title)
    stars: 1
    minutes: 5
    teaches: numbers
    file: Sources/02-Tiny/Tiny.swift
    function: \(function)
    \(otherwise)tests:
      - TinyTests/\(test)
    ---
    # \(number) \(title)

    Write it.

    <details><summary>Hint 1: a question</summary>

    What?

    </details>

    <details><summary>Hint 2: a pointer</summary>

    That.

    </details>

    <details><summary>Hint 3: almost the answer</summary>

    This.

    </details>

    """
  }

  private static func wrong(_ test: String, _ line: Int, _ old: String, _ new: String) -> String {
    """
    Misconception: any
    Caught by: TinyTests/\(test)
    Says: the second is bigger
    --- a/Sources/02-Tiny/Tiny.swift
    +++ b/Sources/02-Tiny/Tiny.swift
    @@ -\(line),1 +\(line),1 @@
    -  \(old)
    +  \(new)

    """
  }
}
