public import Foundation

/// The chapters and exercises of a repository.
///
/// Reading never fails as a whole: what is wrong is listed in `problems`, so that a mistake in the exercises of one
/// chapter does not keep anybody from the others.
public struct Catalogue: Sendable {
  public let root: URL
  /// In the order of the book.
  public private(set) var chapters: [ChapterExercises] = []
  public private(set) var problems: [Problem] = []

  public init(repository root: URL) {
    self.root = root
    for folder in names(in: "Sources") where folder.first?.isNumber == true {
      let prefix = folder.prefix { $0 != "-" } + "-"
      guard let text = names(in: "chapters").first(where: { $0.hasPrefix(prefix) && $0.hasSuffix(".md") }) else {
        continue
      }
      read(ChapterExercises(name: String(text.dropLast(3)), folder: folder))
    }
    let known = chapters.map(\.name)
    for folder in names(in: "exercises") where folder.first?.isNumber == true && !known.contains(folder) {
      complain("exercises/\(folder)", 1, "belongs to no chapter; name it like the text: chapters/\(folder).md")
    }
  }

  public var exercises: [Exercise] { chapters.flatMap(\.exercises) }

  /// A chapter by what people type: 2, 02, 0a, 00a, or its name.
  public func chapter(_ text: String) -> ChapterExercises? {
    chapters.first { $0.name == text || $0.number == ChapterExercises.number(text) }
  }

  public func exercise(_ number: String) -> Exercise? {
    exercises.first { $0.number == number }
  }

  /// The text of a file, by its path from the root; nil where there is none.
  public func text(of path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  func names(in folder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
    return (names ?? []).sorted()
  }

  private mutating func complain(_ file: String, _ line: Int, _ message: String) {
    problems.append(Problem(file: file, line: line, message: message))
  }

  private mutating func read(_ chapter: ChapterExercises) {
    var chapter = chapter
    for name in names(in: chapter.path) where name.hasSuffix(".md") {
      let path = "\(chapter.path)/\(name)"
      guard let text = text(of: path) else {
        complain(path, 1, "cannot be read; it must be a file of UTF-8 text")
        continue
      }
      let found = ExerciseText(text, path: path)
      problems += found.problems
      if found.problems.isEmpty {
        compareWithRepository(found.exercise, in: chapter)
        chapter.exercises.append(found.exercise)
      }
    }
    chapter.exercises.sort { $0.position < $1.position }
    compareNumbers(chapter)
    chapters.append(chapter)
  }

  /// Rebuild exercises come first, and numbers count from 1 without a gap.
  private mutating func compareNumbers(_ chapter: ChapterExercises) {
    for (index, exercise) in chapter.exercises.enumerated() where exercise.number != "\(chapter.number).\(index + 1)" {
      complain(exercise.path, 1, "is exercise \(exercise.number) where \(chapter.number).\(index + 1) is expected")
      break
    }
    let kinds = chapter.exercises.map { $0.function == nil }
    if let early = zip(kinds, kinds.dropFirst()).enumerated().first(where: { $0.element == (true, false) }) {
      complain(
        chapter.exercises[early.offset + 1].path, 1, "is a rebuild exercise after an extend one; rebuild comes first")
    }
  }

  private mutating func compareWithRepository(_ exercise: Exercise, in chapter: ChapterExercises) {
    switch exercise.kind {
    case .rebuild(let function):
      guard function.file.hasPrefix("Sources/\(chapter.folder)/"), let text = text(of: function.file) else {
        complain(exercise.path, 1, "names \(function.file), which is no file of Sources/\(chapter.folder)")
        return
      }
      let lines = text.split(separator: "\n").count { $0.drop { $0 == " " }.hasPrefix(function.declaration) }
      if lines != 1 {
        complain(
          exercise.path, 1,
          "\(lines) lines of \(function.file) begin with `\(function.declaration)`; give the beginning of exactly one")
      }
    case .extend(let solution):
      for path in [solution, chapter.extensionTests(of: exercise)] where text(of: path) == nil {
        complain(exercise.path, 1, "needs \(path), which is not there")
      }
    }
  }
}

/// A chapter and its exercises.
public struct ChapterExercises: Hashable, Sendable {
  /// Of its text and of its folder in exercises: `02-replica-sets`.
  public var name: String
  /// Of its module in Sources and its tests in Tests: `02-ReplicaSets`.
  public var folder: String
  public var exercises: [Exercise] = []

  /// As people write it: `2`, `0a`.
  public var number: String { Self.number(String(name.prefix { $0 != "-" })) }
  public var module: String { String(folder.drop { $0 != "-" }.dropFirst()) }
  /// What CHAPTER is for Package.swift: 0 for all four texts of chapter 0.
  public var layer: String { String(number.prefix { $0.isNumber }) }

  public var path: String { "exercises/\(name)" }
  /// The learner's copy.
  public var work: String { "\(path)/work" }

  /// The file with the tests of an extend exercise.
  public func extensionTests(of exercise: Exercise) -> String {
    "\(path)/extensions/Exercise\(exercise.number.replacing(".", with: "_"))Tests.swift"
  }

  /// `2` of `02` and `2`, `0a` of `00a`.
  static func number(_ text: String) -> String {
    let rest = text.drop { $0 == "0" }
    return rest.first?.isNumber == true ? String(rest) : text.isEmpty ? "" : "0\(rest)"
  }
}

extension Exercise {
  /// 2.10 comes after 2.9.
  fileprivate var position: Int { Int(number.drop { $0 != "." }.dropFirst()) ?? 0 }
}
