import Foundation
public import Objects

// From fields to moments. A schedule speaks of the time on a wall; the day on which clocks are changed has an hour that
// never comes, or one that comes twice. A moment is due when the wall shows a time of the schedule: what falls into the
// lost hour is skipped, and what falls into the doubled one happens twice.

/// How far the clocks of a place are ahead of UTC.
public struct Clock: Sendable {
  private let zone: TimeZone?

  /// UTC.
  public init() { zone = nil }

  /// - Parameter zone: a name of the IANA time zone database. Nil for an unknown one.
  public init?(zone name: String) {
    let isName = name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      (1...14).contains(part.utf8.count) && !part.hasPrefix("-") && part != "." && part != ".."
        && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_+".contains($0)) }
    }
    guard isName, let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
  }

  /// In seconds.
  /// - Parameter second: since 1970, in UTC.
  func offset(at second: Int) -> Int {
    zone?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) ?? 0
  }
}

extension CronSchedule {
  /// The first moment after `time` that is due; nil when the next five years have none.
  public func next(after time: Time, on clock: Clock = Clock()) -> Time? {
    let second = Int(time.microseconds.quotient(1_000_000))
    switch self {
    case .every(let seconds): return Time(second: second + Int(seconds))
    case .calendar(let fields):
      let today = (second + clock.offset(at: second)).quotient(CronFields.day)
      let lastYear = CivilDate(daysSince1970: today).year + 5
      // Clocks that are set back over midnight bring yesterday back.
      for day in (today - 1)... {
        let date = CivilDate(daysSince1970: day)
        if date.year > lastYear { return nil }
        guard fields.matches(date) else { continue }
        if let found = fields.first(on: day, after: second, clock) { return Time(second: found) }
      }
    }
    return nil
  }

  /// The last moment that is due, later than `start` and not later than `end`.
  public func latest(after start: Time, upTo end: Time, on clock: Clock = Clock()) -> Time? {
    guard let first = next(after: start, on: clock), first <= end else { return nil }
    if case .every(let seconds) = self {
      let passed = (end - first).components.seconds
      return first + .seconds(passed - passed % seconds)
    }
    // From the end backwards, in strides that double until one holds a moment that is due.
    var stride = Duration.seconds(60)
    var found = first
    while true {
      let from = max(start, end - stride)
      if let some = next(after: from, on: clock), some <= end {
        found = some
        break
      }
      stride = stride * 2
    }
    while let later = next(after: found, on: clock), later <= end { found = later }
    return found
  }
}

extension CronFields {
  fileprivate static let day = 86_400

  /// The first moment of a local day, later than `second`, at which the clock shows a time of the schedule.
  fileprivate func first(on day: Int, after second: Int, _ clock: Clock) -> Int? {
    let midnight = day * CronFields.day
    // A day lies between 14 hours before UTC's and 12 hours after it. Clocks are changed at most once in that time.
    let offsets = Set([clock.offset(at: midnight - 50_400), clock.offset(at: midnight + CronFields.day + 43_200)])
    return offsets.compactMap { offset in
      for hour in 0..<24 where hours.contains(hour) {
        let begin = midnight + hour * 3600 - offset
        guard begin + 3600 > second else { continue }
        for minute in 0..<60 where minutes.contains(minute) {
          let moment = begin + minute * 60
          if moment > second, clock.offset(at: moment) == offset { return moment }
        }
      }
      return nil
    }.min()
  }
}

// MARK: As text

extension Time {
  init(second: Int) { self.init(microseconds: Int64(second) * 1_000_000) }

  /// "2026-03-29T03:00:00+02:00": the time on the wall, and how far it is ahead.
  func rfc3339(on clock: Clock) -> String {
    let second = Int(microseconds.quotient(1_000_000))
    let offset = clock.offset(at: second)
    if offset == 0 { return Time(second: second).rfc3339 }
    let wall = Time(second: second + offset).rfc3339.dropLast()
    let (hours, minutes) = (abs(offset) / 3600, abs(offset) / 60 % 60)
    return "\(wall)\(offset < 0 ? "-" : "+")\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
  }

  /// "Thu, 01 Jan 2026 00:00:00 +0000".
  var rfc1123: String {
    let date = CivilDate(daysSince1970: Int(microseconds.quotient(86_400_000_000)))
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.weekday]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let text = rfc3339
    return "\(day), \(text.dropFirst(8).prefix(2)) \(months[date.month - 1]) \(date.year) "
      + "\(text.dropFirst(11).prefix(8)) +0000"
  }
}

extension BinaryInteger {
  /// Division that rounds down, also before 1970.
  fileprivate func quotient(_ divisor: Self) -> Self { self / divisor - (self % divisor < 0 ? 1 : 0) }
}
