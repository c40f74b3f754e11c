// Temporary: each declaration here goes when its real file lands. Whoever lands it deletes it here.
extension Time {
  public init?(_ string: String) { return nil }
  public var rfc3339: String { "" }
  public var rfc3339Micro: String { "" }
}
public struct MicroTime: Sendable, Hashable {
  public var time: Time
  public init(_ time: Time) { self.time = time }
}
public struct Quantity: Sendable, Hashable, CustomStringConvertible {
  public var description: String { "" }
  public init(_ string: String) throws {}
  public init(_ integer: Int64) {}
}
extension Time {
  public static let distantPast = Time(microseconds: .min)
  public static let distantFuture = Time(microseconds: .max)
  public static func + (time: Time, duration: Duration) -> Time {
    let (seconds, attoseconds) = duration.components
    return Time(microseconds: time.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }
  public static func - (time: Time, earlier: Time) -> Duration { .microseconds(time.microseconds - earlier.microseconds) }
}

public enum HumanDuration {
  public static func text(_ duration: Duration) -> String { "" }
}
