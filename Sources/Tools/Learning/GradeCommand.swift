import Foundation
public import Workbook

extension Command {
  /// For instructors: what everybody in a class has reached.
  public static let grade = Command(
    "grade", takes: "DIR [--json]", "for instructors: a report on every learner's folder in DIR"
  ) { call in
    let folder = URL(filePath: call.arguments.words[0])
    let isJSON = call.arguments.has("--json")
    guard Files.isFolder(folder) else { throw Failure("\(folder.path) is no folder; it holds one folder per learner") }
    let report = GradeText(terminal: call.terminal)
    let grades = try Grading(catalogue: call.catalogue).grades(in: folder) { if !isJSON { report.print($0) } }
    guard grades.contains(where: { !$0.chapters.isEmpty }) else {
      throw Failure(
        "nobody in \(folder.path) has handed in a chapter; it holds one folder per learner, and in each for example "
          + "02-replica-sets/work")
    }
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      call.terminal.print(String(decoding: try encoder.encode(grades), as: UTF8.self))
    }
    return 0
  }
}

/// A learner's grades in a few lines.
struct GradeText {
  let terminal: Terminal

  func print(_ grade: LearnerGrade) {
    terminal.print("\(grade.name): \(grade.score) %")
    for chapter in grade.chapters { terminal.print("  \(text(chapter))") }
  }

  private func text(_ grade: ChapterGrade) -> String {
    if let problem = grade.problem { return "chapter \(grade.chapter): \(problem)" }
    var parts = ["chapter \(grade.chapter): \(grade.passing.count) of \(grade.exercises)"]
    if !grade.failing.isEmpty { parts.append("not right: \(grade.failing.joined(separator: " "))") }
    if !grade.unwritten.isEmpty { parts.append("not written: \(grade.unwritten.joined(separator: " "))") }
    if !grade.extensions.isEmpty { parts.append("extensions: \(grade.extensions.joined(separator: " "))") }
    if grade.passing.count == grade.exercises, !grade.isGreen { parts.append("but other tests of the chapter fail") }
    return parts.joined(separator: ", ")
  }
}
