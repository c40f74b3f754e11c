import Foundation
public import Workbook

extension Command {
  /// Shows a hint that was not shown yet.
  public static let hint = Command("hint", takes: "EXERCISE [--all]", "shows the next hint of an exercise") { call in
    let (exercise, _) = try call.exercise(call.arguments.words[0], in: call.catalogue)
    var progress = Progress.load(from: call.root, terminal: call.terminal)
    if call.arguments.has("--all") {
      call.show(exercise.hints, of: exercise)
      progress[exercise.number].hints = exercise.hints.count
    } else {
      call.showNextHint(of: exercise, &progress)
    }
    try progress.save(to: call.root)
    return 0
  }

  /// Empties functions again.
  public static let reset = Command(
    "reset", takes: "CHAPTER|EXERCISE", "empties functions again; a backup is kept"
  ) { call in
    let word = call.arguments.words[0]
    let catalogue = call.catalogue
    let backup: String
    let place: String
    if word.contains(".") {
      let (exercise, chapter) = try call.exercise(word, in: catalogue)
      place = chapter.work
      backup = try call.copy(of: chapter).reset(exercise)
    } else {
      let chapter = try call.chapter(word, in: catalogue)
      place = chapter.work
      backup = try call.copy(of: chapter).reset()
    }
    call.terminal.print("\(word) is as at the beginning again. What you had written is in \(backup);")
    call.terminal.print("to have it back, copy it over \(place)/Sources.")
    return 0
  }

  /// Shows the function as it stands in Sources, or the patch.
  public static let solution = Command(
    "solution", takes: "EXERCISE [--peek]", "shows our solution, once yours passes"
  ) { call in
    let catalogue = call.catalogue
    let (exercise, _) = try call.exercise(call.arguments.words[0], in: catalogue)
    var progress = Progress.load(from: call.root, terminal: call.terminal)
    let isPeeking = call.arguments.has("--peek")
    guard progress[exercise.number].isSolved || isPeeking else {
      throw Failure(
        "yours has not passed yet: make check CHAPTER=\(exercise.chapter). A hint: make hint EXERCISE=\(exercise.number). "
          + "To see it all the same: make solution EXERCISE=\(exercise.number) OPTIONS=--peek")
    }
    call.terminal.print(try Solution(exercise, in: catalogue).text)
    if isPeeking, !progress[exercise.number].isSolved {
      progress[exercise.number].sawSolution = true
      try progress.save(to: call.root)
    }
    return 0
  }
}

extension Call {
  /// The next hint; when all were shown, all of them again.
  func showNextHint(of exercise: Exercise, _ progress: inout Progress) {
    let shown = progress[exercise.number].hints
    guard shown < exercise.hints.count else {
      show(exercise.hints, of: exercise)
      terminal.print("These are all hints that there are.")
      return
    }
    show([exercise.hints[shown]], of: exercise)
    progress[exercise.number].hints = shown + 1
    let left = exercise.hints.count - shown - 1
    if left > 0 { terminal.print("\(left) more \(left == 1 ? "hint" : "hints").") }
  }

  fileprivate func show(_ hints: [Exercise.Hint], of exercise: Exercise) {
    for hint in hints {
      terminal.print("\(exercise.number) \(exercise.title). \(hint.title)", .bold)
      terminal.print()
      terminal.printProse(hint.text)
      terminal.print()
    }
  }
}
