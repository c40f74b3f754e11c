import Simulation

/// How a demo is told: what is printed, and when it waits.
struct Telling {
  /// Without drawings, in words.
  var isPlain = false
  var print: (String) -> Void
  /// Called between two steps, and between a question and what answers it.
  var pause: () -> Void = {}
  /// Called after every unit of simulated time. A telling that has it shows every change and not only the end of a step.
  var wait: (() -> Void)?

  init(print: @escaping (String) -> Void) { self.print = print }

  /// Nothing is said; only the recording is of interest.
  static var silent: Telling { Telling { _ in } }
}

extension Demo {
  /// Runs the demo from its beginning.
  @discardableResult
  func run(_ telling: Telling) throws -> Recording {
    let play = try makePlay()
    let stage = play.stage
    var recording = Recording(
      chapter: chapter, title: title, unit: stage.unit, legend: stage.legend, steps: play.steps.map(\.words))
    telling.print("Chapter \(chapter): \(title)")
    if !telling.isPlain { telling.print(stage.legend.map { "\($0.symbol) \($0.meaning)" }.joined(separator: "   ")) }
    for (number, step) in zip(1..., play.steps) {
      telling.print("")
      if number > 1 { telling.pause() }
      telling.print(step.words.wrapped(after: (recording.clock ?? "\(number).") + "  "))
      if let question = step.question {
        telling.print("Before you look: \(question.asked)".wrapped(after: "       "))
        telling.pause()
      }
      recording.stepColumns.append(recording.columns)
      try step.act()
      try show(step, on: stage, into: &recording, telling)
      if let question = step.question { telling.print(question.answer.wrapped(after: "       ")) }
    }
    telling.print("\n" + (telling.isPlain ? recording.inWords : recording.text))
    return recording
  }

  // Time passes, and what is there to see at its end is shown; if the telling waits, every change is.
  private func show(_ step: Step, on stage: any Stage, into recording: inout Recording, _ telling: Telling) throws {
    var shown: Scene?
    func look() {
      guard stage.scene != shown else { return }
      if shown != nil, let clock = recording.clock { telling.print(clock) }
      telling.print(telling.isPlain ? stage.scene.inWords(stage.legend) : stage.scene.drawn)
      shown = stage.scene
    }
    for _ in 0..<step.length {
      try stage.pass()
      recording.append(stage.column)
      guard let wait = telling.wait else { continue }
      look()
      wait()
    }
    look()
  }

  /// What an instructor says and asks, step by step.
  func script() throws -> String {
    let play = try makePlay()
    let steps = zip(1..., play.steps).map { number, step in
      let indent = "   "
      var lines = [
        "On the screen: \(step.words)".wrapped(after: "\(number). "), "Say: \(step.note)".wrapped(after: indent),
      ]
      if let question = step.question {
        lines.append("Ask, and wait for answers: \(question.asked)".wrapped(after: indent))
        lines.append("Then go on. The answer: \(question.answer)".wrapped(after: indent))
      }
      return lines.joined(separator: "\n")
    }
    return (["Chapter \(chapter): \(title). Notes for the speaker."] + steps).joined(separator: "\n\n")
  }
}

extension Recording {
  mutating func append(_ column: [(name: String, symbol: Character)]) {
    timeline.append(column)
    columns += 1
  }

  /// "01:10" when columns are seconds.
  var clock: String? {
    guard unit == "one second" else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(columns / 60)):\(two(columns % 60))"
  }
}
