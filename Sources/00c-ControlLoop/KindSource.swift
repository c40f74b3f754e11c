public import Objects
public import Store
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
    /// For each source, its definitions and nothing else: a whole snapshot would keep every object's old versions.
    var definitions: [Snapshot] = []
    var kinds: [Key: (definition: Record, kinds: [Kind])] = [:]
  }

  init(fixed: Scheme, sources: [KindSource]) {
    self.fixed = fixed
    self.sources = sources
    latest = Mutex(Latest(scheme: fixed))
  }

  func scheme(of snapshot: Snapshot) -> Scheme {
    if sources.isEmpty { return fixed }
    return latest.withLock { latest in
      let isLatest = zip(sources, latest.definitions).allSatisfy { snapshot.shares($0.resource, with: $1) }
      if !isLatest || latest.definitions.isEmpty { latest = read(snapshot, after: latest) }
      return latest.scheme
    }
  }

  private func read(_ snapshot: Snapshot, after before: Latest) -> Latest {
    var latest = Latest(scheme: fixed, definitions: sources.map { snapshot.only($0.resource) })
    var defined: [Kind] = []
    for source in sources {
      for record in snapshot.records(source.resource) {
        let known = before.kinds[record.key].flatMap { $0.definition === record ? $0.kinds : nil }
        let kinds = known ?? source.kinds(record.value)
        latest.kinds[record.key] = (record, kinds)
        defined += kinds
      }
    }
    latest.scheme = fixed.adding(defined, generation: before.scheme.generation + 1)
    return latest
  }
}
