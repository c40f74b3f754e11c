import Objects
import Testing

@Suite struct TimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0, 0), ("1970-01-01T00:00:01Z", 1, 0), ("1969-12-31T23:59:59Z", -1, 0),
    ("2026-11-21T03:37:00Z", 1_795_232_220, 0), ("2000-02-29T12:00:00Z", 951_825_600, 0),
    ("2026-11-21T03:37:00.5Z", 1_795_232_220, 500_000), ("2026-11-21T03:37:00.123456789Z", 1_795_232_220, 123_456),
    ("2026-11-21T04:37:00+01:00", 1_795_232_220, 0), ("2026-11-20T22:07:00-05:30", 1_795_232_220, 0),
    ("0000-01-01T00:00:00Z", -62_167_219_200, 0), ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
    ("1600-03-01T00:00:00Z", -11_670_912_000, 0), ("1969-12-31T23:59:59.999999Z", -1, 999_999),
  ])
  func readsRFC3339(text: String, seconds: Int64, microseconds: Int64) {
    #expect(Time(text)?.microseconds == seconds * 1_000_000 + microseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-11-21", "2026-11-21T03:37Z", "2026-11-21T03:37:00", "2026-11-21 03:37:00Z",
    "2026-11-21t03:37:00Z",
    "2026-11-21T03:37:00z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00",
    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Zx", "+026-01-01T00:00:00Z",
    "2026-01-01T00:00:00+", "２026-01-01T00:00:00Z", " 2026-01-01T00:00:00Z",
  ])
  func refusesEverythingElse(text: String) {
    #expect(Time(text) == nil)
  }

  @Test func writesUTCWithAndWithoutAFraction() throws {
    let time = try #require(Time("2026-11-21T04:37:05.012345+01:00"))
    #expect(time.rfc3339 == "2026-11-21T03:37:05Z")
    #expect(time.rfc3339Micro == "2026-11-21T03:37:05.012345Z")
    #expect(Time(microseconds: -1).rfc3339Micro == "1969-12-31T23:59:59.999999Z")
    #expect(Time(microseconds: -1).rfc3339 == "1969-12-31T23:59:59Z")
  }

  /// Walks through four centuries and a day, with a calendar that knows nothing but the length of months.
  @Test func countsEveryDayOfAnEra() throws {
    var (year, month, day) = (1896, 1, 1)
    var time = try #require(Time("1896-01-01T00:00:00Z"))
    for _ in 0...146_097 {
      let text = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T00:00:00Z"
      if time.rfc3339 != text || Time(text) != time { Issue.record("\(text) is read and written as \(time.rfc3339)") }
      time = time + .seconds(86_400)
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      day += 1
      if day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
        (month, day) = (month + 1, 1)
      }
      if month == 13 { (year, month) = (year + 1, 1) }
    }
  }

  @Test func comesBackEqualWhateverItIs() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let time = Time(microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random))
      #expect(Time(time.rfc3339Micro) == time)
    }
  }

  @Test func addsAndSubtractsDurations() {
    let time = Time(microseconds: 1_000_000)
    #expect(time + .milliseconds(1500) == Time(microseconds: 2_500_000))
    #expect(time - .seconds(2) == Time(microseconds: -1_000_000))
    #expect(Time(microseconds: 5) - Time(microseconds: 7) == .microseconds(-2))
    #expect(time < time + .microseconds(1))
  }

  @Test func stopsAtTheEndsOfTime() {
    let time = Time(microseconds: 0)
    #expect(time + .seconds(Int64.max) == .distantFuture)
    #expect(time + .seconds(Int64.min) == .distantPast)
    #expect(time - .seconds(Int64.max) == .distantPast)
    #expect(Time.distantFuture - Time.distantPast > .seconds(18_446_744_073_709))
    #expect(!Time.distantPast.rfc3339.isEmpty && !Time.distantFuture.rfc3339Micro.isEmpty)
  }
}

@Suite struct HumanDurationTests {
  @Test(arguments: [
    (0, "0s"), (5, "5s"), (119, "119s"), (120, "2m"), (200, "3m20s"), (599, "9m59s"), (600, "10m"), (1080, "18m"),
    (1139, "18m"), (10_799, "179m"), (10_800, "3h"), (19_800, "5h30m"), (28_799, "7h59m"), (28_800, "8h"),
    (172_799, "47h"), (172_800, "2d"), (183_600, "2d3h"), (691_199, "7d23h"), (691_200, "8d"), (694_800, "8d"),
    (63_071_999, "729d"),
    (63_072_000, "2y"), (96_336_000, "3y20d"), (252_287_999, "7y364d"), (252_288_000, "8y"), (-1, "0s"),
    (-2, "<invalid>"),
  ])
  func printsAgesAsKubectlDoes(seconds: Int, text: String) {
    #expect(Duration.seconds(seconds).humanReadable == text)
  }
}
