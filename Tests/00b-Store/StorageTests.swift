import StorageContract
import Store
import Testing

@Suite struct StorageTests {
  private struct MemoryMedium: StorageMedium {
    private let storage = MemoryStorage()

    func open<Result>(_ body: (any Storage) throws -> Result) throws -> Result { try body(storage) }
  }

  @Test("A memory storage keeps what every storage promises", arguments: StoragePromise.all)
  func contract(promise: StoragePromise) throws {
    try promise.check(MemoryMedium())
  }
}
