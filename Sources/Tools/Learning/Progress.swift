import Foundation
import Workbook

/// What a learner has done so far: exercises/progress.json, for people to read too.
struct Progress: Codable, Equatable {
  /// By number.
  var exercises: [String: Mark] = [:]

  struct Mark: Codable, Equatable {
    var result = Result.untried
    /// Has passed once, whatever became of it.
    var isSolved = false
    var hints = 0
    var sawSolution = false
  }

  enum Result: String, Codable {
    case untried
    case unwritten
    case failing
    case passing
  }

  subscript(_ number: String) -> Mark {
    get { exercises[number] ?? Mark() }
    set { exercises[number] = newValue }
  }

  static func file(in root: URL) -> URL { root.appending(path: "exercises/progress.json") }

  /// A file that cannot be read is set aside, and the learner is told: work is in the work folders, not here.
  static func load(from root: URL, terminal: Terminal) -> Progress {
    let file = file(in: root)
    guard Files.exists(file) else { return Progress() }
    if let data = try? Data(contentsOf: file), let progress = try? JSONDecoder().decode(Progress.self, from: data) {
      return progress
    }
    let aside = file.deletingLastPathComponent().appending(path: "progress.damaged.json")
    try? FileManager.default.removeItem(at: aside)
    try? FileManager.default.moveItem(at: file, to: aside)
    terminal.complain(
      "exercises/progress.json was damaged and is now exercises/progress.damaged.json. Your code is untouched; "
        + "make check CHAPTER=… finds out again what passes.")
    return Progress()
  }

  func save(to root: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try Files.write(encoder.encode(self) + Data("\n".utf8), to: Self.file(in: root))
    } catch {
      throw Failure("exercises/progress.json cannot be written (\(error.localizedDescription)); your code is untouched")
    }
  }
}
