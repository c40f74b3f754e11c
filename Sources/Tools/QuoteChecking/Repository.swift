public import Foundation

/// The workbook on disk: texts in `chapters`, modules in the numbered folders of `Sources`.
extension Workbook {
  /// Throws what reading the files throws.
  public init(repository root: URL) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
    let modules = names.filter { $0.first?.isNumber == true }.sorted().map { folder in
      Module(folder: folder, files: swiftFiles(under: "Sources/\(folder)", in: root))
    }
    let texts = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "chapters").path)) ?? []
    let chapters = try texts.filter { $0.hasSuffix(".md") }.sorted().map { name in
      let path = "chapters/\(name)"
      return ChapterText(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
    var files: [String: String] = [:]
    for path in modules.flatMap(\.files) {
      files[path] = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
    for path in chapters.flatMap(\.quotes).map(\.file) where files[path] == nil {
      files[path] = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
    self.init(chapters: chapters, modules: modules, files: files)
  }

  /// Writes the chapters whose text differs from `old`.
  public func writeChapters(changedSince old: Workbook, to root: URL) throws -> [String] {
    var written: [String] = []
    for (before, after) in zip(old.chapters, chapters) where before.lines != after.lines {
      try after.text.write(to: root.appending(path: after.path), atomically: true, encoding: .utf8)
      written.append(after.path)
    }
    return written
  }
}

/// Paths relative to the root, sorted.
private func swiftFiles(under folder: String, in root: URL) -> [String] {
  let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
  return (found?.compactMap { $0 as? String } ?? [])
    .filter { $0.hasSuffix(".swift") }
    .map { "\(folder)/\($0)" }
    .sorted()
}
