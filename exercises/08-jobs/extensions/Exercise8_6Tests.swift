import Objects
import Testing

@testable import Jobs

@Suite struct Exercise8_6Tests {
  private func days(_ schedule: String, after start: String, count: Int) throws -> [String] {
    let schedule = try CronSchedule(schedule)
    var days: [String] = []
    var last = try #require(Time(start))
    while days.count < count, let next = schedule.next(after: last) {
      days.append(String(next.rfc3339.prefix(10)))
      last = next
    }
    return days
  }

  @Test func theLastDayOfEachMonthIsFound() throws {
    #expect(
      try days("0 18 L * *", after: "2026-01-01T00:00:00Z", count: 4)
        == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"])
  }

  @Test func februaryHasALastDayToo() throws {
    #expect(
      try days("0 0 L 2 *", after: "2026-01-01T00:00:00Z", count: 3) == ["2026-02-28", "2027-02-28", "2028-02-29"])
  }

  @Test func aWeekdayBesideItMeansEither() throws {
    #expect(
      try days("0 0 L * sat", after: "2026-04-24T00:00:00Z", count: 3) == ["2026-04-25", "2026-04-30", "2026-05-02"],
      "the last day is an opinion about the day, so one of the two is enough")
  }
}
