public import ControlLoop
import Objects
public import Store

extension Cluster {
  /// Creates the objects that every cluster has, where they are missing.
  /// Throws the first refusal that is not "already exists".
  public func createInitialObjects(in store: Store, seed: UInt64) throws {
    var names = SeededGenerator(seed: seed)
    for object in layers.flatMap(\.initialObjects) {
      let now = SystemClock.now()
      let view = view(of: store.snapshot)
      guard let write = try registry.write(for: .create(object), in: view, at: now, names: &names),
        store.snapshot.record(write.key) == nil
      else { continue }
      for case .failure(let error) in store.commit([write]) { throw StatusError(error, for: write.key) }
    }
  }
}
