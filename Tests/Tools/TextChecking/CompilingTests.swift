import Foundation
import Testing
import Workbook

@testable import TextChecking

@Suite struct CompilingTests {
  private static let files = [
    "Set.swift": "struct Items { var first: Element }", "Element.swift": "struct Element {}",
    "Sum.swift": "let sum = 1 + 1", "Use.swift": "let use = Items(first: Element())",
  ]

  /// What is wrong with a text on a module of these four files.
  private func problems(_ content: String) throws -> [String] {
    let root = FileManager.default.temporaryDirectory.appending(path: "compiling-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = root.appending(path: "Sources/02-Sets")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in Self.files {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let compiling = Compiling(root: root, modules: root)
    return try text(content).checkpoints.flatMap(compiling.problems).map(\.description)
  }

  /// A quote; what it says is for another check.
  private func quote(_ name: String) -> String { "```swift file=Sources/02-Sets/\(name)\n```\n" }

  private let checkpoint = "> **Checkpoint.** `swift test --filter SetTests`.\n"

  @Test func filesThatNeedNothingFurtherOnCompile() throws {
    #expect(try problems(quote("Element.swift") + quote("Set.swift") + checkpoint + quote("Sum.swift")) == [])
  }

  @Test func aFileThatNeedsALaterOneIsNamedWithWhatItNeeds() throws {
    let found = try problems(quote("Set.swift") + checkpoint + quote("Sum.swift") + quote("Element.swift"))
    #expect(
      found == [
        "chapters/02-sets.md:3: the files quoted so far do not compile (Set.swift:1: cannot find type 'Element' in scope);"
          + " they do with <!-- borrows: Element.swift -->"
      ])
  }

  @Test func aBorrowThatIsNeededIsRight() throws {
    #expect(try problems(quote("Set.swift") + checkpoint + "\n<!-- borrows:\nElement.swift -->\n") == [])
  }

  @Test func aBorrowThatIsNotNeededIsAFault() throws {
    let text = quote("Set.swift") + checkpoint + "<!-- borrows: Element.swift, Sum.swift -->\n"
    #expect(try problems(text) == ["chapters/02-sets.md:3: borrows Sum.swift, and compiles without it"])
  }

  @Test func aBorrowIsAFileOfTheModuleThatIsStillToCome() throws {
    let text = quote("Element.swift") + checkpoint + "<!-- borrows: Element.swift, Nothing.swift -->\n"
    #expect(
      try problems(text) == [
        "chapters/02-sets.md:3: borrows Element.swift, which is quoted above already",
        "chapters/02-sets.md:3: borrows Nothing.swift, which is no file of Sources/02-Sets",
      ])
  }

  @Test func aFileThatIsQuotedInPartIsStillToCome() throws {
    let found = try problems(quote("Element.swift") + quote("Set.swift") + checkpoint + quote("Element.swift"))
    #expect(found.count == 1)
    #expect(found.first?.contains("borrows: Element.swift") == true)
  }

  @Test(arguments: 0..<64) func whatIsLeftOutIsNoMoreThanIsNeeded(bits: Int) {
    let files = (0..<6).map { "\($0)" }
    let needed = files.indices.filter { bits >> $0 & 1 == 1 }.map { files[$0] }
    let compiling = Compiling(root: URL(filePath: "/"), modules: URL(filePath: "/"))
    #expect(compiling.smallest(files) { Set($0).isSuperset(of: needed) } == needed)
  }
}
