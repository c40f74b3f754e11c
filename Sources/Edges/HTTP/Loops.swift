import NIOCore
import NIOPosix

/// The event loops of the process: one thread each, shared by all servers and clients and never ended, so that a
/// task that outlives its connection still has a thread to end on.
enum Loops {
  static let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, 4))

  /// The executor that runs tasks on this loop's own thread.
  static func executor(of loop: any EventLoop) -> LoopExecutor {
    executors[ObjectIdentifier(loop)] ?? LoopExecutor(loop)
  }

  private static let executors = Dictionary(
    uniqueKeysWithValues: group.makeIterator().map { (ObjectIdentifier($0), LoopExecutor($0)) })
}

/// Runs tasks on an event loop's thread. A watch waits there for its next event and writes it without changing
/// threads: delivering an event costs one hop, not three.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// A point in time after which something is given up, moved far more often than it is reached.
///
/// Moving it away is an assignment. Only when the timer fires, or when the deadline comes closer than the timer,
/// is there work to do. To be used on its event loop alone, and cancelled before it is let go.
final class Deadline {
  private let loop: any EventLoop
  private let reached: () -> Void
  private var moment: NIODeadline?
  private var timer: (moment: NIODeadline, scheduled: Scheduled<Void>)?

  init(on loop: any EventLoop, reached: @escaping () -> Void) {
    self.loop = loop
    self.reached = reached
  }

  /// Counts from now.
  func set(after time: Duration) {
    let moment = NIODeadline.now() + TimeAmount(time)
    self.moment = moment
    if let timer, timer.moment <= moment { return }
    timer?.scheduled.cancel()
    arm(moment)
  }

  func clear() { moment = nil }

  func cancel() {
    moment = nil
    timer?.scheduled.cancel()
    timer = nil
  }

  private func arm(_ moment: NIODeadline) {
    timer = (moment, loop.assumeIsolated().scheduleTask(deadline: moment) { [weak self] in self?.fired() })
  }

  private func fired() {
    timer = nil
    guard let moment else { return }
    if moment <= .now() {
      self.moment = nil
      reached()
    } else {
      arm(moment)
    }
  }
}
