import Foundation

extension Command {
  /// What the instructors' text says about courses and mistakes is computed; this compares it, or writes it.
  public static let plan = Command("plan", takes: "[--update]", "the tables for instructors: are they current?") {
    call in
    let path = "chapters/instructors.md"
    let catalogue = Catalogue(repository: call.root)
    guard let old = catalogue.text(of: path) else { throw Failure("\(path) is not there") }
    var new = old
    for (name, content) in catalogue.instructorsTables {
      guard let place = new.range(between: "<!-- \(name) -->\n", "<!-- /\(name) -->\n") else {
        throw Failure("\(path) has no place for its \(name): the lines <!-- \(name) --> and <!-- /\(name) -->")
      }
      new.replaceSubrange(place, with: content)
    }
    if new == old {
      call.terminal.print("\(path) is current")
      return 0
    }
    guard call.arguments.has("--update") else {
      throw Failure("the tables in \(path) have drifted from the exercises; say: make plan UPDATE=1")
    }
    try new.write(to: call.root.appending(path: path), atomically: true, encoding: .utf8)
    call.terminal.print("\(path) is updated")
    return 0
  }
}

extension Catalogue {
  /// The computed parts of the instructors' text, by the name of their place in it.
  fileprivate var instructorsTables: [(name: String, content: String)] {
    [
      ("plan", "\n" + Course.all.map { $0.table(self) }.joined(separator: "\n") + "\n"),
      ("mistakes", "\n" + chapters.compactMap(mistakes).joined(separator: "\n") + "\n"),
    ]
  }

  // A chapter's wrong answers: what was believed, and which test knows better.
  private func mistakes(_ chapter: ChapterExercises) -> String? {
    let lines = names(in: "\(chapter.path)/wrong").filter { $0.hasSuffix(".patch") }.compactMap { name -> String? in
      let head = (text(of: "\(chapter.path)/wrong/\(name)") ?? "").split(separator: "\n").prefix(3)
      func field(_ name: String) -> Substring? { head.first { $0.hasPrefix(name) }?.dropFirst(name.count) }
      guard let belief = field("Misconception: "), let test = field("Caught by: ")?.split(separator: "/").last else {
        return nil
      }
      return "- \(belief.prefix(1).uppercased() + belief.dropFirst()). (`\(test)`)\n"
    }
    return lines.isEmpty ? nil : "### Chapter \(chapter.number)\n\n" + lines.joined()
  }
}

extension Course {
  /// The course as Markdown, with links from a file in chapters/.
  func table(_ catalogue: Catalogue) -> String {
    let plan = plan(catalogue)
    let rows = plan.enumerated().map { index, units in
      let texts = units.compactMap { if case .reading(let chapter, _) = $0 { chapter.link } else { nil } }
      let exercises = units.compactMap { if case .exercise(let exercise) = $0 { exercise.link } else { nil } }
      let cells = [
        texts.joined(separator: ", "), exercises.joined(separator: ", "), "\(units.reduce(0) { $0 + $1.minutes })",
      ]
      return "| \(session) \(index + 1) | \(cells.joined(separator: " | ")) |"
    }
    let chosen = plan.joined().count { if case .exercise = $0 { true } else { false } }
    return """
      ### \(title)

      \(chosen) of \(catalogue.exercises.count) exercises in \(sessions) sessions.

      | session | texts | exercises | minutes |
      |---|---|---|---:|
      \(rows.joined(separator: "\n"))

      """
  }
}

extension ChapterExercises {
  fileprivate var link: String { "[\(number)](\(name).md)" }
}

extension Exercise {
  fileprivate var link: String { "[\(number)](../\(path))" }
}

extension String {
  /// What stands between two lines.
  fileprivate func range(between first: String, _ last: String) -> Range<Index>? {
    guard let start = range(of: first), let end = self[start.upperBound...].range(of: last) else { return nil }
    return start.upperBound..<end.lowerBound
  }
}
