import Pods
import Synchronization

/// What a simulated runtime, or a stage, was told.
final class Seen: Sendable {
  private let list = Mutex<[ContainerConfiguration]>([])
  private let sayings = Mutex<[String]>([])

  var configurations: [ContainerConfiguration] { list.withLock { $0 } }

  var words: [String] { sayings.withLock { $0 } }

  func note(_ word: String) { sayings.withLock { $0.append(word) } }

  func note(_ configuration: ContainerConfiguration) { list.withLock { $0.append(configuration) } }
}
