import Simulation

/// A chapter at work, told in steps, in simulated time. The same every time.
struct Demo: Sendable {
  /// "0a", "2".
  let chapter: String
  let title: String
  let makePlay: @Sendable () throws -> Play

  init(chapter: String, title: String, makePlay: @escaping @Sendable () throws -> Play) {
    self.chapter = chapter
    self.title = title
    self.makePlay = makePlay
  }

  /// In the order of the chapters.
  static let all: [Demo] = [
    .objects, .store, .controlLoop, .simulation, .pods, .replicaSets, .deployments, .services, .configuration, .volumes,
    .probes, .jobs, .scheduling, .customResources, .statefulSets, .daemonSets,
  ]

  /// The demos of a chapter: "0" means all of 0a to 0d.
  static func of(chapter: String) -> [Demo] {
    let wanted = chapter.lowercased()
    return all.filter { demo in
      demo.chapter == wanted
        || demo.chapter.hasPrefix(wanted) && demo.chapter.dropFirst(wanted.count).allSatisfy(\.isLetter)
    }
  }
}

/// A stage that was just set, and what will happen on it.
struct Play {
  let stage: any Stage
  let steps: [Step]
}

/// What a demo is played on.
protocol Stage: AnyObject {
  /// What each symbol means here.
  var legend: [(symbol: Character, meaning: String)] { get }
  /// What one column of the timeline is: "one second", "one turn".
  var unit: String { get }
  /// What there is to see now.
  var scene: Scene { get }
  /// The timeline's next column.
  var column: [(name: String, symbol: Character)] { get }
  /// Lets one unit of time pass.
  func pass() throws
}

struct Step {
  /// What is done, or what is about to be seen.
  let words: String
  /// What the audience is asked before it sees what happens, and what it then has seen.
  var question: (asked: String, answer: String)?
  /// What an instructor says beside it.
  let note: String
  /// For how many units the stage is left alone after it.
  let length: Int
  let act: () throws -> Void

  init(
    _ words: String, ask question: String? = nil, answer: String = "", note: String, length: Int = 1,
    act: @escaping () throws -> Void = {}
  ) {
    self.words = words
    self.question = question.map { ($0, answer) }
    self.note = note
    self.length = length
    self.act = act
  }
}

/// What a run of a demo leaves behind: the timeline, and where in it each step began.
struct Recording: Sendable {
  var timeline = Timeline()
  var stepColumns: [Int] = []
  var columns = 0
  let chapter: String
  let title: String
  let unit: String
  let legend: [(symbol: Character, meaning: String)]
  let steps: [String]
}
