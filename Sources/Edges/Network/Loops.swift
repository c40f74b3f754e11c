import NIOCore
import NIOPosix

/// The threads that move the bytes of all connections: half as many as there are cores, for the programs at the other end
/// need some too. Never ended: they wait where nothing happens.
enum Loops {
  static let group = MultiThreadedEventLoopGroup(numberOfThreads: min(max(System.coreCount / 2, 1), 4))
}

/// A moment at which something is given up, moved far more often than it is reached: moving it away is an assignment,
/// and a timer that fires too early sets itself again.
final class Deadline {
  private let loop: any EventLoop
  var reached: (() -> Void)?
  private var end: NIODeadline?
  private var timer: Scheduled<Void>?
  private var timerEnd = NIODeadline.distantFuture

  init(on loop: any EventLoop, reached: (() -> Void)? = nil) {
    self.loop = loop
    self.reached = reached
  }

  func set(after time: TimeAmount) {
    let end = NIODeadline.now() + time
    self.end = end
    if timer != nil, timerEnd <= end { return }
    timer?.cancel()
    schedule(at: end)
  }

  func clear() { end = nil }

  /// Lets go of everything; for when the connection has ended.
  func cancel() {
    end = nil
    timer?.cancel()
    timer = nil
  }

  private func schedule(at time: NIODeadline) {
    timerEnd = time
    timer = loop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in self?.fired() }
  }

  private func fired() {
    timer = nil
    guard let end else { return }
    if end <= .now() {
      self.end = nil
      reached?()
    } else {
      schedule(at: end)
    }
  }
}
