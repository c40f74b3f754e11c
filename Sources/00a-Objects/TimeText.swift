// Times as text: RFC 3339, the form in which the API carries them. The calendar is the Gregorian one, extended to
// all years, and worked out by arithmetic, so that no operating system has a say in it.

extension Time {
  /// Reads "2026-11-21T03:37:00Z", with or without a fraction, in UTC or with an offset such as "+01:00".
  /// Nil when the text is anything else, or names a day or an hour that does not exist. Digits beyond the
  /// microsecond are dropped.
  public init?(_ text: some StringProtocol) {
    var text = Array(text.utf8)[...]
    guard
      let year = text.takeNumber(digits: 4), text.take("-"),
      let month = text.takeNumber(in: 1...12), text.take("-"),
      let day = text.takeNumber(in: 1...CivilDate.lengthOfMonth(month, in: year)), text.take("T"),
      let hour = text.takeNumber(in: 0...23), text.take(":"),
      let minute = text.takeNumber(in: 0...59), text.take(":"),
      let second = text.takeNumber(in: 0...59),
      let microsecond = text.takeFraction(),
      let offset = text.takeOffset(), text.isEmpty
    else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSince1970
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
    self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(microsecond))
  }

  /// "2026-11-21T03:37:00Z": in UTC, without a fraction.
  public var rfc3339: String { text(withFraction: false) }

  /// "2026-11-21T03:37:00.000000Z": in UTC, with six digits of fraction.
  public var rfc3339Micro: String { text(withFraction: true) }

  private func text(withFraction: Bool) -> String {
    let seconds = Int(microseconds.quotient(1_000_000))
    let date = CivilDate(daysSince1970: seconds.quotient(86_400))
    let second = seconds.modulo(86_400)
    var text: [UInt8] = []
    text.append(date.year, digits: 4, then: "-")
    text.append(date.month, then: "-")
    text.append(date.day, then: "T")
    text.append(second / 3600, then: ":")
    text.append(second / 60 % 60, then: ":")
    text.append(second % 60, then: withFraction ? "." : "Z")
    if withFraction { text.append(Int(microseconds.modulo(1_000_000)), digits: 6, then: "Z") }
    return String(decoding: text, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Appends a number, with zeros before it if it has fewer digits, and the sign after it.
  fileprivate mutating func append(_ number: Int, digits: Int = 2, then sign: Unicode.Scalar) {
    var unit = 1
    for _ in 1..<digits { unit *= 10 }
    if number < 0 || number / 10 >= unit {
      self += String(number).utf8
    } else {
      while unit > 0 {
        append(UInt8(ascii: "0") + UInt8(number / unit % 10))
        unit /= 10
      }
    }
    append(UInt8(ascii: sign))
  }
}

extension Time: CustomStringConvertible {
  public var description: String { rfc3339Micro }
}

// MARK: - The calendar

/// A day of the Gregorian calendar.
///
/// Counting years from the first of March puts the leap day at the end of its year, where it disturbs no other
/// day. Every 400 years, an era, the calendar repeats after 146,097 days.
public struct CivilDate: Sendable, Hashable {
  public var year: Int
  public var month: Int
  public var day: Int
}

extension CivilDate {
  private static let daysInEra = 146_097

  // From 0000-03-01, where era 0 begins, to 1970-01-01.
  private static let daysFromEraTo1970 = 719_468

  public var daysSince1970: Int {
    let marchYear = month < 3 ? year - 1 : year
    let yearOfEra = marchYear.modulo(400)
    let dayOfYear = Self.dayOfYear(before: (month + 9) % 12) + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return marchYear.quotient(400) * Self.daysInEra + dayOfEra - Self.daysFromEraTo1970
  }

  public init(daysSince1970: Int) {
    let days = daysSince1970 + Self.daysFromEraTo1970
    let dayOfEra = days.modulo(Self.daysInEra)
    // Leap days are taken out first: then all years have 365 days.
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    month = (monthFromMarch + 2) % 12 + 1
    day = dayOfYear - Self.dayOfYear(before: monthFromMarch) + 1
    year = days.quotient(Self.daysInEra) * 400 + yearOfEra + (month < 3 ? 1 : 0)
  }

  /// The days of the year that are over when a month begins; March is month 0. From March on, the lengths
  /// 31, 30, 31, 30, 31 repeat: five months have 153 days.
  private static func dayOfYear(before monthFromMarch: Int) -> Int { (153 * monthFromMarch + 2) / 5 }

  fileprivate static func lengthOfMonth(_ month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension BinaryInteger {
  /// Division that rounds down, so that days before 1970 and years before 0 count on in the same way.
  fileprivate func quotient(_ divisor: Self) -> Self { self / divisor - (self % divisor < 0 ? 1 : 0) }
  fileprivate func modulo(_ divisor: Self) -> Self { self % divisor + (self % divisor < 0 ? divisor : 0) }
}

// MARK: - Reading

extension ArraySlice<UInt8> {
  fileprivate mutating func takeNumber(digits: Int = 2, in range: ClosedRange<Int> = 0...9999) -> Int? {
    let taken = prefix(digits)
    guard taken.count == digits, taken.allSatisfy(\.isDigit), let number = Int(digits: taken) else { return nil }
    removeFirst(digits)
    return range.contains(number) ? number : nil
  }

  /// The microseconds after a dot: zero when there is no dot, nil when it has no digit after it.
  fileprivate mutating func takeFraction() -> Int? {
    guard take(".") else { return 0 }
    let digits = takeDigits()
    let zeros = repeatElement(UInt8(ascii: "0"), count: Swift.max(0, 6 - digits.count))
    return digits.isEmpty ? nil : Int(digits: digits.prefix(6) + zeros)
  }

  /// How many seconds local time is ahead of UTC.
  fileprivate mutating func takeOffset() -> Int? {
    if take("Z") { return 0 }
    let isBehind = take("-")
    guard isBehind || take("+"), let hours = takeNumber(in: 0...23), take(":"), let minutes = takeNumber(in: 0...59)
    else { return nil }
    return (hours * 60 + minutes) * (isBehind ? -60 : 60)
  }
}
