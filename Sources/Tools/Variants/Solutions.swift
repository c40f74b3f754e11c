import Foundation
import Workbook

/// The chapters with the solutions of all extend exercises in them: everything is green.
struct Solutions {
  let catalogue: Catalogue
  let chapters: [ChapterExercises]
  private(set) var problems: [Problem] = []
  private var texts: [String: String] = [:]

  init(_ catalogue: Catalogue, chapters: [ChapterExercises]) {
    self.catalogue = catalogue
    self.chapters = chapters
    for chapter in chapters {
      var patches: [Patch] = []
      for path in chapter.exercises.compactMap(\.solution) {
        guard let text = catalogue.text(of: path) else { continue }
        do throws(Problem) {
          patches.append(try Patch(text, path: path))
        } catch {
          problems.append(error)
        }
      }
      join(patches, chapter)
    }
  }

  /// Learners solve exercises in any order.
  private mutating func join(_ patches: [Patch], _ chapter: ChapterExercises) {
    for patch in patches {
      for path in patch.changedFiles where !path.hasPrefix("Sources/\(chapter.folder)/") {
        problems.append(
          Problem(file: patch.path, line: 1, message: "changes \(path); a solution changes Sources/\(chapter.folder)"))
      }
    }
    do throws(Problem) {
      let forwards = try applied(patches)
      let backwards = try applied(patches.reversed())
      if forwards != backwards {
        problems.append(
          Problem(
            file: "\(chapter.path)", line: 1,
            message: "its solutions give different code in different orders; keep apart "
              + "the lines that they change"))
      }
      texts.merge(forwards) { $1 }
    } catch {
      problems.append(error)
    }
  }

  private func applied(_ patches: [Patch]) throws(Problem) -> [String: String] {
    var texts: [String: String] = [:]
    for patch in patches {
      for (path, text) in try patch.applied(to: { texts[$0] ?? catalogue.text(of: $0) }) { texts[path] = text }
    }
    return texts
  }

  /// Builds them all, and runs the tests of the chapters of these names.
  mutating func run(checking names: [String], _ terminal: Terminal) throws {
    terminal.print("building all solutions into one package")
    let package = ScratchPackage("solutions", catalogue: catalogue, testing: chapters)
    try package.write(changed: texts.merging(catalogue.extensionTests(of: chapters)) { $1 })
    if let error = try package.build().first {
      throw Failure("with all solutions, the chapters do not compile: \(error.path):\(error.line): \(error.message)")
    }
    let runner = TestRunner(package: package)
    let checked = chapters.filter { names.contains($0.name) }
    let reports = try concurrently(checked) { chapter in
      try runner.run("\(chapter.module)Tests", seconds: StubCheck.seconds)
    }
    for (chapter, report) in zip(checked, reports) {
      terminal.print(
        "      \(chapter.name) with its solutions: \(report.tests.count) tests, \(report.failed.count) fail")
      guard report.hasFinished else {
        throw Failure("with all solutions, \(chapter.module)Tests does not come to an end:\n\(report.lastWords)")
      }
      for failed in report.failed {
        let exercise = chapter.exercises.first { $0.tests.contains(failed.test) }
        problems.append(
          Problem(
            file: exercise?.solution ?? chapter.path, line: 1,
            message: "with all solutions, \(failed.test) fails: \(failed.messages.first ?? "")"))
      }
    }
  }
}
