import Simulation
import Testing

@testable import Demos

/// One telling of each demo, which tests that only look share: a search for a seed takes a second.
private struct Told: Sendable {
  var words: [String] = []
  var recording: Recording

  init(_ demo: Demo) throws {
    var words: [String] = []
    recording = try demo.run(
      Telling { words += $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) })
    self.words = words
  }

  private static let all = Demo.all.map { demo in (demo.chapter, Result { try Told(demo) }) }

  static func demo(_ chapter: String) throws -> Told {
    try #require(all.first { $0.0 == chapter }).1.get()
  }
}

@Suite struct DemoTests {
  /// What a demo prints.
  private func words(_ demo: Demo, _ change: (inout Telling) -> Void = { _ in }) throws -> [String] {
    var lines: [String] = []
    var telling = Telling { lines += $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    change(&telling)
    try demo.run(telling)
    return lines
  }

  private func demo(_ chapter: String) throws -> Demo { try #require(Demo.of(chapter: chapter).first) }

  @Test(arguments: Demo.all.map(\.chapter)) func aDemoIsTheSameEveryTime(chapter: String) throws {
    let (first, second) = (try Told.demo(chapter), try Told(demo(chapter)))
    #expect(first.words == second.words)
    #expect(Drawing(first.recording).svg == Drawing(second.recording).svg)
  }

  @Test(arguments: Demo.all.map(\.chapter)) func aDemoFitsIntoATerminalOf80Columns(chapter: String) throws {
    for line in try Told.demo(chapter).words { #expect(line.count <= 80, "\(line)") }
  }

  @Test(arguments: Demo.all.map(\.chapter)) func aDemoBreaksSomethingAndAsksBeforeItShowsIt(chapter: String) throws {
    let demo = try demo(chapter)
    let steps = try demo.makePlay().steps
    let questions = steps.compactMap(\.question)
    #expect(steps.contains { $0.words.contains("break") && $0.question != nil || $0.words.contains("breaks.") })
    #expect(!questions.isEmpty)
    // A pause before each step but the first, and one between each question and what answers it.
    var pauses: [Int] = []
    var printed: [String] = []
    var telling = Telling { printed.append($0) }
    telling.pause = { pauses.append(printed.count) }
    try demo.run(telling)
    #expect(pauses.count == steps.count - 1 + questions.count)
    for pause in pauses where printed[pause - 1].contains("Before you look") {
      let next = printed[pause].drop { $0 == " " }
      #expect(next.hasPrefix("┌"), "the picture comes after the pause, and the answer after the picture")
    }
  }

  @Test(arguments: Demo.all.map(\.chapter)) func plainMeansWordsOnly(chapter: String) throws {
    let drawn = try words(demo(chapter)) { $0.isPlain = true }.joined().filter { !$0.isASCII }
    #expect(drawn.isEmpty, "a screen reader would have to read \(drawn)")
  }

  @Test(arguments: Demo.all.map(\.chapter)) func theScriptSaysAndAsksSomethingAtEachStep(chapter: String) throws {
    let demo = try demo(chapter)
    let script = try demo.script()
    let steps = try demo.makePlay().steps
    #expect(script.split(separator: "   Say: ").count == steps.count + 1)
    #expect(script.split(separator: "   Ask, and wait").count == steps.count { $0.question != nil } + 1)
  }

  @Test func timeAtASpeedIsWaitedForUnitByUnitAndEveryChangeIsShown() throws {
    var waits = 0
    let paced = try words(demo("3")) { $0.wait = { waits += 1 } }
    #expect(try waits == Told.demo("3").recording.columns)
    #expect(paced.contains("00:07"), "the second at which the first old pod goes, in the middle of a step")
  }

  @Test func chapterNoughtIsFourDemosAndAnUnknownOneIsRefused() throws {
    #expect(Demo.of(chapter: "0").map(\.chapter) == ["0a", "0b", "0c", "0d"])
    #expect(Demo.of(chapter: "").isEmpty && Demo.of(chapter: "99").isEmpty)
    var request = DemoRequest()
    request.chapter = "99"
    #expect(throws: DemoRequest.Refusal.self) { try request.carryOut() }
    request.chapter = "1"
    request.speed = 0
    #expect(throws: DemoRequest.Refusal.self) { try request.carryOut() }
  }
}

/// What the demos say is what happens in them.
@Suite struct StoryTests {
  private func symbols(_ chapter: String, at column: Int) throws -> [Character] {
    let recording = try Told.demo(chapter).recording
    return recording.timeline.rows.compactMap { $0.symbols.indices.contains(column) ? $0.symbols[column] : nil }
      .filter { $0 != " " }
  }

  @Test func aRollOutNeverHasFewerThanThreeReadyPods() throws {
    let recording = try Told.demo("3").recording
    for column in 0..<recording.columns {
      let ready = recording.timeline.rows.count { $0.symbols.indices.contains(column) && $0.symbols[column] == "●" }
      #expect(ready >= 3, "in column \(column)")
    }
    #expect(recording.timeline.rows.count == 7, "three pods, three newer ones, and one that never gets its image")
  }

  @Test func aBarePodStaysAway() throws {
    #expect(try symbols("1", at: 40) == ["●", "✕"])
    #expect(try symbols("1", at: 80).count == 1)
  }

  @Test func aPodThatLostItsLabelRunsOn() throws {
    #expect(try symbols("2", at: 14).count == 4)
    #expect(try symbols("2", at: 27) == ["●"])
  }

  @Test func anUpdateGetsLostOnlyWhereNobodySaysWhatHeHasSeen() throws {
    let size = try #require(Told.demo("0b").recording.timeline.rows.first)
    #expect(String(size.symbols) == "344655")
  }

  @Test func theBookkeeperStaysWrong() throws {
    #expect(try symbols("0c", at: 3) == ["3", "●", "●", "●"])
    #expect(try symbols("0c", at: 7) == ["3", "●"])
  }

  @Test func theSeedShowsSheepThatNobodyWants() throws {
    let surplus = try Told.demo("0d").recording.timeline.rows.count { $0.symbols.contains("✕") }
    #expect(surplus > 0)
  }
}

@Suite struct DrawingTests {
  @Test func equalNeighboursAreOneBar() throws {
    let recording = try Told.demo("1").recording
    #expect(
      recording.runs(of: Array(" ◐◐● ●")) == [
        .init(symbol: "◐", columns: 1..<3), .init(symbol: "●", columns: 3..<4), .init(symbol: "●", columns: 5..<6),
      ])
  }

  @Test func aPictureSaysInWordsWhatItShows() throws {
    let drawing = Drawing(try Told.demo("2").recording)
    #expect(drawing.svg.contains("<title id=\"title\">Chapter 2: a replica set keeps three pods alive</title>"))
    #expect(drawing.alternative.contains("ready from 1 to 5."))
    #expect(drawing.svg.utf8.count < 16_384)
  }
}
