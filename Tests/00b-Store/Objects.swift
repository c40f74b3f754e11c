import Objects
import Synchronization

@testable import Store

/// An object and where it belongs.
struct Named {
  var key: Key
  var value: Value
}

func pod(
  _ name: String, in namespace: String = "default", phase: String = "Pending", labels: [String: String] = [:],
  owner: String? = nil
) -> Named {
  var metadata: Value = ["name": .string(name), "namespace": .string(namespace)]
  if !labels.isEmpty {
    metadata["labels"] = .object(Members(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
  if let owner { metadata["ownerReferences"] = [["uid": .string(owner)]] }
  return Named(
    key: Key(resource: "pods", namespace: namespace, name: name),
    value: ["metadata": metadata, "status": ["phase": .string(phase)]])
}

func configMap(_ name: String, in namespace: String = "default", owner: String? = nil) -> Named {
  var object = pod(name, in: namespace, owner: owner)
  object.key.resource = "configmaps"
  object.value["status"] = nil
  return object
}

extension Store {
  @discardableResult
  func put(_ object: Named, expecting: Write.Expectation = .anything) throws -> Record {
    try put(object.key, object.value, expecting: expecting)
  }

  @discardableResult
  func put(_ key: Key, _ value: Value, expecting: Write.Expectation = .anything) throws -> Record {
    try single(commit([Write(key, .put(value), expecting: expecting)]))
  }

  @discardableResult
  func delete(
    _ resource: String, _ name: String, in namespace: String = "default", expecting: Write.Expectation = .anything
  ) throws -> Record {
    let key = Key(resource: resource, namespace: namespace, name: name)
    return try single(commit([Write(key, .delete, expecting: expecting)]))
  }

  private func single(_ results: [Result<Record, StoreError>]) throws -> Record {
    guard results.count == 1 else { throw StoreError.storage("\(results.count) results for one write") }
    return try results[0].get()
  }
}

func outcome(_ result: Result<Record, StoreError>) -> String {
  switch result {
  case .success(let record): "\(record.revision)"
  case .failure(let error): error.outcome
  }
}

/// Why the store refused; "done" when it did not.
func refusal(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "done"
  } catch let error as StoreError {
    return error.outcome
  } catch {
    return "\(error)"
  }
}

extension StoreError {
  var outcome: String {
    switch self {
    case .notFound: "not found"
    case .alreadyExists: "already exists"
    case .conflict(let current): "conflict with \(current.revision)"
    case .taken(let index, let value, let holder): "\(index) \(value) is taken by \(holder.name)"
    case .expired(let oldest): "expired, oldest \(oldest)"
    case .tooLarge: "too large"
    case .storage(let reason): "storage: \(reason)"
    }
  }
}

/// "added a@2", "modified a@3 (2)": what a watcher can see of an event.
func summary(_ event: Event) -> String {
  let previous = event.previous.map { " (\($0.revision))" } ?? ""
  return "\(event.type) \(event.record.key.name)@\(event.record.revision)\(previous)"
}

/// A memory storage that can refuse, and tells when it is asked.
final class FailingStorage: Storage {
  private struct Refusal: Error, CustomStringConvertible {
    let description = "the disk is full"
  }

  private struct State {
    var fails = false
    var beforeAppend: @Sendable () -> Void = {}
  }

  private let memory = MemoryStorage()
  private let state = Mutex(State())

  var fails: Bool {
    get { state.withLock { $0.fails } }
    set { state.withLock { $0.fails = newValue } }
  }

  var beforeAppend: @Sendable () -> Void {
    get { state.withLock { $0.beforeAppend } }
    set { state.withLock { $0.beforeAppend = newValue } }
  }

  func load() -> StorageContents { memory.load() }

  func append(_ events: [Event], forgetting: Revision) throws {
    beforeAppend()
    if fails { throw Refusal() }
    memory.append(events, forgetting: forgetting)
  }
}

final class Counter: Sendable {
  private let list = Mutex<[Revision]>([])

  var values: [Revision] { list.withLock { $0 } }
  func add(_ value: Revision) { list.withLock { $0.append(value) } }
}
