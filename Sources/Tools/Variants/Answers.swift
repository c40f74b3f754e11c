import Foundation
import SwiftSource
import Workbook

/// The variants that the exercises of all chapters give: every emptied function, every wrong answer. They are built
/// together, once.
struct Answers {
  /// An exercise that is not written.
  struct Emptied {
    var exercise: Exercise
    var chapter: ChapterExercises
    var variant: Int
  }

  /// A misconception, written out.
  struct Wrong {
    /// The patch.
    var path: String
    var chapter: ChapterExercises
    var variant: Int
    var test: TestName
    /// What the failing test says.
    var sentence: String
  }

  let catalogue: Catalogue
  private(set) var emptied: [Emptied] = []
  private(set) var wrong: [Wrong] = []
  private(set) var problems: [Problem]
  private var sources: [String: SwiftFile] = [:]
  private var changes: [String: [Change]] = [:]
  private var count = 0

  init(_ catalogue: Catalogue) {
    self.catalogue = catalogue
    problems = catalogue.problems
    for chapter in catalogue.chapters {
      for exercise in chapter.exercises {
        if let function = exercise.function { empty(exercise, function, chapter) }
      }
      for path in catalogue.wrongAnswers(of: chapter) {
        do throws(Problem) { try addWrong(path, chapter) } catch { problems.append(error) }
      }
    }
  }

  /// The chapters that have something to check.
  var chapters: [ChapterExercises] {
    catalogue.chapters.filter { !$0.exercises.isEmpty || !catalogue.wrongAnswers(of: $0).isEmpty }
  }

  private mutating func source(_ path: String) -> SwiftFile? {
    if sources[path] == nil { sources[path] = catalogue.text(of: path).map { SwiftFile($0) } }
    return sources[path]
  }

  private mutating func empty(_ exercise: Exercise, _ wanted: Exercise.Function, _ chapter: ChapterExercises) {
    guard let file = source(wanted.file) else { return }
    let stub = Stub(exercise: exercise.number, function: wanted.declaration, otherwise: wanted.otherwise)
    do throws(SwiftFileProblem) {
      let function = try file.function(declaredBy: wanted.declaration)
      let body = try stub.body(for: function)
      guard let index = file.functions.firstIndex(of: function) else { return }
      count += 1
      changes[wanted.file, default: []].append(Change(variant: count, function: index, body: " \(body) "))
      emptied.append(Emptied(exercise: exercise, chapter: chapter, variant: count))
    } catch {
      problems.append(Problem(file: exercise.path, line: 1, message: "\(error)"))
    }
  }

  private mutating func addWrong(_ path: String, _ chapter: ChapterExercises) throws(Problem) {
    func wrong(_ message: String) -> Problem { Problem(file: path, line: 1, message: message) }
    let patch = try Patch(catalogue.text(of: path) ?? "", path: path)
    for name in ["Misconception", "Caught by", "Says"] where patch.head[name]?.isEmpty != false {
      throw wrong("lacks the line `\(name): …` above the change")
    }
    guard let test = TestName(patch.head["Caught by"] ?? "") else {
      throw wrong("is caught by `\(patch.head["Caught by"] ?? "")`; name one test, as Suite/test")
    }
    let texts = try patch.applied { catalogue.text(of: $0) }
    count += 1
    for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
      guard path.hasPrefix("Sources/\(chapter.folder)/"), let old = source(path) else {
        throw wrong("changes \(path); a wrong answer changes the chapter's own files and adds none")
      }
      guard let found = Self.changes(from: old, to: SwiftFile(text), variant: count) else {
        throw wrong("changes more than the bodies of functions in \(path); write the misconception inside of one")
      }
      changes[path, default: []] += found
    }
    self.wrong.append(
      Wrong(path: path, chapter: chapter, variant: count, test: test, sentence: patch.head["Says"] ?? ""))
  }

  /// The bodies that differ; nil when something else does.
  static func changes(from old: SwiftFile, to new: SwiftFile, variant: Int) -> [Change]? {
    let skeletons = [old, new].map { file in file.replacing(file.functions.map { ($0.body, "") }) }
    guard skeletons[0] == skeletons[1], old.functions.count == new.functions.count else { return nil }
    return zip(old.functions, new.functions).enumerated().compactMap { index, pair in
      let (before, after) = (old[pair.0.body], new[pair.1.body])
      return before == after ? nil : Change(variant: variant, function: index, body: after)
    }
  }

  // MARK: Building

  /// Builds them all, and takes out of the answers what does not compile, as problems.
  mutating func build(_ terminal: Terminal) throws -> TestRunner {
    var added = catalogue.extensionTests(of: chapters)
    for folder in Set(emptied.map(\.chapter.folder)) { added["Sources/\(folder)/\(Stub.supportFile)"] = Stub.support }
    let package = ScratchPackage("answers", catalogue: catalogue, testing: chapters)
    var build = VariantBuild(package, sources: sources, changes: changes, added: added)
    terminal.print("building \(emptied.count) emptied functions and \(wrong.count) wrong answers into one package")
    try build.build(terminal)
    for (variant, error) in build.dropped.sorted(by: { $0.key < $1.key }) {
      if let one = emptied.first(where: { $0.variant == variant }) {
        problems.append(
          Problem(
            file: one.exercise.path, line: 1, message: "the emptied function does not compile: \(error.message)"))
      } else if let one = wrong.first(where: { $0.variant == variant }) {
        problems.append(Problem(file: one.path, line: 1, message: "does not compile: \(error.message)"))
      }
    }
    emptied.removeAll { build.dropped[$0.variant] != nil }
    wrong.removeAll { build.dropped[$0.variant] != nil }
    return TestRunner(package: package)
  }
}

extension Catalogue {
  private func names(in folder: String, ending: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return names.filter { $0.hasSuffix(ending) }.sorted()
  }

  func wrongAnswers(of chapter: ChapterExercises) -> [String] {
    names(in: "\(chapter.path)/wrong", ending: ".patch").map { "\(chapter.path)/wrong/\($0)" }
  }

  /// The tests of the extend exercises, by where they stand among the chapter's tests.
  func extensionTests(of chapters: [ChapterExercises]) -> [String: String] {
    var texts: [String: String] = [:]
    for chapter in chapters {
      for name in names(in: "\(chapter.path)/extensions", ending: ".swift") {
        texts["Tests/\(chapter.folder)/\(name)"] = text(of: "\(chapter.path)/extensions/\(name)")
      }
    }
    return texts
  }
}
