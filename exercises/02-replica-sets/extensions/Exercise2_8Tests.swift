import ControlLoop
import Objects
import Pods
import ReplicaSets
import Testing

@Suite struct Exercise2_8Tests {
  @Test func theNamedPodGoesFirstAndTheOthersFollow() throws {
    #expect(try deleted(ofSize: 2, wishing: "c") == ["c"], "c is wished for; without the wish it would be a")
    #expect(
      try deleted(ofSize: 1, wishing: "b") == ["b", "a"], "after the one that is wished for, the usual order decides")
  }

  @Test func aWishIsNoReasonToDeleteMore() throws {
    #expect(try deleted(ofSize: 3, wishing: "c") == [], "three of three: nobody is too many")
    #expect(try deleted(ofSize: 2, wishing: "c") == ["c"], "one is too many: it is c")
  }

  @Test func aWishThatMakesNoSenseChangesNothing() throws {
    for name in ["nobody", "stranger", ""] {
      #expect(
        try deleted(ofSize: 2, wishing: name) == ["a"],
        "\"\(name)\" is no pod of this set, so the usual order decides, and no pod of another set is touched")
    }
    #expect(try deleted(ofSize: 2, wishing: "b") == ["b"])
  }

  /// The names of the pods that a set with the pods a, b and c deletes, in order. A twin has a pod called stranger.
  private func deleted(ofSize size: Int, wishing name: String) throws -> [String] {
    var set = ownedSet(replicas: size)
    set.metadata.annotations["exercises.swiftlet/delete-first"] = name
    let own = ["a", "b", "c"].map { makePod($0).adopted(by: set) }
    let stranger = makePod("stranger").adopted(by: ownedSet("twin", replicas: 1))
    return try plan(for: set, seeing: own + [stranger]).deletedNames
  }
}
