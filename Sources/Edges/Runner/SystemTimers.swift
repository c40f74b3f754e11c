public import APIServer
import Dispatch
public import Objects

/// Timers of the operating system.
public struct SystemTimers: Timers {
  public init() {}

  public func call(at time: Time, _ ring: @escaping @Sendable () -> Void) {
    let wait = max(0, time.microseconds - SystemClock.now().microseconds)
    DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(Int(wait)), execute: ring)
  }
}
