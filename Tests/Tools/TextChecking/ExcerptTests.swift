import Testing

@testable import TextChecking

@Suite struct Excerpts {
  private let output = ["00:00  begins", "  web-a1b2c  ready", "", "00:05  goes on", "  web-d3e4f  ready", "total: 2"]

  private func difference(_ lines: String...) -> String? {
    Excerpt(lines).difference(from: output).map { "\($0.position): \($0.message)" }
  }

  @Test func theWholeOutputIsTheSame() {
    #expect(Excerpt(output).difference(from: output) == nil)
    #expect(Excerpt([]).difference(from: []) == nil)
  }

  @Test func blanksAtTheEndOfALineDoNotCount() {
    #expect(Excerpt(["a"]).difference(from: ["a   "]) == nil)
    #expect(Excerpt(["a", ""]).difference(from: ["a", "  "]) == nil)
    #expect(Excerpt([" a"]).difference(from: ["a"]) != nil)
  }

  @Test func aGapStandsForAnyLinesAndForNone() {
    #expect(difference("[..]") == nil)
    #expect(difference("[..]", "00:05  goes on", "[..]") == nil)
    #expect(difference("00:00  begins", "[..]", "total: 2") == nil)
    #expect(difference("[..]", "00:00  begins", "[..]", "  web-d3e4f  ready", "total: 2", "[..]") == nil)
  }

  @Test func aGapWithinALineStandsForAnything() {
    #expect(difference("00:00  begins", "  web-[..]  ready", "[..]", "[..]: 2") == nil)
    #expect(Excerpt.matches("a[..]c[..]e", "abcde"))
    #expect(Excerpt.matches("a[..]", "a"))
    #expect(!Excerpt.matches("a[..]a", "a"))
    #expect(!Excerpt.matches("a[..]x[..]e", "abcde"))
    #expect(!Excerpt.matches("a", "ab"))
  }

  @Test func aChangedLineIsNamedWithWhatIsThereInstead() {
    #expect(
      difference("00:00  begins", "  web-00000  ready", "[..]")
        == "1:   web-00000  ready: the output has:   web-a1b2c  ready")
    #expect(
      difference("[..]", "00:05  goes on", "  web-00000  ready", "[..]")
        == "2:   web-00000  ready: the output has:   web-d3e4f  ready")
    #expect(difference("[..]", "00:06  is made up", "[..]") == "1: 00:06  is made up: is nowhere in the output")
  }

  @Test func moreOutputThanTheTextShowsIsADifference() {
    #expect(difference("00:00  begins") == "0: the output goes on:   web-a1b2c  ready")
    #expect(difference() == "0: the output is left out here; it begins with: 00:00  begins")
    #expect(difference("[..]", "total: 2", "and more") == "2: and more: the output has: (nothing more)")
  }

  @Test func theOrderOfLinesCounts() {
    #expect(difference("[..]", "00:05  goes on", "[..]", "00:00  begins", "[..]") != nil)
  }

  @Test func aRefreshedExcerptShowsTheSamePartOfTheNewOutput() {
    let old = ["[..]", "00:05  goes on", "  web-00000  ready", "[..]"]
    #expect(Excerpt(old).refreshed(from: output) == ["[..]", "00:05  goes on", "  web-d3e4f  ready", "[..]"])
    #expect(Excerpt(["00:00  began", "[..]"]).refreshed(from: output) == ["00:00  begins", "[..]"])
    #expect(Excerpt(["old"]).refreshed(from: output) == output)
  }

  @Test func whatTheAuthorLeftOpenStaysOpen() {
    let old = ["00:01  begins", "  web-[..]  ready", "[..]"]
    #expect(Excerpt(old).refreshed(from: output) == ["00:00  begins", "  web-[..]  ready", "[..]"])
  }

  @Test func refreshingAnExcerptThatHoldsChangesNothing() {
    let held = ["[..]", "00:05  goes [..]", "[..]"]
    #expect(Excerpt(held).refreshed(from: output) == held)
  }

  @Test func everyRefreshedExcerptHolds() {
    // Every way to cut two runs out of the old output, compared with the new one.
    let old = ["00:00  begins", "  web-11111  ready", "", "00:04  goes on", "  web-22222  ready", "total: 2"]
    for first in 0..<old.count {
      for second in first + 1..<old.count {
        let excerpt = Excerpt(["[..]", old[first], "[..]", old[second], "[..]"])
        let refreshed = excerpt.refreshed(from: output)
        #expect(Excerpt(refreshed).difference(from: output) == nil, "\(excerpt.lines) became \(refreshed)")
      }
    }
  }
}
