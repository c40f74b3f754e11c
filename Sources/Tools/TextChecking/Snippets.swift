import Foundation
import Workbook

/// A piece of Swift in a text that the reader is asked to try: a fence marked `swift try`.
///
/// It is either a file with the test `trying()`, or statements alone, which stand in for the body of one.
struct Snippet: Hashable {
  /// The text's path.
  var text: String
  /// The line of its opening fence, counted from 1.
  var line: Int
  var content: [String]
  /// `swift try=slow` has the outputs that say `output=slow`; most texts need no names.
  var name: String

  private static let head = "@Test func trying()"

  /// The snippet as a function `trying3` that prints what `trying` prints; compiler messages name the text's lines.
  func source(number: Int, modules: [String]) -> String {
    var code = ["#sourceLocation(file: \"\(text)\", line: \(line + 1))"]
    code += content.map { $0.replacing(Self.head, with: "func trying\(number)()") }
    code.append("#sourceLocation()")
    guard !isFile else { return code.joined(separator: "\n") + "\n" }
    let imports = (modules + ["Testing"]).map { "import \($0)" }
    return (imports + ["", "func trying\(number)() throws {"] + code + ["}"]).joined(separator: "\n") + "\n"
  }

  private var isFile: Bool { content.contains { $0.hasPrefix(Self.head) } }

  func call(number: Int) -> String {
    let isAsync = content.contains { $0.hasPrefix(Self.head) && $0.contains("async") }
    return """
        print("\\u{1}\(text):\(line)")
        do {
          try \(isAsync ? "await " : "")trying\(number)()
        } catch {
          print("throws: \\(error)")
        }
      """
  }

  /// Characters that no snippet prints begin its output, and end the last one's.
  static let start = "\u{1}"
  static let end = "\u{2}"
}

/// A copy of the repository's package in which each chapter's snippets stand beside its tests. The copy consists of
/// links, so it costs nothing, and a build of it does again only what has changed.
struct ScratchPackage {
  static let folder = ".build-transcripts"

  let root: URL
  /// The highest chapter that is built.
  let chapter: Int

  private var package: URL { root.appending(path: "\(Self.folder)/package") }

  /// Where a build leaves the modules that others import.
  var modules: URL { root.appending(path: "\(Self.folder)/build/debug/Modules") }

