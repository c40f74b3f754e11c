import Pods
import Synchronization

/// What a simulated runtime was told.
final class Seen: Sendable {
  private let list = Mutex<[ContainerConfiguration]>([])

  var configurations: [ContainerConfiguration] { list.withLock { $0 } }

  func note(_ configuration: ContainerConfiguration) { list.withLock { $0.append(configuration) } }
}
