import Foundation
import Jobs
import Objects

// Times and durations as expressions read, write and count them: Go's way. Times are exact to the microsecond.

extension Time {
  private static let first = Time("0001-01-01T00:00:00Z") ?? .distantPast
  private static let last = Time("9999-12-31T23:59:59.999999Z") ?? .distantFuture

  /// - Throws: when it is outside the years 1 to 9999.
  func checked() throws -> Time {
    guard self >= Self.first, self <= Self.last else { throw CELFailure.fault("timestamp overflow") }
    return self
  }

  init?(celTimestamp text: String) {
    guard let time = Time(text), time >= Self.first, time <= Self.last else { return nil }
    self = time
  }

  /// RFC 3339 with no more digits of a second than are needed.
  var celText: String { trimmed(rfc3339Micro.dropLast()) + "Z" }

  var wholeSeconds: Int64 { (microseconds - ((microseconds % 1_000_000) + 1_000_000) % 1_000_000) / 1_000_000 }

  /// The same moment as a clock in that time zone shows it: "+01:00", "America/New_York".
  func local(in zone: String) throws -> Time {
    let digits = zone.hasPrefix("+") || zone.hasPrefix("-") ? zone : "+" + zone
    if let midnight = Time("2000-01-01T00:00:00" + digits), let other = Time("2000-01-01T00:00:00Z") {
      return self + (other - midnight)
    }
    guard let zone = TimeZone(identifier: zone) else { throw CELFailure.fault("unknown time zone \(zone)") }
    return self + .seconds(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(wholeSeconds))))
  }

  /// Year, month, day, hour, minute and second, as they are written.
  var parts: [Int64] { rfc3339.split { !$0.isNumber }.compactMap { Int64($0) } }

  /// Since the first of January, which is day 0.
  var dayOfYear: Int64 {
    guard let year = Time(rfc3339.prefix(4) + "-01-01T00:00:00Z") else { return 0 }
    return (self - year).components.seconds / 86_400
  }

  /// Sunday is 0. The first of January 1970 was a Thursday.
  var dayOfWeek: Int64 {
    let days = (wholeSeconds - ((wholeSeconds % 86_400) + 86_400) % 86_400) / 86_400
    return ((days + 4) % 7 + 7) % 7
  }
}

/// Digits after the point, without the zeros at the end.
fileprivate func trimmed(_ text: some StringProtocol) -> String {
  var text = String(text)
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

extension Duration {
  private static let nanosecond: Int128 = 1_000_000_000

  var nanoseconds: Int128 {
    Int128(components.seconds) * Self.nanosecond + Int128(components.attoseconds / 1_000_000_000)
  }

  /// - Throws: when it does not fit into 64 bits of nanoseconds, 292 years.
  func checked() throws -> Duration {
    guard Int64(exactly: nanoseconds) != nil else { throw CELFailure.fault("duration overflow") }
    return self
  }

  init?(goDuration text: String) {
    guard let nanoseconds = try? GoDuration.nanoseconds(text) else { return nil }
    self = .nanoseconds(nanoseconds)
  }

  /// In seconds: "5400s", "1.5s".
  var celText: String {
    let (seconds, fraction) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: Self.nanosecond.magnitude)
    let digits = String(fraction + Self.nanosecond.magnitude).dropFirst()
    return (nanoseconds < 0 ? "-" : "") + trimmed("\(seconds).\(digits)") + "s"
  }
}
