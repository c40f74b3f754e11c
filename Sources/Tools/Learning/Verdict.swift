import Workbook

/// What a check has found out about a learner's module.
struct Verdict {
  let chapter: ChapterExercises
  /// By the exercises' numbers; empty where the module does not compile.
  var results: [String: Result]
  /// Why there are no results.
  var errors: CompilerErrors?
  /// The tests that belong to no exercise; they run when all rebuilt functions pass.
  var rest: Rest?

  enum Result: Equatable {
    case unwritten
    case passing
    case failing([Miss])
    /// Its tests trapped or did not end.
    case brokeOff(String)
  }

  enum Rest: Equatable {
    case passing(Int)
    case failing([Miss])
    case brokeOff(String)
  }

  /// A test that does not pass.
  struct Miss: Equatable {
    var test: TestName
    var issue: TestEvents.Issue
  }

  private var rebuild: [Exercise] { chapter.exercises.filter { $0.function != nil } }
  private var extend: [Exercise] { chapter.exercises.filter { $0.function == nil } }

  func isPassing(_ exercise: Exercise) -> Bool { results[exercise.number] == .passing }

  /// Every rebuild exercise passes its own tests.
  var isRebuilt: Bool { errors == nil && rebuild.allSatisfy(isPassing) }

  /// And so does the rest of the chapter.
  var isGreen: Bool {
    if case .passing = rest { isRebuilt } else { false }
  }

  /// `7 of 9 pass, 2 not written yet: 2.3, 2.4`
  var summary: String {
    if errors != nil { return "does not compile yet" }
    var parts = ["\(rebuild.count(where: isPassing)) of \(rebuild.count) pass"]
    let wrong = rebuild.filter { !isPassing($0) && results[$0.number] != .unwritten }
    if !wrong.isEmpty { parts.append("\(wrong.count) not right yet: \(numbers(wrong))") }
    let unwritten = rebuild.filter { results[$0.number] == .unwritten }
    if !unwritten.isEmpty { parts.append("\(unwritten.count) not written yet: \(numbers(unwritten))") }
    return parts.joined(separator: ", ")
  }

  /// `1 of 3 extensions pass, open: 2.7, 2.8`; nil where the chapter has none.
  var extensions: String? {
    guard errors == nil, !extend.isEmpty else { return nil }
    let open = extend.filter { !isPassing($0) }
    return "\(extend.count - open.count) of \(extend.count) extensions pass"
      + (open.isEmpty ? "" : ", open: \(numbers(open))")
  }

  private func numbers(_ exercises: [Exercise]) -> String {
    exercises.map(\.number).joined(separator: ", ")
  }

  /// What to show: the exercises that were written and do not pass; open extensions once all else is done.
  var misses: [(exercise: Exercise, result: Result)] {
    (rebuild + (isRebuilt ? extend : [])).compactMap { exercise in
      switch results[exercise.number] {
      case .failing, .brokeOff: (exercise, results[exercise.number] ?? .unwritten)
      default: nil
      }
    }
  }
}

extension Progress {
  /// Takes over what a check has found.
  mutating func enter(_ verdict: Verdict) {
    for (number, result) in verdict.results {
      switch result {
      case .unwritten: self[number].result = .unwritten
      case .failing, .brokeOff: self[number].result = .failing
      case .passing:
        self[number].result = .passing
        self[number].isSolved = true
      }
    }
  }
}
