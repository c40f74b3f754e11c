public import APIServer
public import Dispatch
import Synchronization

extension HealthCheck {
  /// Asks something that may block, on a thread of its own, and does not wait for it longer than a time.
  ///
  /// A question that hangs costs one thread, however often it is asked: those after it stand in line behind it.
  /// - Parameter ask: throws what is wrong.
  public init(
    _ name: String, within limit: DispatchTimeInterval = .seconds(2), ask: @escaping @Sendable () throws -> Void
  ) {
    let line = DispatchQueue(label: "check \(name)")
    self.init(name) {
      await withCheckedContinuation { continuation in
        let answer = FirstAnswer(continuation)
        line.async {
          do {
            try ask()
            answer.give(nil)
          } catch {
            answer.give("\(error)")
          }
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit) { answer.give("it has not answered in time") }
      }
    }
  }
}

/// Takes the first of several answers.
private final class FirstAnswer: Sendable {
  private let waiter: Mutex<[CheckedContinuation<String?, Never>]>

  init(_ waiter: CheckedContinuation<String?, Never>) { self.waiter = Mutex([waiter]) }

  func give(_ answer: String?) {
    waiter.withLock { $0.popLast() }?.resume(returning: answer)
  }
}
