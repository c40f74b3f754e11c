import Foundation
public import Workbook

extension Command {
  /// Whether the chapters' tests notice small mistakes.
  public static let mutants = Command(
    "mutants", takes: "[CHAPTER]", "do the chapters' tests notice small mistakes in the code?"
  ) { call in
    let catalogue = Catalogue(repository: call.root)
    var chapters = catalogue.chapters
    if let name = call.arguments.words.first {
      guard let chapter = catalogue.chapter(name) else { throw Failure.unknownChapter(name, in: catalogue) }
      chapters = [chapter]
    }
    var results: [(chapter: ChapterExercises, result: MutantRun.Result)] = []
    for chapter in chapters {
      let run = MutantRun(catalogue: catalogue, chapter: chapter, terminal: call.terminal)
      results.append((chapter, try run.run()))
    }
    var report = MutantReport()
    for (chapter, result) in results {
      let path = "\(chapter.path)/survivors.txt"
      report.add(result, Survivors(catalogue.text(of: path) ?? "", path: path), path: path)
    }
    call.terminal.print(report.text)
    for complaint in report.complaints { call.terminal.complain(complaint) }
    return report.complaints.isEmpty ? 0 : 1
  }
}

extension Failure {
  static func unknownChapter(_ name: String, in catalogue: Catalogue) -> Failure {
    let known = catalogue.chapters.map(\.number).joined(separator: ", ")
    return Failure("there is no chapter \(name); there are \(known)")
  }
}

/// What the mutants of some chapters have shown, as text.
struct MutantReport {
  /// In percent: a chapter's tests notice at least so many.
  static let required = 90

  private var rows = [["module", "tried", "killed", "timed out", "survived", "noticed"]]
  private var survivors: [String] = []
  private(set) var complaints: [String] = []

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let table = rows.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + blanks : blanks + cell.0
      }.joined(separator: "  ")
    }
    return (table + survivors).joined(separator: "\n")
  }

  mutating func add(_ result: MutantRun.Result, _ accepted: Survivors, path: String) {
    complaints += accepted.problems.map { "\($0)" }
    let tried = result.fates.count
    rows.append([
      result.module, "\(tried)", "\(result.count(.killed))", "\(result.count(.timedOut))", "\(result.survivors.count)",
      "\(result.killed) %",
    ])
    let left = result.possible - result.dropped - tried
    if left > 0 {
      survivors.append("\n\(result.module): \(left) more were not tried; the choice is the same every time.")
    }
    if !result.survivors.isEmpty { survivors.append("\nSurvivors in \(result.module):") }
    for (mutant, fate) in result.survivors {
      let reason = accepted.reasons[mutant.name]
      survivors.append("\(mutant.file):\(mutant.line):\(fate == .unreached ? " no test comes here" : "")")
      survivors.append("\(mutant.name)\n  \(reason ?? "(no reason yet)")")
    }
    let unlisted = result.survivors.count { accepted.reasons[$0.mutant.name] == nil }
    if unlisted > 0 {
      complaints.append(
        "\(result.module): \(unlisted) survive without a reason; write a test, or the reason into \(path)")
    }
    if result.killed < Self.required {
      complaints.append("\(result.module): the tests notice \(result.killed) %; \(Self.required) % are required")
    }
    let names = Set(result.fates.map(\.mutant.name)).subtracting(result.survivors.map(\.mutant.name))
    for name in accepted.reasons.keys.sorted() where names.contains(name) {
      survivors.append("\(path) lists what is noticed by now; remove: \(name)")
    }
  }
}
