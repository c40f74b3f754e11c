import Store

#if canImport(Glibc)
  import Glibc
#endif

/// What a server does from time to time, whether or not anybody asks.
enum Housekeeping {
  private static let interval = Duration.seconds(10)
  /// Trees; fewer are not worth a walk through the heap.
  private static let worthReturning = 1_000

  /// Keeps objects that nobody looks at in their smaller form. Runs until it is cancelled.
  static func start(_ store: Store) -> Task<Void, Never> {
    Task.detached(priority: .background) {
      while (try? await Task.sleep(for: interval)) != nil {
        if store.dropUnusedTrees() >= worthReturning { returnFreeMemory() }
      }
    }
  }

  private static func returnFreeMemory() {
    #if canImport(Glibc)
      // Glibc keeps free pages between used ones for itself; macOS takes them back on its own.
      malloc_trim(0)
    #endif
  }
}
