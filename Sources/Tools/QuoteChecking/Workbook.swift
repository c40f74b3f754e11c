/// The chapters' texts beside the sources that they explain.
///
/// What must hold: every quote equals its lines in the file, and every line (blank ones aside) of every module whose
/// chapter has a text is quoted exactly once, in whichever chapter.
public struct Workbook: Sendable {
  /// A chapter's module: the folder `02-ReplicaSets` and its Swift files.
  public struct Module: Sendable {
    public var folder: String
    /// Paths in the repository, sorted.
    public var files: [String]

    public init(folder: String, files: [String]) {
      self.folder = folder
      self.files = files
    }

    /// `00a` of `00a-Objects`; the chapter's text has the same number.
    var number: Substring { folder.prefix { $0 != "-" } }
  }

  public internal(set) var chapters: [ChapterText]
  public let modules: [Module]
  /// Lines of the module files and of every other file that a chapter quotes, by path.
  let files: [String: [String]]

  /// `files` holds texts by path.
  public init(chapters: [ChapterText], modules: [Module], files: [String: String]) {
    self.chapters = chapters
    self.modules = modules
    self.files = files.mapValues { text in
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      return lines
    }
  }

  func hasText(_ module: Module) -> Bool {
    chapters.contains { chapter in
      let name = chapter.path.split(separator: "/").last ?? ""
      return name.hasPrefix(module.number + "-")
    }
  }

  func quotes(of file: String) -> [Quote] {
    chapters.flatMap(\.quotes).filter { $0.file == file }
  }

  /// The runs of lines of a file that no chapter quotes, counted from 1; nil when there is no such file.
  public func uncovered(in file: String) -> [ClosedRange<Int>]? {
    files[file].map { lines in
      var ledger = Ledger(file: lines)
      _ = ledger.enter(quotes(of: file))
      return ledger.uncovered
    }
  }

  /// A line of a file, counted from 1.
  public func line(_ number: Int, of file: String) -> String? {
    guard let lines = files[file], lines.indices.contains(number - 1) else { return nil }
    return lines[number - 1]
  }
}
