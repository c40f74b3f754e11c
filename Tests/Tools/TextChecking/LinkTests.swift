import Foundation
import Testing
import Workbook

@testable import TextChecking

@Suite struct LinkTests {
  /// A repository of these files; what it finds in chapters/a.md, without the file's name.
  private func problems(_ content: String, others: [String: String] = [:]) throws -> [String] {
    let root = FileManager.default.temporaryDirectory.appending(path: "links-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in others.merging(["chapters/a.md": content]) { $1 } {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    var links = Links(root: root, texts: others.merging(["chapters/a.md": content]) { $1 }.map { text($1, path: $0) })
    return links.check().filter { $0.file == "chapters/a.md" }.map { "\($0.line): \($0.message)" }
  }

  @Test func linksToFilesAndHeadingsHold() throws {
    let found = try problems(
      "# What *is* it, and `how`?\n[b](b.md) [b too](b.md#two-words) [here](#what-is-it-and-how) [up](../README.md)",
      others: ["chapters/b.md": "## Two words", "README.md": ""])
    #expect(found == [])
  }

  @Test func aFileThatIsNotThereIsNamed() throws {
    #expect(try problems("words\n[b](b.md)") == ["2: leads to b.md, which is not there"])
    #expect(try problems("[out](../../b.md)") == ["1: leads to ../../b.md, which is not there"])
  }

  @Test func aHeadingThatIsNotThereIsNamed() throws {
    #expect(
      try problems("[b](b.md#three)", others: ["chapters/b.md": "## Two"]) == ["1: chapters/b.md has no heading #three"]
    )
    #expect(try problems("[here](#nowhere)") == ["1: chapters/a.md has no heading #nowhere"])
  }

  @Test func headingsOfTheSameNameAreCounted() {
    #expect(text("# A b\n## A b\n```\n# no\n```\n<a id=\"own\"></a>").anchors == ["a-b", "a-b-1", "own"])
  }

  @Test func aPictureNeedsItsFileAndWords() throws {
    let image = ["chapters/images/a.svg": "<svg/>"]
    #expect(try problems("![Three pods](images/a.svg)", others: image) == [])
    #expect(
      try problems("![Three pods](images/b.svg)", others: image) == ["1: leads to images/b.svg, which is not there"])
    #expect(try problems("![](images/a.svg)", others: image).count == 1)
    #expect(try problems("<img src=\"images/a.svg\">", others: image).count == 1)
    #expect(try problems("<img alt=\"Three pods\" src=\"images/a.svg\">", others: image) == [])
  }

  @Test func codeHoldsNoLinks() throws {
    #expect(try problems("`[b](b.md)`\n```\n[b](b.md)\n```\n") == [])
  }

  @Test func whatLeadsOutIsOnlyCollected() {
    var links = Links(root: URL(filePath: "/"), texts: [text("[a](https://example.com/a) <https://example.com/b>")])
    #expect(links.check() == [])
    #expect(links.external == ["https://example.com/a", "https://example.com/b"])
    #expect(links.checked == 0)
  }
}
