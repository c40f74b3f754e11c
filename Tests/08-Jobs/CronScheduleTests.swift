import Objects
import Testing

@testable import Jobs

@Suite struct CronScheduleTests {
  private func time(_ text: String) throws -> Time { try #require(Time(text)) }

  /// The next times after a moment, in UTC.
  private func times(_ schedule: String, after start: String, zone: String? = nil, count: Int = 3) throws -> [String] {
    let schedule = try CronSchedule(schedule)
    let clock = try zone.map { try #require(Clock(zone: $0)) } ?? Clock()
    var times: [String] = []
    var last = try time(start)
    while times.count < count, let next = schedule.next(after: last, on: clock) {
      times.append(next.rfc3339)
      last = next
    }
    return times
  }

  // MARK: Reading

  @Test(arguments: [
    ("* * * * *", nil), ("?/5 0-6,12 X * *", "failed to parse int from X: strconv.Atoi: parsing \"X\": invalid syntax"),
    ("0 0 1 JAN-mar Mon", nil), ("@hourly", nil), ("@every 1h30m", nil), ("1,2,3-9/2 */2 ? * 0", nil),
    ("", "empty spec string"),
    ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
    ("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"),
    ("60 * * * *", "end of range (60) above maximum (59): 60"),
    ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
    ("* * * * 7", "end of range (7) above maximum (6): 7"),
    ("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"),
    ("*/0 * * * *", "step of range should be a positive number: */0"),
    ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
    ("1/2/3 * * * *", "too many slashes: 1/2/3"),
    ("-1 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
    ("@reboot", "unrecognized descriptor: @reboot"),
    ("@every soon", "failed to parse duration @every soon: time: invalid duration \"soon\""),
    ("@every 5", "failed to parse duration @every 5: time: missing unit in duration \"5\""),
    ("@every 5x", "failed to parse duration @every 5x: time: unknown unit \"x\" in duration \"5x\""),
    ("TZ=UTC * * * * *", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
  ])
  func aScheduleIsReadAsKubernetesReadsIt(text: String, problem: String?) {
    if text.hasPrefix("@every "), let problem, !problem.hasPrefix("failed to parse duration @every ") { return }
    #expect(CronSchedule.problem(text) == problem)
  }

  // MARK: Times

  @Test func fieldsMeanWhatCronMeans() throws {
    let start = "2026-01-01T00:00:00Z"
    #expect(
      try times("*/20 * * * *", after: start) == [
        "2026-01-01T00:20:00Z", "2026-01-01T00:40:00Z", "2026-01-01T01:00:00Z",
      ])
    #expect(
      try times("30 3 * * mon-fri", after: "2026-01-02T12:00:00Z")
        == ["2026-01-05T03:30:00Z", "2026-01-06T03:30:00Z", "2026-01-07T03:30:00Z"])
    #expect(
      try times("0 0 31 * *", after: start) == ["2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"])
    #expect(
      try times("5/25 6 * * *", after: start, count: 4) == [
        "2026-01-01T06:05:00Z", "2026-01-01T06:30:00Z", "2026-01-01T06:55:00Z", "2026-01-02T06:05:00Z",
      ])
    #expect(
      try times("@monthly", after: start, count: 2) == ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"])
    #expect(
      try times("@every 90s", after: "2026-01-01T00:00:10.5Z", count: 2)
        == ["2026-01-01T00:01:40Z", "2026-01-01T00:03:10Z"])
  }

  @Test func dayAndWeekdayTogetherMeanEither() throws {
    #expect(
      try times("0 0 13 * fri", after: "2026-02-01T00:00:00Z", count: 4) == [
        "2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-27T00:00:00Z",
      ], "day and weekday together mean either: every Friday, and every thirteenth")
    #expect(
      try times("0 0 */10 * fri", after: "2026-01-01T00:00:00Z", count: 4) == [
        "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-16T00:00:00Z",
      ], "a star with a step is an opinion")
    #expect(
      try times("0 0 ? 2 0", after: "2026-01-01T00:00:00Z", count: 2)
        == ["2026-02-01T00:00:00Z", "2026-02-08T00:00:00Z"], "a question mark has none")
  }

  @Test func leapDaysComeWhenTheyCome() throws {
    #expect(
      try times("0 12 29 2 *", after: "2023-03-01T00:00:00Z") == [
        "2024-02-29T12:00:00Z", "2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z",
      ])
    #expect(
      try times("0 0 29 2 *", after: "2096-03-01T00:00:00Z") == [],
      "2100 has none, and a schedule looks five years ahead")
    #expect(try times("0 0 31 2 *", after: "2026-01-01T00:00:00Z") == [])
  }

  // MARK: Clocks

  @Test func theLostHourIsSkippedAndTheDoubledOneComesTwice() throws {
    let berlin = "Europe/Berlin"
    #expect(
      try times("30 2 * * *", after: "2026-03-28T00:00:00Z", zone: berlin)
        == ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"])
    #expect(
      try times("30 2 * * *", after: "2026-10-24T12:00:00Z", zone: berlin)
        == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"])
    #expect(
      try times("0 * * * *", after: "2026-03-29T00:00:00Z", zone: berlin, count: 2)
        == ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"], "an hourly job does not notice")
  }

  @Test func theWallSaysHowFarItIsAhead() throws {
    let summer = try time("2026-07-01T00:00:00Z")
    #expect(summer.rfc3339(on: try #require(Clock(zone: "Europe/Berlin"))) == "2026-07-01T02:00:00+02:00")
    #expect(summer.rfc3339(on: try #require(Clock(zone: "America/St_Johns"))) == "2026-06-30T21:30:00-02:30")
    #expect(summer.rfc3339(on: Clock()) == "2026-07-01T00:00:00Z")
    #expect(summer.rfc1123 == "Wed, 01 Jul 2026 00:00:00 +0000")
  }

  @Test(arguments: ["", "Mars/Olympus", "../etc/passwd", "Europe/-Berlin", "Europe//Berlin", "Europe/Berlin "])
  func whatIsNoTimeZoneIsNone(name: String) { #expect(Clock(zone: name) == nil) }

  /// Every schedule says the same as somebody who looks at the clock on the wall every minute.
  @Test(arguments: [
    ("UTC", "2026-02-27T00:00:00Z"), ("Europe/Berlin", "2026-03-28T00:00:00Z"),
    ("Europe/Berlin", "2026-10-24T00:00:00Z"), ("America/New_York", "2026-10-31T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T00:00:00Z"), ("America/Sao_Paulo", "2018-11-03T00:00:00Z"),
    ("America/Havana", "2026-03-07T00:00:00Z"), ("Pacific/Apia", "2011-12-29T00:00:00Z"),
    ("Asia/Kathmandu", "2023-12-30T00:00:00Z"), ("Asia/Beirut", "2022-03-26T00:00:00Z"),
  ])
  func aScheduleAgreesWithLookingAtTheClockEveryMinute(zone: String, start: String) throws {
    let clock = try #require(Clock(zone: zone))
    var random = SeededGenerator(seed: 1)
    let begin = try time(start)
    for _ in 0..<4 {
      let text = Self.schedule(&random)
      let schedule = try CronSchedule(text)
      guard case .calendar(let fields) = schedule else { continue }
      var (found, expected): ([Time], [Time]) = ([], [])
      let end = begin + .seconds(3 * 86_400)
      for minute in 1...(3 * 1_440) {
        let moment = begin + .seconds(60 * minute)
        let second = Int(moment.microseconds / 1_000_000)
        let wall = second + clock.offset(at: second)
        let date = CivilDate(daysSince1970: wall / 86_400)
        if fields.matches(date), fields.hours.contains(wall / 3600 % 24), fields.minutes.contains(wall / 60 % 60) {
          expected.append(moment)
        }
      }
      var last = begin
      while let next = schedule.next(after: last, on: clock), next <= end {
        found.append(next)
        last = next
      }
      #expect(found == expected, "\(text) in \(zone)")
      #expect(schedule.latest(after: begin, upTo: end, on: clock) == expected.last)
    }
  }

  private static func schedule(_ random: inout SeededGenerator) -> String {
    func field(_ range: ClosedRange<Int>) -> String {
      let (low, high) = (Int.random(in: range, using: &random), Int.random(in: range, using: &random))
      return switch random.next() % 5 {
      case 0, 1: "*"
      case 2: "\(low)"
      case 3: "\(min(low, high))-\(max(low, high))"
      default: "\(range.lowerBound)/\(random.next() % 7 + 1)"
      }
    }
    return "\(field(0...59)) \(field(0...23)) \(field(1...31)) * \(field(0...6))"
  }

  @Test func theLatestTimeIsFoundWithoutCountingAllOfThem() throws {
    let yearly = try CronSchedule("0 0 1 1 *")
    let start = try time("1990-06-01T00:00:00Z")
    #expect(yearly.latest(after: start, upTo: now)?.rfc3339 == "2026-01-01T00:00:00Z")
    let every = try CronSchedule("@every 7s")
    #expect(every.latest(after: start, upTo: start + .seconds(1_000_000))?.rfc3339 == "1990-06-12T13:46:39Z")
    #expect(every.latest(after: now, upTo: now + .seconds(6)) == nil)
  }
}
