import Objects
import Pods
import Store

/// Pods that wait for a node, in the order in which they are looked at: who matters more, then who has waited longer.
/// (Kubernetes: the plugins PrioritySort and SchedulingGates.)
struct SchedulingQueue: Sendable {
  private(set) var entries: [Entry] = []
  private var known: [Key: Entry] = [:]

  struct Entry: Sendable, Comparable {
    let pod: Pod
    private let key: Key
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

  /// Puts a pod into its place, or takes it out: one that has a node, is on its way out, or is held back by a gate.
  mutating func set(_ pod: Pod?, at key: Key) {
    if let old = known.removeValue(forKey: key) { entries.remove(at: place(of: old)) }
    guard let pod, pod.isActive, !pod.isGated, (pod.spec.nodeName ?? "").isEmpty else { return }
    let entry = Entry(pod, at: key)
    known[key] = entry
    entries.insert(entry, at: place(of: entry))
  }

  // The first place whose pod does not come before this one.
  private func place(of entry: Entry) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < entry { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
