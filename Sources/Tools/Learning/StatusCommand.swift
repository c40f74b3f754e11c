import Foundation
public import Workbook

extension Command {
  /// How far the learner has come.
  public static let status = Command("status", takes: "[CHAPTER]", "shows how far you have come") { call in
    let catalogue = call.catalogue
    let progress = Progress.load(from: call.root, terminal: call.terminal)
    let status = Status(progress: progress, terminal: call.terminal)
    if let word = call.arguments.words.first {
      status.print(try call.chapter(word, in: catalogue))
    } else {
      status.print(catalogue)
    }
    return 0
  }
}

/// Progress as a picture, and in words where nobody sees pictures.
struct Status {
  let progress: Progress
  let terminal: Terminal

  func print(_ catalogue: Catalogue) {
    let chapters = catalogue.chapters.filter { !$0.exercises.isEmpty }
    for chapter in chapters { terminal.print(line(chapter)) }
    if terminal.isInteractive {
      terminal.print("\n● passes  ◐ not right yet  ○ not written    ◆ extension passes  ◇ open")
    }
    let all = chapters.flatMap(\.exercises)
    let done = all.filter(isPassing)
    terminal.print("\(done.count) of \(all.count) exercises pass; \(hours(done)) of \(hours(all)) hours of work.")
    if let next = all.first(where: { !isPassing($0) && $0.function != nil }) ?? all.first(where: { !isPassing($0) }) {
      terminal.print("Next: \(next.number) \(next.title), \(next.minutes) minutes: \(next.path)")
    }
  }

  private func isPassing(_ exercise: Exercise) -> Bool { progress[exercise.number].result == .passing }

  private func hours(_ exercises: [Exercise]) -> String {
    let tenths = (exercises.reduce(0) { $0 + $1.minutes } + 3) / 6
    return "\(tenths / 10).\(tenths % 10)"
  }

  private func line(_ chapter: ChapterExercises) -> String {
    let rebuild = chapter.exercises.filter { $0.function != nil }
    let extend = chapter.exercises.filter { $0.function == nil }
    let name = "\(chapter.number) \(chapter.module)"
    let count = "\(rebuild.count(where: isPassing)) of \(rebuild.count)"
    guard terminal.isInteractive else {
      return "Chapter \(name): \(count) pass, and \(extend.count(where: isPassing)) of \(extend.count) extensions."
    }
    return padded(name, 18) + padded(rebuild.map(sign).joined(separator: " "), 24)
      + padded(extend.map(sign).joined(separator: " "), 16) + count
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private func sign(_ exercise: Exercise) -> String {
    switch (progress[exercise.number].result, exercise.function == nil) {
    case (.passing, false): "●"
    case (.passing, true): "◆"
    case (.failing, false): "◐"
    case (_, false): "○"
    case (_, true): "◇"
    }
  }

  /// The exercises of one chapter, one a line.
  func print(_ chapter: ChapterExercises) {
    terminal.print("Chapter \(chapter.number) \(chapter.module)\n")
    for exercise in chapter.exercises {
      let stars = String(repeating: "★", count: exercise.stars)
      let mark = progress[exercise.number]
      let sign = terminal.isInteractive ? sign(exercise) + " " : ""
      let notes =
        [words(mark.result, exercise)] + (mark.hints > 0 ? ["hints: \(mark.hints)"] : [])
        + (mark.sawSolution ? ["solution seen"] : [])
      terminal.print(
        "\(sign)\(padded(exercise.number, 6))\(padded(exercise.title, 34))"
          + (terminal.isInteractive ? padded(stars, 6) : "\(exercise.stars) stars, ")
          + padded("\(exercise.minutes) min", 9) + notes.joined(separator: ", "))
    }
  }

  private func words(_ result: Progress.Result, _ exercise: Exercise) -> String {
    switch result {
    case .passing: "passes"
    case .failing where exercise.function != nil: "not right yet"
    case .unwritten, .untried, .failing: exercise.function == nil ? "open" : "not written"
    }
  }
}
