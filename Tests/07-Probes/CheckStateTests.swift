import Objects
import Pods
import Testing

@testable import Probes

@Suite struct CheckStateTests {
  /// Every sequence of up to nine answers, against the rule in other words: the verdict is the answer that was last
  /// given often enough without another one between.
  @Test(arguments: 1...3, 1...3)
  func theVerdictChangesWhenEnoughAnswersInARowAgree(_ successes: Int, _ failures: Int) {
    let probe = probe(failures: failures, successes: successes)
    for length in 1...9 {
      for bits in 0..<(1 << length) {
        let answers = (0..<length).map { bits >> $0 & 1 == 1 }
        var state = CheckState()
        for answer in answers { state.take(answer, for: probe) }
        let expected = (1...length).reversed().lazy.compactMap { end -> Bool? in
          let answer = answers[end - 1]
          let needed = answer ? successes : failures
          return end >= needed && answers[(end - needed)..<end].allSatisfy { $0 == answer } ? answer : nil
        }.first
        #expect(state.verdict == expected, "only answers in a row count: \(answers)")
      }
    }
  }

  @Test func aProbeThatSaysNothingNeedsOneSuccessOrThreeFailures() {
    var state = CheckState()
    for _ in 0..<2 { state.take(false, for: Probe()) }
    #expect(state.verdict == nil)
    state.take(false, for: Probe())
    #expect(state.verdict == false)
    state.take(true, for: Probe())
    #expect(state.verdict == true)
  }

  /// The seconds in which a question is put, when somebody looks every second.
  private func questions(_ probe: Probe, seconds: Range<Int>) -> [Int] {
    var state = CheckState()
    return seconds.filter {
      state.isDue(for: probe, startedAt: Clinic.start, at: Clinic.start + .seconds($0))
    }
  }

  @Test func questionsComeAPeriodApartAfterTheFirstDelay() {
    #expect(questions(probe(period: 3), seconds: 0..<10) == [0, 3, 6, 9])
    #expect(questions(probe(period: 3, delay: 2), seconds: 0..<10) == [2, 5, 8])
    #expect(questions(Probe(), seconds: 0..<25) == [0, 10, 20])
    // Whoever comes to know of the run late, asks at once.
    #expect(questions(probe(period: 3, delay: 2), seconds: 7..<15) == [7, 10, 13])
  }

  @Test func nothingIsAskedWhileAnAnswerIsMissingAndThenAtOnce() {
    let probe = probe(period: 2)
    var state = CheckState()
    var asked: [Int] = []
    for second in 0..<12 {
      if second == 5 { state.underWay = nil }
      if state.isDue(for: probe, startedAt: Clinic.start, at: Clinic.start + .seconds(second)) {
        asked.append(second)
        if second == 0 { state.underWay = "slow" }
      }
    }
    #expect(asked == [0, 5, 7, 9, 11])
  }

  @Test func anAgentThatWasAwayAsksOnceAndNotForEveryPeriodThatItMissed() {
    let probe = probe(period: 2)
    var state = CheckState()
    let asked = [0, 2, 60, 61, 62, 63, 64].filter {
      state.isDue(for: probe, startedAt: Clinic.start, at: Clinic.start + .seconds($0))
    }
    #expect(asked == [0, 2, 60, 62, 64])
  }

  @Test func aSlowLookDoesNotMoveTheQuestionsAfterIt() {
    var state = CheckState()
    let milliseconds = [0, 2_300, 4_100, 6_900, 8_000]
    let asked = milliseconds.filter {
      state.isDue(for: probe(period: 2), startedAt: Clinic.start, at: Clinic.start + .milliseconds($0))
    }
    #expect(asked == milliseconds)
  }
}
