// A process that was started from here, and everything that it has started: whoever looks after it hears of its end and
// leaves nothing of it behind.

import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// One in a process, which has a single thread.
final class ProcessFamily {
  private let calls: HiddenCalls
  private let adoptsOrphans: Bool
  private let childEnded: (read: Descriptor, write: Descriptor)
  /// Leads the session.
  var leader: pid_t = 0
  /// The leader's, as waitpid gives it; nil while it runs.
  private(set) var status: Int32?

  /// How long to go on killing processes that will not die, in milliseconds: a process that hangs in the kernel must not
  /// keep its pod for ever.
  private static let patience: Int64 = 10_000

  init(_ calls: HiddenCalls) throws(SystemError) {
    self.calls = calls
    adoptsOrphans = calls.adoptOrphans()
    childEnded = try Descriptor.pipe()
    childEnded.read.doNotBlock()
    childEnded.write.doNotBlock()
    childEndedWriter.store(childEnded.write.number, ordering: .relaxed)
    signal(SIGCHLD) { _ in
      let before = errno
      var byte: UInt8 = 0
      _ = write(childEndedWriter.load(ordering: .relaxed), &byte, 1)
      errno = before
    }
  }

  /// Has something to read when it is time to `reap`.
  var news: Int32 { childEnded.read.number }

  /// 0…255, and the number of the signal that ended the leader.
  var exit: (code: Int, signal: Int?) {
    let status = status ?? 0
    let signal = status & 0x7F
    return (Int(signal == 0 ? status >> 8 & 0xFF : 128 + signal), signal == 0 ? nil : Int(signal))
  }

  /// Takes the exit status of everything that has ended, orphans among it.
  func reap() {
    _ = childEnded.read.drain()
    while true {
      var status: Int32 = 0
      let process = waitpid(-1, &status, WNOHANG)
      if process <= 0 { return }
      if process == leader { self.status = status }
    }
  }

  /// Kills whatever is left, and returns when it is gone.
  func end() {
    let end = HostClock.ticks() + Self.patience
    while HostClock.ticks() < end {
      reap()
      // Who adopts all orphans has no child left only when nothing is left.
      if adoptsOrphans && waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD { return }
      let rest = HostProcess.all().filter { !$0.isZombie && ($0.parent == getpid() || $0.session == leader) }
      if rest.isEmpty && !adoptsOrphans { return }
      for process in rest { kill(process.number, SIGKILL) }
      _ = waitForInput([news], timeout: 50)
    }
  }
}

/// Where the signal handler writes to wake the loop.
private let childEndedWriter = Atomic<Int32>(-1)
