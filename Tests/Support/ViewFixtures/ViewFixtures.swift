public import ControlLoop
public import Objects
import Store

extension Cluster {
  /// What a controller sees when these objects are there and nothing else.
  public func view(of objects: [any Resource]) throws -> View {
    let store = try Store(storage: MemoryStorage(), indexes: indexes)
    for object in objects { _ = try store.commit([Write(object.key, .put(object.json), expecting: .absent)])[0].get() }
    return view(of: store.snapshot)
  }
}
