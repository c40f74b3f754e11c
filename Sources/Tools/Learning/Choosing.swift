import Foundation
import Workbook

extension Call {
  var catalogue: Catalogue { Catalogue(repository: root) }

  /// The chapter that a word means. What is wrong with its exercises' files is said before anything is done with them.
  func chapter(_ word: String, in catalogue: Catalogue) throws -> ChapterExercises {
    guard let chapter = catalogue.chapter(word) else {
      throw Failure(
        "there is no chapter \(word); there are \(catalogue.chapters.map(\.number).joined(separator: ", "))")
    }
    let problems = catalogue.problems.filter { $0.file.hasPrefix("\(chapter.path)/") }
    guard problems.isEmpty else {
      throw Failure(
        "the exercises of chapter \(chapter.number) cannot be read\n"
          + problems.map(\.description).joined(separator: "\n"))
    }
    guard !chapter.exercises.isEmpty else { throw Failure("chapter \(chapter.number) has no exercises yet") }
    return chapter
  }

  func exercise(_ number: String, in catalogue: Catalogue) throws -> (Exercise, ChapterExercises) {
    let chapter = try chapter(String(number.prefix { $0 != "." }), in: catalogue)
    guard let exercise = chapter.exercises.first(where: { $0.number == number }) else {
      let numbers = chapter.exercises.map(\.number).joined(separator: ", ")
      throw Failure("there is no exercise \(number); chapter \(chapter.number) has \(numbers)")
    }
    return (exercise, chapter)
  }

  /// The learner's copy of a chapter, which must be there.
  func copy(of chapter: ChapterExercises) throws -> LearnersCopy {
    let copy = LearnersCopy(of: chapter, in: root)
    guard copy.exists else {
      throw Failure("\(chapter.work) is not there yet; make it with: make exercise CHAPTER=\(chapter.number)")
    }
    return copy
  }
}
