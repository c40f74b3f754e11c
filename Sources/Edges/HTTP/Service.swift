import APIServer
import Synchronization

/// What all connections of a server share.
final class Service: Sendable {
  let limits: Limits
  let handler: @Sendable (Request) -> Reply
  let identify: (@Sendable ([UInt8]) -> User?)?
  let date = DateHeader()
  let bodies: Budget

  init(
    limits: Limits, identify: (@Sendable ([UInt8]) -> User?)?, handler: @escaping @Sendable (Request) -> Reply
  ) {
    self.limits = limits
    self.identify = identify
    self.handler = handler
    bodies = Budget(limits.bodyBytesInAll)
  }
}

/// Bytes that may be held at one moment.
final class Budget: Sendable {
  private let left: Atomic<Int>

  init(_ bytes: Int) { left = Atomic(bytes) }

  /// False when there are not so many left; then nothing has been taken.
  func take(_ bytes: Int) -> Bool {
    if left.subtract(bytes, ordering: .relaxed).newValue >= 0 { return true }
    give(back: bytes)
    return false
  }

  func give(back bytes: Int) {
    left.add(bytes, ordering: .relaxed)
  }
}
