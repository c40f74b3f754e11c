import Objects
import Pods
import Store

/// Pods that wait for a node, in the order in which they are looked at: who matters more, then who has waited longer.
/// (Kubernetes: the plugins PrioritySort and SchedulingGates.)
struct SchedulingQueue: Sendable {
  private(set) var entries: [Entry] = []
  private var keys: Set<Key> = []

  /// A class, because entries are moved about by the thousand.
  final class Entry: Sendable, Comparable {
    let pod: Pod
    fileprivate let key: Key
    private let priority: Int
    private let created: String

    init(_ pod: Pod, at key: Key) {
      self.pod = pod
      self.key = key
      priority = pod.priority
      created = pod.metadata.json["creationTimestamp"]?.string ?? ""
    }

    static func < (left: Entry, right: Entry) -> Bool {
      if left.priority != right.priority { return left.priority > right.priority }
      return left.created == right.created ? left.key < right.key : left.created < right.created
    }

    static func == (left: Entry, right: Entry) -> Bool { left.key == right.key }
  }

  /// Puts pods into their places, or takes them out: those that have a node, are on their way out, or are held back by
  /// a gate. All at once, so that the queue is gone through once.
  mutating func update(_ changes: [(key: Key, pod: Pod?)]) {
    let old = Set(changes.lazy.map(\.key).filter(keys.contains))
    let new = changes.compactMap { key, pod in pod.flatMap { $0.isWaiting ? Entry($0, at: key) : nil } }
    if old.isEmpty, new.isEmpty { return }
    entries.removeAll { old.contains($0.key) }
    if !new.isEmpty { entries = (entries + new).sorted() }
    keys.subtract(old)
    keys.formUnion(new.map(\.key))
  }
}

extension Pod {
  fileprivate var isWaiting: Bool { isActive && !isGated && (self.spec.nodeName ?? "").isEmpty }
}
