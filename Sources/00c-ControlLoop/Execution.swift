public import Objects
public import Store

/// A plan on its way into the store: its writes are carried out in order, in batches of 1, 2, 4, 8 …; the first failure
/// drops the rest.
public struct Execution: Sendable {
  /// The revisions that it has written, the latest of each object.
  public private(set) var written: [Key: Revision] = [:]
  public private(set) var hasFailed = false
  /// What the store or the registry said to the write that failed.
  public private(set) var refusal: StatusError?
  fileprivate var pending: ArraySlice<Intent>
  private var batch = 1

  public init(_ intents: [Intent]) { pending = intents[...] }

  /// What has failed before there was a plan.
  static var failed: Execution {
    var execution = Execution([])
    execution.hasFailed = true
    return execution
  }

  // The next 1, 2, 4, 8 … intents, but never two for one object: the second must see the first.
  fileprivate mutating func takeBatch(_ scheme: Scheme) -> [Intent] {
    var taken: [Intent] = []
    var touched: Set<Key> = []
    while taken.count < batch, let intent = pending.first {
      if let key = intent.key(in: scheme), !touched.insert(key).inserted { break }
      taken.append(pending.removeFirst())
    }
    batch = min(batch * 2, 512)
    return taken
  }

  fileprivate mutating func note(_ record: Record, of key: Key) { written[key] = record.revision }

  fileprivate mutating func fail(_ refusal: StatusError) {
    hasFailed = true
    self.refusal = refusal
    pending = []
  }
}

extension Cluster {
  /// Carries out many plans. All advance together, each by its next batch, so that they share commits.
  ///
  /// - Parameter names: where unique names and identifiers come from.
  /// - Returns: false when the process has crashed before one of the writes.
  public func carryOut(
    _ executions: inout [Execution], in store: Store, at now: Time, names: inout some RandomNumberGenerator,
    faults: (any FaultInjector)? = nil
  ) -> Bool {
    while executions.contains(where: { !$0.pending.isEmpty }) {
      let view = view(of: store.snapshot)
      var writes: [Write] = []
      var owners: [Int] = []
      for index in executions.indices {
        for var intent in executions[index].takeBatch(view.scheme) {
          // A plan may write an object twice: the second write builds on the first.
          if let key = intent.key(in: view.scheme), let revision = executions[index].written[key] {
            intent.rebase(on: revision)
          }
          do {
            guard let write = try registry.write(for: intent, in: view, at: now, names: &names) else { continue }
            if faults?.crashes(before: write) == true {
              commit(writes, of: owners, &executions, in: store)
              return false
            }
            writes.append(write)
            owners.append(index)
          } catch {
            executions[index].fail(error)
            break
          }
        }
      }
      commit(writes, of: owners, &executions, in: store)
    }
    return true
  }

  private func commit(_ writes: [Write], of owners: [Int], _ executions: inout [Execution], in store: Store) {
    guard !writes.isEmpty else { return }
    for ((write, owner), result) in zip(zip(writes, owners), store.commit(writes)) {
      switch result {
      case .success(let record): executions[owner].note(record, of: write.key)
      case .failure(.notFound) where write.isDelete: break
      case .failure(let error): executions[owner].fail(StatusError(error, for: write.key))
      }
    }
  }
}

extension Write {
  fileprivate var isDelete: Bool {
    if case .delete = change { true } else { false }
  }
}
