import Foundation
import Testing

/// What the design forbids, file by file. Each failure names a place and what to do about it.
@Suite struct Tidy {
  private let tree: SourceTree

  init() throws {
    tree = try SourceTree.here.get()
  }

  private func report(_ findings: [String], _ location: SourceLocation = #_sourceLocation) {
    for finding in findings { Issue.record(Comment(rawValue: finding), sourceLocation: location) }
  }

  @Test func chaptersImportEarlierChaptersOnly() {
    for (position, folder) in tree.chapterFolders.enumerated() {
      let earlier = tree.chapterFolders[..<position].map(moduleName)
      let allowed = Set(["Foundation", "FoundationEssentials", "Synchronization"] + earlier)
      for file in tree.swiftFiles(under: "Sources/\(folder)") {
        report(
          imports(in: file).filter { !allowed.contains($0.module) }.map { number, module in
            "\(file.path):\(number): imports \(module); a chapter imports earlier chapters, Foundation and "
              + "Synchronization. Give the work to an edge behind a protocol, or to a later chapter."
          })
      }
    }
  }

  @Test func edgesDoNotImportEachOther() {
    for module in tree.edgeModules {
      let forbidden = Set(tree.edgeModules + ["Kubectl", "swiftlet"]).subtracting([module])
      for file in tree.swiftFiles(under: "Sources/Edges/\(module)") {
        report(
          imports(in: file).filter { forbidden.contains($0.module) }.map { number, other in
            "\(file.path):\(number): imports \(other); edges meet in the binary only. Put a protocol in a chapter."
          })
      }
    }
  }

  @Test func chaptersAreFreeOfClocksChanceAndThreads() {
    for rule in Rule.purity { report(tree.chapterFiles.flatMap(rule.findings)) }
  }

  @Test func nothingTrapsOnWhatItReads() {
    for rule in Rule.safety { report(tree.swiftFiles(under: "Sources").flatMap(rule.findings)) }
  }

  @Test func nothingIsLeftForLater() {
    let mark = ["TO" + "DO", "FIX" + "ME"]
    for file in tree.files where file.isSwift || file.path.hasPrefix("scripts/") {
      for (number, line) in zip(1..., file.lines) where mark.contains(where: line.contains) {
        report(["\(file.path):\(number): leaves something for later; do it now, or open an issue"])
      }
    }
  }

  @Test func filesFitInOneSitting() {
    for file in tree.files where file.isSwift && file.lines.count > 401 {
      report(["\(file.path):401: has \(file.lines.count - 1) lines; 400 is the limit. Give one of its ideas a file."])
    }
  }

  @Test func everySwiftFileBelongsToATarget() throws {
    let folders = try targetFolders()
    for file in tree.files
    where file.isSwift && (file.path.hasPrefix("Sources/") || file.path.hasPrefix("Tests/"))
      && !folders.contains(where: { file.path.hasPrefix($0 + "/") })
    {
      report(["\(file.path):1: no target in Package.swift includes it; name its folder there, or delete it"])
    }
  }

  @Test func everyChapterIsTested() {
    for folder in tree.chapterFolders where tree.swiftFiles(under: "Sources/\(folder)").contains(where: { !$0.isEmpty })
    {
      let tests = tree.swiftFiles(under: "Tests/\(folder)")
      if !tests.contains(where: { $0.code.contains { $0.contains("#expect") } }) {
        report(["Tests/\(folder): checks nothing of Sources/\(folder); write a test with an #expect"])
      }
    }
  }

  @Test func noFileIsEmpty() {
    for file in tree.files where file.isSwift && file.isEmpty {
      report(["\(file.path):1: holds no code; write it or delete the file"])
    }
  }

  @Test func testsDoNotSleep() {
    report(tree.swiftFiles(under: "Tests").flatMap(Rule.waiting.findings))
  }

  @Test func noFileKnowsTheMachineItWasWrittenOn() {
    let homes = /\/(?:Users|home)\/[a-z][\w.-]*\/|\/root\/|(?:^|[\s"'`=(:])\/work\//
    for file in tree.files {
      for (number, line) in zip(1..., file.lines) where line.contains(homes) {
        report(["\(file.path):\(number): names a path of one machine; use a relative path or a temporary folder"])
      }
    }
  }

  @Test func whatABuildMakesIsNotTracked() throws {
    let made = try SourceTree.tracked().filter { path in
      path.hasSuffix("Package.resolved") || path.split(separator: "/").contains { $0.hasPrefix(".build") }
    }
    report(made.map { "\($0):1: is made by a build; run: git rm --cached \($0)" })
  }

  private func imports(in file: SourceTree.File) -> [(line: Int, module: String)] {
    let pattern =
      /^\s*(?:@\w+(?:\(\w+\))?\s+|public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)*import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)/
    return zip(1..., file.code).compactMap { number, line in
      line.firstMatch(of: pattern).map { (number, String($0.output.1)) }
    }
  }

  /// The folders of the targets, as Package.swift writes them: paths, chapters by folder, edges by name.
  private func targetFolders() throws -> [String] {
    let manifest = try String(contentsOf: SourceTree.root.appending(path: "Package.swift"), encoding: .utf8)
    let paths = manifest.matches(of: /path: "([^"\\]+)"/).map { String($0.output.1) }
    let chapters = manifest.matches(of: /folder: "([^"\\]+)"/).map { String($0.output.1) }
    let edges = manifest.matches(of: /edge\(\s*"(\w+)"/).map { "Edges/\($0.output.1)" }
    return paths + (chapters + edges).flatMap { ["Sources/\($0)", "Tests/\($0)"] }
  }
}
