public import Objects
import Store
import Synchronization

/// Where kinds come from that no layer lists: objects of the cluster that define them.
public struct KindSource: Sendable {
  /// The resource whose objects define kinds.
  public let resource: String
  /// The kinds that one of them defines, the preferred version first; none while it is not served. Pure.
  public let kinds: @Sendable (Value) -> [Kind]

  public init(resource: String, kinds: @escaping @Sendable (Value) -> [Kind]) {
    self.resource = resource
    self.kinds = kinds
  }
}

/// The scheme that belongs to a snapshot. As long as no definition changes it is the same one, found without a look at
/// any object; after a change, only definitions that have changed are read.
final class DefinedKinds: Sendable {
  private let fixed: Scheme
  private let sources: [KindSource]
  private let latest: Mutex<Latest>

  private struct Latest {
    var scheme: Scheme
    /// Of each source its definitions and nothing else: a whole snapshot would keep every object's old versions.
    var definitions: [String: Snapshot] = [:]
    var kinds: [Key: [Kind]] = [:]
  }

  init(fixed: Scheme, sources: [KindSource]) {
    self.fixed = fixed
    self.sources = sources
    latest = Mutex(Latest(scheme: fixed))
  }

  func scheme(of snapshot: Snapshot) -> Scheme {
    if sources.isEmpty { return fixed }
    return latest.withLock { latest in
      let changed = sources.filter { source in read(source, in: snapshot, &latest) }
      if !changed.isEmpty {
        let defined = sources.flatMap { snapshot.records($0.resource).flatMap { latest.kinds[$0.key] ?? [] } }
        latest.scheme = fixed.adding(defined, generation: latest.scheme.generation + 1)
      }
      return latest.scheme
    }
  }

  // Whether anything is different from what was read last.
  private func read(_ source: KindSource, in snapshot: Snapshot, _ latest: inout Latest) -> Bool {
    let changes = snapshot.changes(of: source.resource, since: latest.definitions[source.resource])
    if changes.isEmpty { return false }
    for (key, record) in changes { latest.kinds[key] = record.map { source.kinds($0.value) } }
    latest.definitions[source.resource] = snapshot.only(source.resource)
    return true
  }
}
