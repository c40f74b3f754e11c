// Waiting for an object to become something, or to be gone: a look, then the changes as the server tells them.

import HTTP
import Objects

extension Invocation {
  /// Calls `look` with each state of an object, nil when there is none, until it returns true.
  ///
  /// The watch is begun again where the server ended it.
  ///
  /// - Throws: What `look` throws. Returns early when the task is cancelled.
  func follow(_ item: Item, _ look: @Sendable (Value?) async throws -> Bool) async throws {
    let client = try server()
    let selector: Client.Query = [(name: "fieldSelector", value: "metadata.name=\(item.name)")]
    while !Task.isCancelled {
      let list = try await client.get(item.collectionPath, query: selector)
      if try await look(list["items"]?[0]) { return }
      let version = list["metadata"]?["resourceVersion"].text ?? ""
      let query = selector + [(name: "resourceVersion", value: version)]
      do {
        for try await event in try await client.watch(item.collectionPath, query: query) {
          let type = event["type"].text
          if type == "ERROR" { break }
          if type == "BOOKMARK" { continue }
          if try await look(type == "DELETED" ? nil : event["object"]) { return }
        }
      } catch let error as HTTPClientError where error.reason == .closed {
        // The server went away or gave us up: the next look says which.
      }
      try await world.pause(.milliseconds(200))
    }
  }

  /// Does something for no longer than a limit.
  ///
  /// - Returns: False when the limit came first. Nil is no limit.
  func within(_ limit: Duration?, _ work: @escaping @Sendable () async throws -> Void) async throws -> Bool {
    guard let limit else {
      try await work()
      return true
    }
    let pause = world.pause
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await work()
        return true
      }
      group.addTask {
        try await pause(limit)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }
}
