import Objects
import Testing

@Suite struct Exercise0a_8Tests {
  @Test(arguments: ["1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "1991-01-01T05:29:60+05:30"])
  func aSecondPutInAtTheEndOfTheYearIsRead(text: String) {
    #expect(Time(text) == Time("1991-01-01T00:00:00Z"), "a clock without leap seconds shows the next one")
  }

  @Test func soIsOneAtTheEndOfJuneAndAFractionOfIt() {
    #expect(Time("1997-06-30T23:59:60Z") == Time("1997-07-01T00:00:00Z"))
    #expect(Time("2016-12-31T23:59:60.25Z") == Time("2017-01-01T00:00:00.25Z"))
  }

  @Test func noOtherMinuteHasSixtyOneSeconds() {
    #expect(Time("2016-12-31T23:59:60Z") != nil)
    for text in [
      "2016-12-31T22:59:60Z", "2016-12-31T23:58:60Z", "2016-11-30T23:59:60Z", "2016-12-30T23:59:60Z",
      "2016-12-31T23:59:60-08:00", "2016-12-31T23:59:61Z", "2017-01-01T00:00:60Z", "2017-01-01T23:59:60Z",
    ] {
      #expect(Time(text) == nil, "only the last minute of June or December, in UTC, may have one more second")
    }
  }
}
