public import Foundation
public import Workbook

/// Runs again what the texts say they have run, and compares.
///
/// - `console`: the lines with `$` are commands, the lines below them their output. `cluster=N` gives the text a
///   cluster of chapter N; `norun="why"` leaves a block alone.
/// - `swift try`: compiled beside the chapter's tests, and run.
/// - `text output`: what the nearest `swift try` above it prints, or the next one, if there is none above.
public struct Transcripts {
  let root: URL
  private(set) var texts: [MarkdownText]
  public private(set) var problems: [Problem] = []
  /// Blocks that were not run, each with the reason.
  public private(set) var skipped: [Problem] = []
  public private(set) var compared = 0
  /// New contents by text and line of the opening fence.
  private var refreshed: [String: [Int: [String]]] = [:]

  public init(repository root: URL) throws {
    self.init(root: root, texts: try MarkdownText.printed(in: root))
  }

  init(root: URL, texts: [MarkdownText]) {
    self.root = root
    self.texts = texts
  }

  /// Everything: first what says no word, then snippets, then commands.
  public mutating func check(say: (String) -> Void = { _ in }) throws {
    for text in texts { problems += Self.mistakes(in: text) }
    let swiftlet = builtBinary(in: root)
    var checked = self
    try Running.endingChildren {
      try checked.checkSnippets(say)
      try checked.checkConsoles(swiftlet, say)
    }
    self = checked
    problems.sort { ($0.file, $0.line) < ($1.file, $1.line) }
  }

  /// Writes what is printed today into the texts; the checked problems of output are mended by it.
  public func update() throws -> [String] {
    var written: [String] = []
    for text in texts {
      guard let contents = refreshed[text.path], !contents.isEmpty else { continue }
      let new = text.replacing(contents)
      guard new != text.text else { continue }
      try new.write(to: root.appending(path: text.path), atomically: true, encoding: .utf8)
      written.append(text.path)
    }
    return written
  }

  // MARK: Snippets

  private mutating func checkSnippets(_ say: (String) -> Void) throws {
    let (byFolder, homeless) = MarkdownText.snippets(of: texts, root: root)
    problems += homeless
    guard let last = byFolder.keys.max() else { return }
    say("\(byFolder.values.reduce(0) { $0 + $1.count }) snippets are compiled beside the chapters' tests")
    let package = ScratchPackage(root: root, chapter: Int(last.prefix { $0.isNumber }) ?? 0)
    try package.lay(byFolder)
    let errors = try package.build()
    guard errors.isEmpty else {
      problems += errors
      return
    }
    let outputs = try package.run()
    for text in texts {
      for (output, snippet) in text.outputs {
        guard let lines = outputs["\(snippet.text):\(snippet.line)"] else {
          problems.append(
            Problem(file: text.path, line: output.line, message: "the snippet at line \(snippet.line) was not run"))
          continue
        }
        compare(output.content, with: lines, in: text, at: output.line)
      }
    }
  }

  // MARK: Commands

  mutating func checkConsoles(_ swiftlet: URL?, _ say: (String) -> Void) throws {
    for text in texts {
      let blocks = text.blocks.filter { $0.marking.language == "console" }
      guard !blocks.isEmpty else { continue }
      let console = try Console(root: root, swiftlet: swiftlet)
      defer { console.close() }
      for block in blocks {
        if block.marking["norun"] != nil { continue }
        guard console.canRun(block) else {
          skipped.append(Problem(file: text.path, line: block.line, message: "needs the binary, which is not built"))
          continue
        }
        say("\(text.path):\(block.line)")
        try check(block, of: text, on: console)
      }
    }
  }

  private mutating func check(_ block: MarkdownText.Block, of text: MarkdownText, on console: Console) throws {
    let cluster = block.marking["cluster"].flatMap { Int($0) }
    var content: [String] = []
    for step in block.steps {
      let output = try console.run(step.command, cluster: cluster)
      let excerpt = Excerpt(step.expected)
      report(excerpt.difference(from: output), text.path, block.line + step.position + 1)
      content += ["$ " + step.command] + excerpt.refreshed(from: output)
    }
    compared += 1
    refreshed[text.path, default: [:]][block.line] = content
  }

  // MARK: Comparing

  private mutating func compare(
    _ content: [String], with output: [String], in text: MarkdownText, at line: Int
  ) {
    let excerpt = Excerpt(content)
    report(excerpt.difference(from: output), text.path, line)
    compared += 1
    refreshed[text.path, default: [:]][line] = excerpt.refreshed(from: output)
  }

  private mutating func report(_ difference: (position: Int, message: String)?, _ path: String, _ line: Int) {
    guard let difference else { return }
    problems.append(Problem(file: path, line: line + 1 + difference.position, message: difference.message))
  }
}
