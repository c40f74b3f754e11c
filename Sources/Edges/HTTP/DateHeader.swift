import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The value of the `Date` header (RFC 9110, 5.6.7), made once a second.
final class DateHeader: Sendable {
  private let last = Mutex((second: time_t(0), text: ""))

  var value: String {
    let now = time(nil)
    return last.withLock { last in
      if last.second != now { last = (now, Self.text(now)) }
      return last.text
    }
  }

  /// "Sun, 06 Nov 1994 08:49:37 GMT"
  static func text(_ second: time_t) -> String {
    var second = second
    var parts = tm()
    gmtime_r(&second, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
      + "\(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }
}
