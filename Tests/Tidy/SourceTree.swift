import Foundation
import SwiftSource

/// The repository as git sees it: files that are tracked or would be, but nothing that `.gitignore` names.
struct SourceTree: Sendable {
  struct File: Sendable {
    /// From the root: `Sources/01-Pods/Pod.swift`.
    let path: String
    let lines: [String]
    /// The lines of a Swift file without comments and the text of literals.
    let code: [String]

    init(path: String, text: String) {
      self.path = path
      lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      code = path.hasSuffix(".swift") ? SwiftFile(text).codeLines : []
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isEmpty: Bool { code.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
  }

  /// Text files, in the order of their paths.
  let files: [File]

  /// Read once for all tests.
  static let here = Result { try SourceTree() }

  static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

  private init() throws {
    files = try Self.paths(["--cached", "--others", "--exclude-standard"]).compactMap { path in
      // A file may be deleted and not yet committed; one that is no UTF-8 is no text.
      guard let text = try? String(contentsOf: Self.root.appending(path: path), encoding: .utf8) else { return nil }
      return File(path: path, text: text)
    }
  }

  static func tracked() throws -> [String] { try paths(["--cached"]) }

  /// Outside a git checkout (an unpacked archive) there is nothing to ask, and the tests that need it check nothing.
  private static func paths(_ options: [String]) throws -> [String] {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-C", root.path, "ls-files", "-z"] + options
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    try git.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    git.waitUntilExit()
    return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\0").map(String.init)).sorted()
  }

  func swiftFiles(under folder: String) -> [File] {
    files.filter { $0.isSwift && $0.path.hasPrefix(folder + "/") }
  }

  /// The chapters' folders in the order of the book: `00a-Objects`, `00b-Store`…
  var chapterFolders: [String] {
    let folders = swiftFiles(under: "Sources").map { $0.path.split(separator: "/")[1] }
    return Set(folders.filter { $0.first?.isNumber == true }.map(String.init)).sorted()
  }

  var chapterFiles: [File] { chapterFolders.flatMap { swiftFiles(under: "Sources/\($0)") } }

  var edgeModules: [String] {
    Set(swiftFiles(under: "Sources/Edges").map { String($0.path.split(separator: "/")[2]) }).sorted()
  }
}

/// `Objects` of `00a-Objects`.
func moduleName(_ folder: String) -> String {
  String(folder.drop { $0 != "-" }.dropFirst())
}
