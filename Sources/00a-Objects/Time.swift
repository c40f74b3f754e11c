/// A moment, in whole microseconds since 1970-01-01T00:00:00Z.
public struct Time: Sendable, Hashable, Comparable {
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static let distantPast = Time(microseconds: .min)
  public static let distantFuture = Time(microseconds: .max)

  public static func < (left: Time, right: Time) -> Bool { left.microseconds < right.microseconds }
}

extension Time {
  /// Durations come from manifests and may be absurd, so a sum beyond the ends of time stops there.
  public static func + (time: Time, duration: Duration) -> Time {
    let (seconds, attoseconds) = duration.components
    let added = Int128(seconds) * 1_000_000 + Int128(attoseconds / 1_000_000_000_000)
    return Time(microseconds: Int64(clamping: Int128(time.microseconds) + added))
  }

  public static func - (time: Time, duration: Duration) -> Time { time + (.zero - duration) }

  public static func - (later: Time, earlier: Time) -> Duration {
    .microseconds(Int128(later.microseconds) - Int128(earlier.microseconds))
  }
}

/// A moment that the API writes with its microseconds: heartbeats, leases, events.
public struct MicroTime: Sendable, Hashable {
  public var time: Time

  public init(_ time: Time) { self.time = time }
}
