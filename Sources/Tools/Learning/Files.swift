import Foundation

/// Whole folders as values: relative paths and what is in the files.
enum Files {
  static func exists(_ place: URL) -> Bool { FileManager.default.fileExists(atPath: place.path) }

  /// The names in a folder, sorted; none where there is no folder.
  static func names(in folder: URL) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  static func isFolder(_ place: URL) -> Bool {
    (try? place.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
  }

  /// Every file below a folder. Hidden files (an editor's) do not count.
  static func all(in folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in names(in: folder) {
      let place = folder.appending(path: name)
      if isFolder(place) {
        for (path, data) in try all(in: place) { files["\(name)/\(path)"] = data }
      } else {
        files[name] = try Data(contentsOf: place)
      }
    }
    return files
  }

  /// Makes a folder hold these files and no others. A file that is as it should be is not touched: a build would take
  /// it for new.
  static func mirror(_ files: [String: Data], to folder: URL) throws {
    for path in try all(in: folder).keys where files[path] == nil {
      try FileManager.default.removeItem(at: folder.appending(path: path))
    }
    for (path, data) in files {
      let place = folder.appending(path: path)
      if (try? Data(contentsOf: place)) != data { try write(data, to: place) }
    }
  }

  /// Writes a file whole or not at all.
  static func write(_ data: Data, to place: URL) throws {
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: place, options: .atomic)
  }

  /// When something in a folder was last written.
  static func lastChange(in folder: URL) -> Date {
    names(in: folder).map { name in
      let place = folder.appending(path: name)
      if isFolder(place) { return lastChange(in: place) }
      return (try? place.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate) ?? .distantPast
    }.max() ?? .distantPast
  }
}
