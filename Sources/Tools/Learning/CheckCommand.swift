import Foundation
public import Workbook

extension Command {
  /// Makes the learner's copy of a chapter.
  public static let exercise = Command("exercise", takes: "CHAPTER", "makes your copy of a chapter, to work in") {
    call in
    let chapter = try call.chapter(call.arguments.words[0], in: call.catalogue)
    let copy = LearnersCopy(of: chapter, in: call.root)
    guard !copy.exists else {
      call.terminal.print("\(chapter.work) is there already and stays as it is.")
      call.terminal.print("To begin again: make reset CHAPTER=\(chapter.number) (a backup is kept)")
      return 0
    }
    try copy.make()
    call.terminal.print(
      "\(chapter.work)/Sources is yours: the module \(chapter.module) with these functions emptied.\n")
    for exercise in chapter.exercises {
      guard let function = exercise.function else { continue }
      let file = function.file.split(separator: "/").last ?? ""
      call.terminal.print("  \(exercise.number) \(exercise.title): \(file), \(exercise.minutes) minutes")
    }
    call.terminal.print("\nThe tasks are in \(chapter.path). Does it pass? make check CHAPTER=\(chapter.number)")
    return 0
  }

  /// Runs the chapter's tests on the learner's module.
  public static let check = Command("check", takes: "CHAPTER", "runs the chapter's tests on your copy") { call in
    let chapter = try call.chapter(call.arguments.words[0], in: call.catalogue)
    let copy = try call.copy(of: chapter)
    var check = Check(copy: copy)
    check.progress = { call.terminal.print($0) }
    let verdict = try check.run()
    VerdictText(verdict: verdict, copy: copy, terminal: call.terminal).printAll()
    var progress = Progress.load(from: call.root, terminal: call.terminal)
    progress.enter(verdict)
    try progress.save(to: call.root)
    return verdict.isGreen ? 0 : 1
  }
}
