public import Foundation
public import Workbook

/// The places in the chapters where the reader runs tests: `> **Checkpoint.** …`.
///
/// Each names at least one test or suite (`swift test --filter …`), what it names exists, and passes. What the chapter
/// has quoted completely before it compiles, with the files that `<!-- borrows: Kind.swift -->` below it names.
public struct Checkpoints {
  let root: URL
  let checkpoints: [Checkpoint]
  public var count: Int { checkpoints.count }

  struct Checkpoint: Hashable {
    var text: String
    /// The first line of the quotation, counted from 1.
    var line: Int
    var filters: [String]
    /// The files whose last quote stands above.
    var quoted: Set<String> = []
    /// Names of files that are quoted further on and needed already.
    var borrowed: [String] = []
  }

  public init(repository root: URL) throws {
    self.root = root
    checkpoints = try MarkdownText.printed(in: root).flatMap(\.checkpoints)
  }

  /// Builds the tests, runs those that are named, and says which checkpoint is wrong.
  public func check() throws -> [Problem] {
    let number = checkpoints.compactMap { Int($0.text.drop { !$0.isNumber }.prefix { $0.isNumber }) }.max() ?? 0
    let package = ScratchPackage(root: root, chapter: number)
    try package.lay(MarkdownText.snippets(of: MarkdownText.printed(in: root), root: root).byFolder)
    let build = try package.build()
    guard build.isEmpty else { return build }
    let tests = try package.swift("test", ["list", "--skip-build"]).lines
    let compiling = Compiling(root: root, modules: package.modules)
    let missing = try Self.problems(with: checkpoints, tests: tests) + checkpoints.flatMap(compiling.problems)
    guard missing.isEmpty, !checkpoints.isEmpty else { return missing }
    guard try !passes(checkpoints, in: package) else { return [] }
    return try checkpoints.filter { try !passes([$0], in: package) }.map { checkpoint in
      Problem(
        file: checkpoint.text, line: checkpoint.line,
        message: "its tests fail: swift test --filter \"\(checkpoint.filters.joined(separator: "|"))\"")
    }
  }

  static func problems(with checkpoints: [Checkpoint], tests: [String]) -> [Problem] {
    checkpoints.compactMap { checkpoint in
      var message: String?
      if checkpoint.filters.isEmpty { message = "a checkpoint names its tests: `swift test --filter NAME`" }
      for filter in checkpoint.filters {
        for name in filter.split(separator: "|") {
          guard let pattern = try? Regex(String(name)) else {
            message = "\(name) is no pattern for a test's name"
            continue
          }
          if !tests.contains(where: { $0.contains(pattern) }) { message = "there is no test or suite \(name)" }
        }
      }
      return message.map { Problem(file: checkpoint.text, line: checkpoint.line, message: $0) }
    }
  }

  private func passes(_ checkpoints: [Checkpoint], in package: ScratchPackage) throws -> Bool {
    let filters = Set(checkpoints.flatMap(\.filters)).sorted().flatMap { ["--filter", $0] }
    return try package.swift("test", ["--skip-build", "--disable-xctest"] + filters).status == 0
  }
}

extension MarkdownText {
  var checkpoints: [Checkpoints.Checkpoint] {
    let prose = prose
    var lastQuotes: [String: Int] = [:]
    for block in blocks { if let file = block.marking["file"] { lastQuotes[file] = block.line } }
    return prose.enumerated().filter { $1.line.hasPrefix("> **Checkpoint.**") }.map { position, start in
      let quotation = prose[position...].prefix { $0.line.hasPrefix(">") }
      let words = quotation.map { $0.line.dropFirst() }.joined(separator: " ")
      let filters = words.matches(of: /--filter (?:"([^"]+)"|([^\s`"]+))/).map {
        String($0.output.1 ?? $0.output.2 ?? "")
      }
      let below = prose[quotation.endIndex...].map(\.line).joined(separator: "\n")
      let borrows = below.prefixMatch(of: /\s*<!-- borrows:([^>]*)-->/)?.output.1 ?? ""
      return Checkpoints.Checkpoint(
        text: path, line: start.number, filters: filters,
        quoted: Set(lastQuotes.filter { $0.value < start.number }.keys),
        borrowed: borrows.split { $0 == "," || $0.isWhitespace }.map(String.init))
    }
  }
}
