import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import StatefulSets

@Suite struct Exercise11_6Tests {
  private func afterARepair(annotated: String?) throws -> String? {
    let world = try World(
      makeSet(replicas: 3, image: "v1") { $0.metadata.annotations["exercises.swiftlet/replace-broken"] = annotated })
    world.run(for: .seconds(30))
    for image in ["missing", "v1"] {
      world.setImage(image)
      world.run(for: .seconds(120))
    }
    return world.image(2)
  }

  @Test func aSetThatAllowsItIsMended() throws {
    #expect(try afterARepair(annotated: "true") == "v1", "nobody had to delete the pod")
  }

  @Test func othersWait() throws {
    for text in [nil, "false"] { #expect(try afterARepair(annotated: text) == "missing") }
  }

  @Test func onlyWhatIsOutOfDateGoes() throws {
    func deleted(_ picture: String, partition: Int = 0) throws -> [String] {
      let set = storedSet {
        $0.metadata.annotations["exercises.swiftlet/replace-broken"] = "true"
        $0.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy { $0.partition = partition }
      }
      return try look(set, picture).nextStep().deleted
    }
    #expect(try deleted("●●◇") == ["web-2"])
    #expect(try deleted("●◇◇") == ["web-1"])
    #expect(try deleted("●●○") == [], "a new pod is waited for")
    #expect(try deleted("◇●●", partition: 1) == [], "below the partition the old revision is the right one")
    #expect(try deleted("●●x") == [])
  }
}
