public import ControlLoop
import Foundation
import Objects
public import Store

/// Runs a cluster in real time: each participant has a thread, which sleeps until a commit or a time concerns it.
///
/// The chapters never see threads or clocks. They are here, and only here: a participant is called from its own thread
/// alone, with the time as an argument.
public final class Runner: Sendable {
  private let threads: [ParticipantThread]

  /// - Parameter participants: made on the thread that will run them, and given what wakes that thread.
  public init(
    store: Store, participants: [@Sendable (_ wake: @escaping @Sendable () -> Void) -> any Participant]
  ) {
    threads = participants.map { ParticipantThread(make: $0) }
    for thread in threads { store.onCommit { thread.wake() } }
  }

  public func start() {
    for thread in threads { thread.start() }
  }

  /// Ends all turns; returns when the last one has ended.
  public func stop() {
    for thread in threads { thread.stop() }
  }
}

/// One participant on one thread.
private final class ParticipantThread: Sendable {
  private let make: @Sendable (_ wake: @escaping @Sendable () -> Void) -> any Participant
  private let gate = Gate()

  init(make: @escaping @Sendable (_ wake: @escaping @Sendable () -> Void) -> any Participant) { self.make = make }

  func start() {
    let thread = Thread { [self] in run() }
    // Deep objects are read recursively; the usual 512 KiB are tight in debug builds.
    thread.stackSize = 8 << 20
    thread.start()
  }

  func wake() { gate.open() }

  func stop() { gate.close() }

  private func run() {
    let participant = make { [gate] in gate.open() }
    var turn = Turn(didWork: true, wakeAt: nil)
    while gate.pass(unless: turn.didWork, until: turn.wakeAt) {
      turn = participant.turn(at: SystemClock.now())
    }
    gate.leave()
  }
}

/// Where a thread waits. Opening it before the thread arrives is remembered: no wake-up is lost.
private final class Gate: @unchecked Sendable {
  // Guards everything below.
  private let condition = NSCondition()
  private var isOpen = true
  private var isClosed = false
  private var hasLeft = false

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  /// Waits until the gate is opened or the time has come; not at all when there is work.
  /// - Returns: false once the gate has been closed.
  func pass(unless hasWork: Bool, until time: Time?) -> Bool {
    condition.withLock {
      while !isOpen, !isClosed, !hasWork {
        // Without a time, or with a far one, an hour: Foundation cannot wait for ever.
        let now = SystemClock.now()
        let end = min(time ?? .distantFuture, now + .seconds(3_600))
        guard end > now, condition.wait(until: Date(timeIntervalSince1970: Double(end.microseconds) / 1_000_000)) else {
          break
        }
      }
      isOpen = false
      return !isClosed
    }
  }

  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
      while !hasLeft { condition.wait() }
    }
  }

  func leave() {
    condition.withLock {
      hasLeft = true
      condition.broadcast()
    }
  }
}
