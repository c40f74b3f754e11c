import Objects

// Schedules as cron writes them: five fields for minute, hour, day of the month, month and weekday, each a list of
// values, ranges and steps. Kubernetes reads them with the library robfig/cron; so its sentences are the ones here.

/// When something is due, again and again.
public enum CronSchedule: Sendable, Hashable {
  case calendar(CronFields)
  /// So many whole seconds after the last time.
  case every(seconds: Int64)

  /// - Throws: what is wrong with the text, as robfig/cron puts it.
  public init(_ text: String) throws(CronError) {
    if text.isEmpty { throw CronError("empty spec string") }
    guard text.hasPrefix("@") else {
      self = .calendar(try CronFields(text))
      return
    }
    let prefix = "@every "
    if text.hasPrefix(prefix) {
      do {
        self = .every(seconds: max(1, try GoDuration.nanoseconds(String(text.dropFirst(prefix.count))) / 1_000_000_000))
      } catch {
        throw CronError("failed to parse duration \(text): \(error)")
      }
      return
    }
    guard let fields = Self.shorthands[text] else { throw CronError("unrecognized descriptor: \(text)") }
    self = .calendar(try CronFields(fields))
  }

  private static let shorthands = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]

  /// What is wrong with a schedule; nil when nothing is.
  static func problem(_ text: String) -> String? {
    if text.contains("TZ") { return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead" }
    do {
      _ = try CronSchedule(text)
      return nil
    } catch {
      return error.description
    }
  }
}

/// What is wrong with a schedule.
public struct CronError: Error, Hashable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// The five fields: which minutes, hours, days, months and weekdays are meant.
public struct CronFields: Sendable, Hashable {
  let minutes: CronField
  let hours: CronField
  let days: CronField
  let months: CronField
  let weekdays: CronField

  init(_ text: String) throws(CronError) {
    let fields = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard fields.count == 5 else {
      throw CronError("expected exactly 5 fields, found \(fields.count): [\(fields.joined(separator: " "))]")
    }
    minutes = try CronField(fields[0], in: 0...59)
    hours = try CronField(fields[1], in: 0...23)
    days = try CronField(fields[2], in: 1...31)
    months = try CronField(
      fields[3], in: 1...12,
      names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    weekdays = try CronField(fields[4], in: 0...6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
  }

  /// Where both the day of the month and the weekday are given, one of them is enough.
  func matches(_ date: CivilDate) -> Bool {
    guard months.contains(date.month) else { return false }
    let (day, weekday) = (days.contains(date.day), weekdays.contains(date.weekday))
    return days.isStar || weekdays.isStar ? day && weekday : day || weekday
  }
}

extension CivilDate {
  /// 0 is Sunday. The first of January 1970 was a Thursday.
  var weekday: Int { ((daysSince1970 + 4) % 7 + 7) % 7 }
}

/// Which values of one field are meant.
struct CronField: Sendable, Hashable {
  private var bits: UInt64 = 0
  /// Written as a star or a question mark: every value, with no opinion about it.
  private(set) var isStar = false

  func contains(_ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }

  /// - Parameter names: by which values may be called, at their places.
  init(_ text: String, in range: ClosedRange<Int>, names: [String] = []) throws(CronError) {
    for piece in text.split(separator: ",").map(String.init) {
      let steps = piece.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
      var (first, last, step) = (range.lowerBound, range.upperBound, 1)
      let isWild = ends[0] == "*" || ends[0] == "?"
      if !isWild {
        first = try Self.value(ends[0], names)
        guard ends.count <= 2 else { throw CronError("too many hyphens: \(piece)") }
        last = ends.count == 2 ? try Self.value(ends[1], names) : first
      }
      guard steps.count <= 2 else { throw CronError("too many slashes: \(piece)") }
      if steps.count == 2 {
        step = try Self.number(steps[1])
        if ends.count == 1 { last = range.upperBound }
      }
      if first < range.lowerBound {
        throw CronError("beginning of range (\(first)) below minimum (\(range.lowerBound)): \(piece)")
      }
      if last > range.upperBound {
        throw CronError("end of range (\(last)) above maximum (\(range.upperBound)): \(piece)")
      }
      if first > last { throw CronError("beginning of range (\(first)) beyond end of range (\(last)): \(piece)") }
      if step == 0 { throw CronError("step of range should be a positive number: \(piece)") }
      for value in stride(from: first, through: last, by: step) { bits |= 1 << UInt64(value) }
      if isWild, step == 1 { isStar = true }
    }
  }

  private static func value(_ text: String, _ names: [String]) throws(CronError) -> Int {
    if !text.isEmpty, let index = names.firstIndex(of: text.lowercased()) { return index }
    return try number(text)
  }

  private static func number(_ text: String) throws(CronError) -> Int {
    guard let number = Int(text) else {
      throw CronError("failed to parse int from \(text): strconv.Atoi: parsing \"\(text)\": invalid syntax")
    }
    if number < 0 { throw CronError("negative number (\(number)) not allowed: \(text)") }
    return number
  }
}

/// Durations as Go writes them: "1h30m", "1.5h", "90s", "0".
public enum GoDuration {
  private static let units: [String: Int128] = [
    "ns": 1, "us": 1000, "µs": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
  ]

  /// In nanoseconds, which have to fit into 64 bits: 292 years.
  ///
  /// - Throws: Go's words for what is wrong.
  public static func nanoseconds(_ text: String) throws(CronError) -> Int64 {
    let invalid = CronError("time: invalid duration \"\(text)\"")
    var rest = text[...]
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest.removeFirst() }
    if rest == "0" { return 0 }
    guard !rest.isEmpty else { throw invalid }
    var sum: Int128 = 0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      rest = rest.dropFirst(unit.count)
      let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      let behindPoint = parts.dropFirst().joined()
      // Nineteen digits of hours are far beyond 64 bits, and far within 128.
      guard number.count <= 19, number.contains(where: \.isNumber), let whole = Int128("0" + parts[0]),
        let fraction = Int128("0" + behindPoint)
      else { throw invalid }
      guard !unit.isEmpty else { throw CronError("time: missing unit in duration \"\(text)\"") }
      guard let size = units[String(unit)] else {
        throw CronError("time: unknown unit \"\(unit)\" in duration \"\(text)\"")
      }
      sum += whole * size + behindPoint.reduce(fraction * size) { share, _ in share / 10 }
    }
    guard let nanoseconds = Int64(exactly: isNegative ? -sum : sum) else { throw invalid }
    return nanoseconds
  }
}
