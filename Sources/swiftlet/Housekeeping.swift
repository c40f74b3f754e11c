import Foundation
import Store

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

  // Glibc keeps free pages that lie between used ones. Its own remedy is not in Swift's view of it; where there is none,
  // as on macOS, none is needed.
  private static func returnFreeMemory() {
    guard let trim = dlsym(dlopen(nil, RTLD_NOW), "malloc_trim") else { return }
    _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
  }
}
