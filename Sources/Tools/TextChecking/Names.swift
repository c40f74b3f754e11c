public import Foundation
public import Workbook

/// What the prose names in code spans: symbols, files, tests, commands, targets of make.
///
/// A word of a span resolves if the code has it: the sources, tests and scripts without their comments, the exercises'
/// files, or the blocks of the same text. A file must be there, and so must a target of make. Words from outside stand
/// in `chapters/outside-words.txt`, each with what it is.
public struct Names {
  let texts: [MarkdownText]
  let paths: Set<String>
  let targets: Set<String>
  let vocabulary: Set<Substring>
  public private(set) var checked = 0

  static let outside = "chapters/outside-words.txt"

  public init(repository root: URL) throws {
    let texts = try MarkdownText.all(in: root)
    let files = FileManager.default
    var paths: Set<String> = []
    var words: Set<Substring> = []
    func read(_ path: String) {
      words.formUnion(Self.codeWords((try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""))
    }
    for folder in ["Sources", "Tests", "scripts", "chapters", "exercises", "examples"] {
      for case let name as String in files.enumerator(atPath: root.appending(path: folder).path)?.allObjects ?? [] {
        let parts = name.split(separator: "/")
        if parts.contains("work") && folder == "exercises" { continue }
        paths.formUnion(["\(folder)/\(name)", folder])
        if ["swift", "sh", "yaml", "patch", "svg"].contains(name.split(separator: ".").last ?? "") {
          read("\(folder)/\(name)")
        }
      }
    }
    for name in try files.contentsOfDirectory(atPath: root.path)
    where !name.hasPrefix(".build") && !name.hasPrefix(".git") {
      paths.insert(name)
    }
    for name in ["Makefile", "Package.swift"] { read(name) }
    let makefile = try String(contentsOf: root.appending(path: "Makefile"), encoding: .utf8)
    let list = (try? String(contentsOf: root.appending(path: Self.outside), encoding: .utf8)) ?? ""
    self.init(texts: texts, paths: paths, makefile: makefile, words: words, outside: list)
  }

  init(texts: [MarkdownText], paths: Set<String>, makefile: String, words: Set<Substring>, outside: String) {
    self.texts = texts
    self.paths = paths
    targets = Set(
      makefile.matches(of: /(?m)^([a-z][a-z-]*(?: [a-z-]+)*):/).flatMap {
        $0.output.1.split(separator: " ").map(String.init)
      })
    let known = outside.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
      $0.split(separator: " ").first
    }
    vocabulary = words.union(known).union((paths.union(targets)).flatMap { Self.words(of: $0) })
  }

  public mutating func check() -> [Problem] {
    texts.flatMap { text in
      let own = Set(text.blocks.flatMap(\.content).flatMap { Self.words(of: $0) })
      return text.spans.compactMap { span in
        checked += 1
        return mistake(in: span.content, of: text, own: own).map {
          Problem(file: text.path, line: span.line, message: "`\(span.content)`: \($0)")
        }
      }
    }
  }

  private func mistake(in span: String, of text: MarkdownText, own: Set<Substring>) -> String? {
    if let target = span.firstMatch(of: /^make ([a-z-]+)/), !targets.contains(String(target.output.1)) {
      return "the Makefile has no \(target.output.1)"
    }
    // `chapters/NN-name.md` stands for any.
    if span.contains("NN-") { return nil }
    if let file = span.wholeMatch(of: /[\w.\/-]*[\w-]\.(?:swift|md|sh|svg|patch|yaml)/)?.output {
      return missing(String(file), text)
    }
    if span.wholeMatch(of: /(?:Sources|Tests|chapters|exercises|scripts|examples)\/[\w.\/-]+/) != nil {
      return missing(span, text)
    }
    if span.hasPrefix("swift test --filter ") {
      // A filter may be the beginning of a name.
      let names = Self.words(of: span.dropFirst("swift test --filter ".count))
      return names.first { name in !vocabulary.contains { $0.contains(name) } }.map { "there is no test \($0)" }
    }
    let unknown = Self.words(of: span).first { !vocabulary.contains($0) && !own.contains($0) }
    return unknown.map { "neither the code nor \(Self.outside) knows \($0)" }
  }

  /// A path from the root, from the text, or the name of a file anywhere.
  private func missing(_ file: String, _ text: MarkdownText) -> String? {
    let file = file.hasSuffix("/") ? String(file.dropLast()) : file
    // Files that the reader or the tools make.
    if file.hasSuffix("/Try.swift") || file == "exercises/progress.json" || file.split(separator: "/").contains("work")
    {
      return nil
    }
    let isThere =
      paths.contains(file) || Links.resolve(file, from: text.path).map(paths.contains) == true
      || paths.contains { $0.hasSuffix("/\(file)") }
    return isThere ? nil : "there is no such file"
  }

  /// Words of two letters and more.
  static func words(of text: some StringProtocol) -> [Substring] {
    Substring(text).split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
      .filter { $0.count > 1 && $0.first?.isNumber == false }
  }

  /// The words of code; a comment may speak of what is gone.
  static func codeWords(_ text: String) -> Set<Substring> {
    Set(
      text.split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }.flatMap { words(of: $0) })
  }
}

extension MarkdownText {
  /// Code spans of the prose, also those that go on in the next line.
  var spans: [(line: Int, content: String)] {
    var found: [(line: Int, content: String)] = []
    var paragraph: [(number: Int, line: String)] = []
    func finish() {
      let words = paragraph.map(\.line).joined(separator: "\n")
      for span in words.matches(of: /(`+)([^`]+)\1/) {
        let before = words[..<span.range.lowerBound].count { $0 == "\n" }
        let content = span.output.2.split(separator: "\n").map { $0.drop { " >".contains($0) } }.joined(separator: " ")
        found.append((paragraph[before].number, content))
      }
      for span in words.matches(of: /<code>([^<]+)<\/code>/) {
        let before = words[..<span.range.lowerBound].count { $0 == "\n" }
        found.append(
          (paragraph[before].number, String(span.output.1).replacing("&lt;", with: "<").replacing("&gt;", with: ">")))
      }
      paragraph = []
    }
    for (number, line) in prose {
      if line.allSatisfy(\.isWhitespace) || number != (paragraph.last?.number ?? number - 1) + 1 { finish() }
      paragraph.append((number, line))
    }
    finish()
    return found
  }
}
