import Foundation

/// A course of some length: what of the workbook fits into it, and when it is done.
///
/// The texts come in the order of the book, as long as they take no more than half of the time. Of their exercises as
/// many are chosen as fit beside them: the rebuild exercises before the extend ones, then the easier before the harder,
/// then the shorter before the longer. What was chosen is spread evenly over the sessions, in the order of the book.
public struct Course: Sendable {
  public var title: String
  /// What a session is called, and how many there are: `Week`, 6.
  public var session: String
  public var sessions: Int
  public var minutesPerSession: Int

  public init(_ title: String, _ sessions: Int, _ session: String, minutesPerSession: Int) {
    self.title = title
    self.session = session
    self.sessions = sessions
    self.minutesPerSession = minutesPerSession
  }

  public static let all = [
    Course("Two days", 4, "Half-day", minutesPerSession: 150),
    Course("Six weeks", 6, "Week", minutesPerSession: 180),
    Course("Twelve weeks", 12, "Week", minutesPerSession: 180),
  ]

  public var minutes: Int { sessions * minutesPerSession }

  /// One thing to do.
  public enum Unit: Hashable, Sendable {
    case reading(ChapterExercises, minutes: Int)
    case exercise(Exercise)

    public var minutes: Int {
      switch self {
      case .reading(_, let minutes): minutes
      case .exercise(let exercise): exercise.minutes
      }
    }
  }

  /// What is done in each session.
  public func plan(_ catalogue: Catalogue) -> [[Unit]] {
    let units = chosen(from: catalogue)
    let total = units.reduce(0) { $0 + $1.minutes }
    var plan: [[Unit]] = Array(repeating: [], count: sessions)
    var before = 0
    for unit in units {
      // A thing belongs to the session in which its middle falls.
      plan[min(sessions - 1, (2 * before + unit.minutes) * sessions / max(1, 2 * total))].append(unit)
      before += unit.minutes
    }
    return plan
  }

  private func chosen(from catalogue: Catalogue) -> [Unit] {
    var left = minutes
    var read: [(chapter: ChapterExercises, minutes: Int)] = []
    for chapter in catalogue.chapters {
      let time = catalogue.readingMinutes(of: chapter)
      guard minutes - left + time <= minutes / 2 else { break }
      read.append((chapter, time))
      left -= time
    }
    var exercises: Set<Exercise> = []
    for exercise in read.flatMap(\.chapter.exercises).sorted(by: { $0.need < $1.need }) where exercise.minutes <= left {
      exercises.insert(exercise)
      left -= exercise.minutes
    }
    return read.flatMap { chapter, time in
      [.reading(chapter, minutes: time)] + chapter.exercises.filter(exercises.contains).map(Unit.exercise)
    }
  }
}

extension Exercise {
  fileprivate var need: (Int, Int, Int) { (function == nil ? 1 : 0, stars, minutes) }
}

extension Catalogue {
  /// How long a text takes, with the code that stands in it: 120 words of prose a minute, in steps of five minutes.
  public func readingMinutes(of chapter: ChapterExercises) -> Int {
    var isCode = false
    var words = 0
    for line in (text(of: "chapters/\(chapter.name).md") ?? "").split(separator: "\n") {
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        isCode.toggle()
      } else if !isCode {
        words += line.split(separator: " ").count
      }
    }
    return (words + 599) / 600 * 5
  }
}
