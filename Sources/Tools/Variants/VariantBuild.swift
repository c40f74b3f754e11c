import Foundation
import SwiftSource
import Workbook

/// A package with variants compiled in. Those that do not compile are taken out again, as the compiler names them.
struct VariantBuild {
  let package: ScratchPackage
  /// The files that have variants, by path.
  private let sources: [String: SwiftFile]
  private var changes: [String: [Change]]
  /// Files that come in beside the repository's.
  private let added: [String: String]
  /// Variants that do not compile, each with the first error in it.
  private(set) var dropped: [Int: ScratchPackage.CompilerError] = [:]
  /// What each function is called in the records of what is reached.
  private var places: [Place: Int] = [:]

  private struct Place: Hashable {
    var path: String
    var function: Int
  }

  init(
    _ package: ScratchPackage, sources: [String: SwiftFile], changes: [String: [Change]], added: [String: String] = [:]
  ) {
    self.package = package
    self.sources = sources
    self.changes = changes
    self.added = added
    for (path, changes) in changes.sorted(by: { $0.key < $1.key }) {
      for function in Set(changes.map(\.function)).sorted() {
        places[Place(path: path, function: function)] = places.count + 1
      }
    }
  }

  /// The number under which a function says that it has been reached.
  func place(of path: String, _ function: Int) -> Int { places[Place(path: path, function: function)] ?? 0 }

  /// Builds until everything that is left compiles.
  mutating func build(_ terminal: Terminal) throws {
    for round in 1...20 {
      let written = compose()
      var texts = added.merging(written.mapValues(\.text)) { $1 }
      for folder in Set(changes.keys.map(Self.folder)) {
        texts["\(folder)/\(VariantFile.supportFile)"] = VariantFile.support
      }
      try package.write(changed: texts)
      let errors = try package.build()
      if errors.isEmpty { return }
      var count = 0
      for error in errors {
        for variant in variants(at: error, in: written) where dropped[variant] == nil {
          count += 1
          dropped[variant] = error
        }
      }
      guard count > 0, let first = errors.first else {
        let error = errors.first
        throw Failure(
          "the package does not compile, and no variant is to blame: \(error?.path ?? ""):\(error?.line ?? 0): "
            + "\(error?.message ?? "") (read \(package.folder.appending(path: "build.log").path))")
      }
      terminal.print("      build \(round): \(count) do not compile and are left out, like \(first.message)")
      for path in changes.keys { changes[path]?.removeAll { dropped[$0.variant] != nil } }
    }
    throw Failure("after 20 builds there are still variants that do not compile; read \(package.folder.path)/build.log")
  }

  /// The variants that an error is about: one, or all of a function where the compiler complains of its end.
  private func variants(at error: ScratchPackage.CompilerError, in written: [String: VariantFile]) -> [Int] {
    switch written[error.path]?.owner(ofLine: error.line) {
    case .variant(let number): [number]
    case .function(let index): changes[error.path]?.filter { $0.function == index }.map(\.variant) ?? []
    case .nobody, nil: []
    }
  }

  private func compose() -> [String: VariantFile] {
    var files: [String: VariantFile] = [:]
    for (path, changes) in changes {
      guard let file = sources[path] else { continue }
      let functions = Set(changes.map(\.function))
      let identifiers = Dictionary(uniqueKeysWithValues: functions.map { ($0, place(of: path, $0)) })
      files[path] = VariantFile(file, changes: changes, identifiers: identifiers)
    }
    return files
  }

  private static func folder(_ path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }
}

extension VariantFile {
  func owner(ofLine line: Int) -> Owner { owners.indices.contains(line - 1) ? owners[line - 1] : .nobody }
}
