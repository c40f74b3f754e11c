import Foundation
import SwiftSource
import Workbook

/// The learner's copy of a chapter: the module with emptied functions, and the chapter's tests.
struct LearnersCopy {
  let root: URL
  let chapter: ChapterExercises
  let folder: URL

  init(of chapter: ChapterExercises, in root: URL) {
    self.init(of: chapter, in: root, folder: root.appending(path: chapter.work))
  }

  init(of chapter: ChapterExercises, in root: URL, folder: URL) {
    self.root = root
    self.chapter = chapter
    self.folder = folder
  }

  var sources: URL { folder.appending(path: "Sources") }
  var exists: Bool { Files.exists(sources) }

  /// Makes the copy, whole or not at all. What is there already stays as it is.
  func make() throws {
    if exists { return }
    let new = folder.deletingLastPathComponent().appending(path: "work.new")
    try? FileManager.default.removeItem(at: new)
    try Files.mirror(emptiedModule(), to: new)
    try refreshTests()
    try FileManager.default.moveItem(at: new, to: sources)
  }

  /// Takes somebody's module over. It may still call what emptied functions call, wherever its folder came from.
  func take(_ module: URL) throws {
    var files = try Files.all(in: module)
    files[Stub.supportFile] = Data(Stub.support.utf8)
    try Files.mirror(files, to: sources)
  }

  /// Copies the tests anew: they are the judge, and a chapter's may have become more.
  func refreshTests() throws {
    var tests = try Files.all(in: root.appending(path: "Tests/\(chapter.folder)"))
    for (path, data) in try Files.all(in: root.appending(path: "\(chapter.path)/extensions")) {
      tests["extensions/\(path)"] = data
    }
    try Files.mirror(tests, to: folder.appending(path: "Tests"))
  }

  /// The chapter's module with every exercised function emptied.
  func emptiedModule() throws -> [String: Data] {
    let place = "Sources/\(chapter.folder)"
    var files = try Files.all(in: root.appending(path: place))
    for exercise in chapter.exercises {
      guard let function = exercise.function else { continue }
      let path = String(function.file.dropFirst(place.count + 1))
      let text = String(decoding: files[path] ?? Data(), as: UTF8.self)
      files[path] = Data(try emptying(exercise, function, in: text, of: function.file).utf8)
    }
    files[Stub.supportFile] = Data(Stub.support.utf8)
    return files
  }

  private func emptying(
    _ exercise: Exercise, _ function: Exercise.Function, in text: String, of file: String
  ) throws -> String {
    let stub = Stub(exercise: exercise.number, function: function.declaration, otherwise: function.otherwise)
    do {
      return try stub.emptying(SwiftFile(text))
    } catch {
      throw Failure("exercise \(exercise.number): \(file) \(error)")
    }
  }

  /// Whether the function of a rebuild exercise still says that it is not written.
  func isUnwritten(_ exercise: Exercise) -> Bool {
    guard let function = exercise.function, let text = try? String(contentsOf: place(of: function), encoding: .utf8)
    else { return false }
    return text.contains("nimplemented(\"\(exercise.number)\"")
  }

  private func place(of function: Exercise.Function) -> URL {
    sources.appending(path: String(function.file.dropFirst("Sources/\(chapter.folder)/".count)))
  }

  // MARK: Going back

  /// Empties everything again, and returns where the learner's version is kept.
  func reset() throws -> String {
    let backup = try backUp()
    try Files.mirror(emptiedModule(), to: sources)
    try refreshTests()
    return backup
  }

  /// Empties one function again; whatever else was written stays.
  func reset(_ exercise: Exercise) throws -> String {
    guard let function = exercise.function else {
      throw Failure(
        "\(exercise.number) may change the module anywhere, so only all of it can go back; "
          + "make reset CHAPTER=\(chapter.number) does that and keeps a backup")
    }
    let place = place(of: function)
    let mine = try String(contentsOf: place, encoding: .utf8)
    let text = try emptying(exercise, function, in: mine, of: place.lastPathComponent)
    let backup = try backUp()
    try Files.write(Data(text.utf8), to: place)
    return backup
  }

  /// Keeps the Sources as they are under the next free number.
  private func backUp() throws -> String {
    let backups = root.appending(path: "\(chapter.path)/backups")
    let number = (Files.names(in: backups).compactMap { Int($0) }.max() ?? 0) + 1
    try Files.mirror(Files.all(in: sources), to: backups.appending(path: "\(number)"))
    return "\(chapter.path)/backups/\(number)"
  }
}
