extension Command {
  /// Whether the files in exercises/ are what the workbook can read.
  public static let catalogue = Command("catalogue", "are the exercises' files complete?") { call in
    let catalogue = Catalogue(repository: call.root)
    for chapter in catalogue.chapters {
      let minutes = chapter.exercises.reduce(0) { $0 + $1.minutes }
      call.terminal.print("\(chapter.name): \(chapter.exercises.count) exercises, \(minutes) minutes")
    }
    for problem in catalogue.problems { call.terminal.complain("\(problem)") }
    return catalogue.problems.isEmpty ? 0 : 1
  }
}
