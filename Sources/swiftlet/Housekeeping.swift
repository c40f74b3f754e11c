import Store

/// What a server does from time to time, whether or not anybody asks.
enum Housekeeping {
  private static let interval = Duration.seconds(10)

  /// Keeps objects that nobody looks at in their smaller form. Runs until it is cancelled.
  static func start(_ store: Store) -> Task<Void, Never> {
    Task.detached(priority: .background) {
      while (try? await Task.sleep(for: interval)) != nil { _ = store.dropUnusedTrees() }
    }
  }
}
