import Foundation
import Workbook

/// Checks what a class has handed in: a folder for each learner, in it the chapters that they have worked on.
struct Grading {
  let catalogue: Catalogue
  var scratch = ".build-chapter"
  /// For all chapters of one learner together.
  var secondsForLearner = 900.0
  var shell = Shell.run

  private var root: URL { catalogue.root }

  /// Where a learner's version of a chapter may be: their clone's work, the work alone, or a whole module.
  static func places(of chapter: ChapterExercises) -> [String] {
    [
      "\(chapter.work)/Sources", "\(chapter.name)/work/Sources", "\(chapter.name)/Sources",
      "Sources/\(chapter.folder)", chapter.folder,
    ]
  }

  func submission(of chapter: ChapterExercises, in folder: URL) -> String? {
    Self.places(of: chapter).first { Files.isFolder(folder.appending(path: $0)) }
  }

  /// Grades everybody, and says each time that somebody is done. Everybody is measured by the chapters that anybody has
  /// handed in.
  func grades(in folder: URL, then tell: (LearnerGrade) -> Void) throws -> [LearnerGrade] {
    let learners = Files.names(in: folder).filter { Files.isFolder(folder.appending(path: $0)) }
    let chapters = catalogue.chapters.filter { chapter in
      !chapter.exercises.isEmpty
        && learners.contains { submission(of: chapter, in: folder.appending(path: $0)) != nil }
    }
    return try learners.map { learner in
      var grade = LearnerGrade(name: learner, chapters: [])
      var seconds = secondsForLearner
      for chapter in chapters {
        let start = Date()
        grade.chapters.append(try self.grade(chapter, in: folder.appending(path: learner), seconds: seconds))
        seconds = max(1, seconds - Date().timeIntervalSince(start))
      }
      tell(grade)
      return grade
    }
  }

  private func grade(_ chapter: ChapterExercises, in learner: URL, seconds: Double) throws -> ChapterGrade {
    guard let place = submission(of: chapter, in: learner) else {
      return ChapterGrade(chapter, problem: "nothing handed in")
    }
    let copy = LearnersCopy(of: chapter, in: root, folder: root.appending(path: "\(scratch)/grade/\(chapter.name)"))
    do {
      try copy.take(learner.appending(path: place))
      var check = Check(copy: copy, scratch: scratch)
      check.shell = shell
      check.limits = Check.Limits().within(seconds)
      return ChapterGrade(try check.run(), at: place)
    } catch let interruption as Shell.Interrupted {
      throw interruption
    } catch {
      // Whatever is wrong with one learner's folder, the others are graded.
      return ChapterGrade(chapter, problem: "\(error)")
    }
  }
}

extension Check.Limits {
  func within(_ seconds: Double) -> Check.Limits {
    Check.Limits(
      build: min(build, seconds), tests: min(tests, seconds), exercise: min(exercise, seconds),
      chapter: min(chapter, seconds))
  }
}

/// One learner's result.
struct LearnerGrade: Encodable, Equatable {
  var name: String
  var chapters: [ChapterGrade]

  /// Of all rebuild exercises, how many pass, as a percentage.
  var score: Int {
    let all = chapters.reduce(0) { $0 + $1.exercises }
    return all == 0 ? 0 : chapters.reduce(0) { $0 + $1.passing.count } * 100 / all
  }

  private enum Keys: String, CodingKey { case name, score, chapters }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(name, forKey: .name)
    try container.encode(score, forKey: .score)
    try container.encode(chapters, forKey: .chapters)
  }
}

struct ChapterGrade: Encodable, Equatable {
  var chapter: String
  /// How many there are to rebuild.
  var exercises: Int
  var passing: [String] = []
  var failing: [String] = []
  var unwritten: [String] = []
  /// The extensions that pass.
  var extensions: [String] = []
  /// Whether all other tests of the chapter pass too.
  var isGreen = false
  /// Why there are no results.
  var problem: String?

  init(_ chapter: ChapterExercises, problem: String? = nil) {
    self.chapter = chapter.number
    exercises = chapter.exercises.count { $0.function != nil }
    self.problem = problem
  }

  /// `place` is where the learner's files are, in their folder.
  init(_ verdict: Verdict, at place: String) {
    self.init(verdict.chapter)
    isGreen = verdict.isGreen
    for exercise in verdict.chapter.exercises {
      switch (verdict.results[exercise.number], exercise.function == nil) {
      case (.passing, true): extensions.append(exercise.number)
      case (.passing, false): passing.append(exercise.number)
      case (.failing, false), (.brokeOff, false): failing.append(exercise.number)
      case (.unwritten, _): unwritten.append(exercise.number)
      default: break
      }
    }
    if let errors = verdict.errors {
      let first = errors.all.first
      let file = first?.file.split(separator: "/").last.map(String.init) ?? ""
      problem = first.map { "does not compile: \(place)/\(file):\($0.line): \($0.message)" } ?? "does not compile"
    }
  }
}
