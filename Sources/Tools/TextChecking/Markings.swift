import Foundation
import Workbook

extension MarkdownText {
  /// The texts that print something: the chapters, the README and the exercises.
  static func printed(in root: URL) throws -> [MarkdownText] {
    let files = FileManager.default
    let chapters = try files.contentsOfDirectory(atPath: root.appending(path: "chapters").path)
      .map { "chapters/\($0)" }
    let exercises = (files.enumerator(atPath: root.appending(path: "exercises").path)?.allObjects ?? [])
      .compactMap { $0 as? String }
      .filter { !$0.split(separator: "/").contains("work") }
      .map { "exercises/\($0)" }
    return try (chapters + exercises + ["README.md"]).filter { $0.hasSuffix(".md") }.sorted().map { path in
      MarkdownText(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
  }

  /// All texts: those that print something, and those about working here.
  static func all(in root: URL) throws -> [MarkdownText] {
    let others = try FileManager.default.contentsOfDirectory(atPath: root.path)
      .filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted()
    return try printed(in: root)
      + others.map { name in
        MarkdownText(path: name, text: try String(contentsOf: root.appending(path: name), encoding: .utf8))
      }
  }

  var snippets: [Snippet] {
    blocks.compactMap { block in
      guard block.marking.language == "swift", let name = block.marking["try"] else { return nil }
      return Snippet(text: path, line: block.line, content: block.content, name: name)
    }
  }

  /// The texts' snippets by the folder of Tests in which they are compiled, and those that have none.
  static func snippets(of texts: [MarkdownText], root: URL) -> (byFolder: [String: [Snippet]], homeless: [Problem]) {
    var byFolder: [String: [Snippet]] = [:]
    var homeless: [Problem] = []
    for text in texts {
      guard let first = text.snippets.first else { continue }
      if let folder = text.testFolder(in: root) {
        byFolder[folder, default: []] += text.snippets
      } else {
        homeless.append(Problem(file: text.path, line: first.line, message: "belongs to no folder of Tests"))
      }
    }
    return (byFolder, homeless)
  }

  /// `02-ReplicaSets` for `chapters/02-replica-sets.md` and for what stands in `exercises/02-replica-sets`.
  private func testFolder(in root: URL) -> String? {
    let name = path.split(separator: "/").dropFirst().first ?? ""
    let number = name.prefix { $0 != "-" } + "-"
    return try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Tests").path)
      .first { $0.hasPrefix(number) && $0.first?.isNumber == true }
  }

  /// Blocks of output, each with the snippet that prints it: the nearest of its name above, or else the next below.
  var outputs: [(output: Block, snippet: Snippet)] {
    let snippets = snippets
    return blocks.compactMap { block in
      guard block.marking.language == "text", let name = block.marking["output"] else { return nil }
      let named = snippets.filter { $0.name == name }
      return (named.last { $0.line < block.line } ?? named.first).map { (block, $0) }
    }
  }
}

extension Transcripts {
  private static let words: [String: Set<String>] = [
    "console": ["cluster", "norun"], "swift": ["file", "lines", "try"], "text": ["output"],
  ]

  /// Markings that say nothing, or nothing that can be done.
  static func mistakes(in text: MarkdownText) -> [Problem] {
    let printed = Set(text.outputs.map(\.output.line))
    return text.blocks.compactMap { block in
      mistake(in: block, isPrinted: printed.contains(block.line)).map {
        Problem(file: text.path, line: block.line, message: $0)
      }
    }
  }

  private static func mistake(in block: MarkdownText.Block, isPrinted: Bool) -> String? {
    let marking = block.marking
    if let known = words[marking.language], let word = marking.words.sorted().first(where: { !known.contains($0) }) {
      return
        "a \(marking.language) block knows nothing of \(word); it may say \(known.sorted().joined(separator: ", "))"
    }
    switch marking.language {
    case "console":
      if marking["norun"]?.isEmpty == true { return "norun needs a reason: norun=\"why\"" }
      if let cluster = marking["cluster"], Int(cluster) == nil { return "cluster needs a chapter: cluster=1" }
      if block.steps.isEmpty { return "a console block without a command; a command's line begins with `$ `" }
    case "text":
      if marking["output"] != nil, !isPrinted { return "no `swift try` in this text prints this output" }
      if marking["output"] == nil, !block.steps.isEmpty { return "commands stand in `console` blocks, which are run" }
    default: break
    }
    return nil
  }
}
