import Objects
import Testing

@testable import Store

@Suite struct Exercise0b_8Tests {
  let store: Store

  /// Made, deleted, and made again under the same name: now at revision 4.
  init() throws {
    store = try Store(storage: MemoryStorage())
    try store.put(web("first"), expecting: .absent)
    try store.delete("pods", "web")
    try store.put(web("second"), expecting: .absent)
  }

  private func web(_ uid: Value?, phase: String = "Pending") -> Named {
    var object = pod("web", phase: phase)
    object.value["metadata"]?["uid"] = uid
    return object
  }

  @Test("A change that is meant for an object of the past does not reach its successor")
  func thePastIsLeftAlone() throws {
    #expect(
      refusal { try store.put(web("first", phase: "Failed")) } == "conflict with 4",
      "the pod that has failed is gone; the one that has its name now has done nothing wrong")
    let record = try #require(store.snapshot.record(web(nil).key))
    #expect(record.value["metadata"]?["uid"] == "second")
    #expect(record.value["status"]?["phase"] == "Pending")
    #expect(record.revision == 4)
  }

  @Test("To have seen the newest revision does not help")
  func neitherDoesARevision() {
    #expect(refusal { try store.put(web("first", phase: "Failed"), expecting: .revision(4)) } == "conflict with 4")
  }

  @Test("Who names the right object, or none, writes as before")
  func theRightOneOrNone() {
    #expect(refusal { try store.put(web("first")) } == "conflict with 4")
    #expect(refusal { try store.put(web("second", phase: "Running")) } == "done", "it is the object that is there")
    #expect(refusal { try store.put(web(nil, phase: "Failed")) } == "done", "whichever is there is meant")
    #expect(refusal { try store.put(web("third")) } == "done", "an object without a uid can be given one")
  }
}