  /// Lays out the copy, with one file for each snippet, by folder: `02-ReplicaSets`.
  func lay(_ snippets: [String: [Snippet]]) throws {
    let files = FileManager.default
    try files.createDirectory(at: package.appending(path: "Tests"), withIntermediateDirectories: true)
    try write(String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8), to: "Package.swift")
    try link("Sources", to: "../../Sources")
    let folders = try files.contentsOfDirectory(atPath: root.appending(path: "Tests").path)
    for folder in folders.sorted() {
      guard folder.first?.isNumber == true else {
        try link("Tests/\(folder)", to: "../../../Tests/\(folder)")
        continue
      }
      try lay(snippets[folder] ?? [], in: folder)
    }
  }

  private func lay(_ snippets: [Snippet], in folder: String) throws {
    let files = FileManager.default
    let copy = "Tests/\(folder)"
    try files.createDirectory(at: package.appending(path: copy), withIntermediateDirectories: true)
    let originals = try files.contentsOfDirectory(atPath: root.appending(path: copy).path)
      .filter { !$0.hasPrefix("Try") }
    let tries = snippets.isEmpty ? [] : snippets.indices.map { "Try\($0 + 1).swift" } + ["Tries.swift"]
    for name in try files.contentsOfDirectory(atPath: package.appending(path: copy).path)
    where !originals.contains(name) && !tries.contains(name) {
      try files.removeItem(at: package.appending(path: "\(copy)/\(name)"))
    }
    for name in originals { try link("\(copy)/\(name)", to: "../../../../\(copy)/\(name)") }
    guard !snippets.isEmpty else { return }
    let modules = try self.modules(upTo: folder)
    for (index, snippet) in snippets.enumerated() {
      try write(snippet.source(number: index + 1, modules: modules), to: "\(copy)/Try\(index + 1).swift")
    }
    let calls = snippets.enumerated().map { $1.call(number: $0 + 1) }
    try write(
      "import Testing\n\n@Test func everyTry() async {\n\(calls.joined(separator: "\n"))\n  print(\"\\u{2}\")\n}\n",
      to: "\(copy)/Tries.swift")
  }

  /// `Objects`, `Store` … up to the chapter's own module.
  private func modules(upTo folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
      .filter { $0.first?.isNumber == true && $0 <= folder }.sorted()
      .map { String($0.drop { $0 != "-" }.dropFirst()) }
  }

  /// A file that has not changed keeps its date, so that nothing is compiled for it.
  private func write(_ text: String, to path: String) throws {
    let file = package.appending(path: path)
    guard (try? String(contentsOf: file, encoding: .utf8)) != text else { return }
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  private func link(_ path: String, to destination: String) throws {
    let files = FileManager.default
    let place = package.appending(path: path)
    guard (try? files.destinationOfSymbolicLink(atPath: place.path)) != destination else { return }
    if (try? files.attributesOfItem(atPath: place.path)) != nil { try files.removeItem(at: place) }
    try files.createSymbolicLink(atPath: place.path, withDestinationPath: destination)
  }

  /// `swift build` or `swift test` in the copy.
  func swift(_ command: String, _ arguments: [String] = [], limit: Duration = .seconds(1_800)) throws -> Running.Outcome
  {
    let words = ["-u", "EXERCISE", "swift", command, "--scratch-path", "../build"] + arguments
    return try Running.run(words, in: package, environment: ["CHAPTER": "\(chapter)"], limit: limit)
  }

  /// Builds the tests with all snippets; errors are placed in the text, or else told whole.
  func build() throws -> [Problem] {
    let outcome = try swift("build", ["--build-tests"])
    guard outcome.status != 0 else { return [] }
    let errors = Set(outcome.lines).compactMap(Self.error).sorted { ($0.file, $0.line) < ($1.file, $1.line) }
    guard errors.isEmpty else { return errors }
    throw Failure("the snippets' package cannot be built:\n" + outcome.lines.suffix(20).joined(separator: "\n"))
  }

  /// `chapters/02-replica-sets.md:864:9: error: cannot find …` as the compiler writes it.
  static func error(_ line: String) -> Problem? {
    guard let found = line.firstMatch(of: /((?:chapters|exercises)\/[^:]*\.md|README\.md):(\d+):\d+: error: (.*)/),
      let number = Int(found.output.2)
    else { return nil }
    return Problem(file: String(found.output.1), line: number, message: "does not compile: \(found.output.3)")
  }

  /// What each snippet prints, by the place that its output begins with. Throws when the tests' process breaks off.
  func run() throws -> [String: [String]] {
    let outcome = try swift(
      "test", ["--skip-build", "--disable-xctest", "--no-parallel", "--filter", "\\.everyTry\\(\\)"])
    let outputs = Self.outputs(outcome.lines)
    guard outcome.status == 0 else {
      throw Failure(
        "a snippet fails or ends the process:\n" + outcome.lines.filter { !$0.hasPrefix("◇") }.joined(separator: "\n"))
    }
    return outputs
  }

  static func outputs(_ lines: [String]) -> [String: [String]] {
    var outputs: [String: [String]] = [:]
    var place: String?
    for line in lines {
      if line.hasPrefix(Snippet.start) {
        place = String(line.dropFirst())
        outputs[place ?? ""] = []
      } else if line.hasPrefix(Snippet.end) {
        place = nil
      } else if let place, !isTestRunner(line) {
        outputs[place]?.append(line)
      }
    }
    return outputs
  }

  /// What the test runner says of itself, at any moment.
  private static func isTestRunner(_ line: String) -> Bool {
    ["◇ ", "✔ ", "✘ ", "↳ "].contains { line.hasPrefix($0) }
  }
}
