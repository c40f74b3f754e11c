import Foundation
import Workbook

/// Whether the files of a module compile that a chapter has quoted completely before a checkpoint, together with those
/// that the checkpoint says it borrows from further on.
struct Compiling {
  let root: URL
  /// The folder with the modules of earlier chapters.
  let modules: URL

  /// What is wrong at a checkpoint: a borrow that is missing, or one that it can do without.
  func problems(at checkpoint: Checkpoints.Checkpoint) throws -> [Problem] {
    guard let folder = try moduleFolder(of: checkpoint.text) else { return [] }
    let files = try swiftFiles(in: folder)
    let borrowed = checkpoint.borrowed.map { "\(folder)/\($0)" }
    let wrong = zip(checkpoint.borrowed, borrowed).compactMap { name, file in
      if !files.contains(file) { return "borrows \(name), which is no file of \(folder)" }
      return checkpoint.quoted.contains(file) ? "borrows \(name), which is quoted above already" : nil
    }
    guard wrong.isEmpty else { return wrong.map { problem(checkpoint, $0) } }

    let quoted = files.filter(checkpoint.quoted.contains)
    let sum = quoted + Set(borrowed).sorted()
    // All of them together have been built.
    if sum.count < files.count, let error = try firstError(in: sum, of: folder) {
      let needed = try smallest(files.filter { !quoted.contains($0) }) {
        try firstError(in: quoted + $0, of: folder) == nil
      }
      let names = needed.map { $0.dropFirst(folder.count + 1) }.joined(separator: ", ")
      return [
        problem(
          checkpoint, "the files quoted so far do not compile (\(error)); they do with <!-- borrows: \(names) -->")
      ]
    }
    return try borrowed.filter { file in try firstError(in: sum.filter { $0 != file }, of: folder) == nil }.map {
      file in
      problem(checkpoint, "borrows \(file.dropFirst(folder.count + 1)), and compiles without it")
    }
  }

  /// As few of the files as still do: large parts are left out first, then single files until none can be.
  func smallest(_ files: [String], _ isEnough: ([String]) throws -> Bool) rethrows -> [String] {
    var files = files
    var part = max(1, files.count / 2)
    while true {
      let before = files.count
      for start in stride(from: 0, to: files.count, by: part).reversed() {
        var fewer = files
        fewer.removeSubrange(start..<min(start + part, files.count))
        if try isEnough(fewer) { files = fewer }
      }
      if part == 1, files.count == before { return files }
      part = max(1, part / 2)
    }
  }

  private func problem(_ checkpoint: Checkpoints.Checkpoint, _ message: String) -> Problem {
    Problem(file: checkpoint.text, line: checkpoint.line, message: message)
  }

  /// `Sources/02-ReplicaSets` for `chapters/02-replica-sets.md`.
  private func moduleFolder(of text: String) throws -> String? {
    let number = (text.split(separator: "/").last ?? "").prefix { $0 != "-" } + "-"
    guard number.first?.isNumber == true else { return nil }
    return try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
      .first { $0.hasPrefix(number) }.map { "Sources/\($0)" }
  }

  private func swiftFiles(in folder: String) throws -> [String] {
    let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.sorted().map {
      "\(folder)/\($0)"
    }
  }

  /// `Value.swift:12: cannot find 'Kind' in scope`, or nil when the files compile.
  private func firstError(in files: [String], of folder: String) throws -> String? {
    guard !files.isEmpty else { return nil }
    let manifest = (try? String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)) ?? ""
    let features = manifest.matches(of: /\.enableUpcomingFeature\("(\w+)"\)/).flatMap {
      ["-enable-upcoming-feature", String($0.output.1)]
    }
    let words = ["swiftc", "-typecheck", "-parse-as-library", "-suppress-warnings", "-swift-version", "6"] + features
    let module = String(folder.drop { $0 != "-" }.dropFirst())
    let outcome = try Running.run(
      words + ["-module-name", module, "-I", modules.path] + files, in: root, limit: .seconds(300))
    guard outcome.status != 0 else { return nil }
    let error = outcome.lines.lazy.compactMap { $0.firstMatch(of: /([^\/]*\.swift:\d+):\d+: error: (.*)/) }.first
    guard let error else {
      throw Failure("swiftc does not run:\n" + outcome.lines.suffix(20).joined(separator: "\n"))
    }
    return "\(error.output.1): \(error.output.2)"
  }
}
