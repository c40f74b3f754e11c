import Foundation
import SwiftSource
import Workbook

/// A package in a folder of its own that is built from the chapters and their tests as they are, with some files
/// different. Files that stay the same keep their date, so that a second build is short.
struct ScratchPackage: Sendable {
  /// The repository.
  let root: URL
  let folder: URL
  /// What CHAPTER is for Package.swift.
  let layer: String
  /// The targets that are built.
  let targets: [String]
  /// Folders of the repository that are copied.
  let folders: [String]
  /// Built for speed: takes a minute longer to build, and tests run five times as fast.
  let isOptimized: Bool

  /// The chapters up to the last of `tested`, and the tests of those in `tested`.
  init(_ name: String, catalogue: Catalogue, testing tested: [ChapterExercises], isOptimized: Bool = false) {
    self.isOptimized = isOptimized
    root = catalogue.root
    folder = root.appending(path: ".build-variants/\(name)")
    let last = catalogue.chapters.lastIndex { tested.contains($0) } ?? 0
    let chapters = catalogue.chapters[...last]
    layer = chapters.last?.layer ?? "0"
    // What tests share is of no use to chapters before those that it imports.
    let modules = chapters.map(\.module)
    let support = [("KubernetesFacts", "Objects"), ("StorageContract", "Store"), ("ViewFixtures", "ControlLoop")]
      .filter { modules.contains($0.1) }.map(\.0)
    targets = modules + tested.map { "\($0.module)Tests" } + support
    folders =
      chapters.map { "Sources/\($0.folder)" } + tested.map { "Tests/\($0.folder)" } + ["Tests/Support"]
  }

  /// The paths of the repository's files that are part of it.
  func files() throws -> [String] {
    try folders.flatMap { folder -> [String] in
      guard let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else {
        throw Failure("the folder \(folder) cannot be read; is this a whole clone?")
      }
      return found.compactMap { $0 as? String }.filter { path in
        var isFolder: ObjCBool = false
        let full = root.appending(path: "\(folder)/\(path)").path
        return FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) && !isFolder.boolValue
      }.map { "\(folder)/\($0)" }
    }.sorted()
  }

  /// Lays the package out. `changed` holds texts by path, in the place of the repository's files or beside them.
  func write(changed: [String: String]) throws {
    var contents: [String: Data] = changed.mapValues { Data($0.utf8) }
    for path in try files() where contents[path] == nil {
      contents[path] = try Data(contentsOf: root.appending(path: path))
    }
    contents["Package.swift"] = Data(try manifest().utf8)
    for (path, content) in contents {
      let place = folder.appending(path: path)
      if let old = try? Data(contentsOf: place), old == content { continue }
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: place)
    }
    for kind in ["Sources", "Tests"] {
      let found = FileManager.default.enumerator(atPath: folder.appending(path: kind).path)
      for path in found?.compactMap({ $0 as? String }) ?? [] where path.contains(".") {
        if contents["\(kind)/\(path)"] == nil {
          try FileManager.default.removeItem(at: folder.appending(path: "\(kind)/\(path)"))
        }
      }
    }
  }

  private func manifest() throws -> String {
    let own = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let kept = targets.map { "\"\($0)\"" }.joined(separator: ", ")
    return own + "\npackage.products.removeAll()\npackage.targets.removeAll { ![\(kept)].contains($0.name) }\n"
  }

  var configuration: String { isOptimized ? "release" : "debug" }

  var products: URL { folder.appending(path: ".build/\(configuration)") }

  /// An error of the compiler: a place in the package, and what it says.
  struct CompilerError: Hashable, Sendable {
    var path: String
    var line: Int
    var message: String
  }

  /// Builds everything, tests too. Gives the errors of the compiler; none when it has succeeded.
  func build() throws -> [CompilerError] {
    let log = folder.appending(path: "build.log")
    let outcome = try Launch(
      program: "/usr/bin/env",
      arguments: [
        "swift", "build", "-c", configuration, "--build-tests", "--package-path", folder.path, "--scratch-path",
        folder.appending(path: ".build").path, "-Xswiftc", "-continue-building-after-errors", "-Xswiftc",
        "-suppress-warnings", "-Xswiftc", "-enable-testing",
      ], environment: ["CHAPTER": layer], seconds: 3000
    ).run()
    try outcome.output.write(to: log, atomically: true, encoding: .utf8)
    if outcome.ending == .exited(0) { return [] }
    let errors = Self.errors(in: outcome.output, under: folder.path)
    guard !errors.isEmpty else {
      throw Failure("the build has failed without naming a line; read \(log.path)")
    }
    return errors
  }

  static func errors(in output: String, under folder: String) -> [CompilerError] {
    var errors: Set<CompilerError> = []
    for line in output.split(separator: "\n") {
      guard let match = line.firstMatch(of: /^(\/[^:]+):(\d+):\d+: error: (.*)$/), let number = Int(match.output.2)
      else { continue }
      var path = String(match.output.1)
      if let range = path.range(of: folder + "/") { path = String(path[range.upperBound...]) }
      errors.insert(CompilerError(path: path, line: number, message: String(match.output.3)))
    }
    return errors.sorted { ($0.path, $0.line, $0.message) < ($1.path, $1.line, $1.message) }
  }
}
