import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import StatefulSets

@Suite struct Exercise11_7Tests {
  private func labels(_ world: World) -> [String?] {
    world.pods.map { $0.metadata.labels["exercises.swiftlet/first"] }
  }

  @Test func theLowestNumberIsFirst() throws {
    let world = try World(makeSet(replicas: 3))
    world.run(for: .seconds(30))
    #expect(labels(world) == ["true", "false", "false"])
  }

  @Test func whoWasFirstIsToldSo() throws {
    let world = try World(
      makeSet(replicas: 2) {
        $0.spec.podManagementPolicy = .parallel
        $0.spec.ordinals = StatefulSetOrdinals { $0.start = 1 }
      })
    world.run(for: .seconds(30))
    #expect(labels(world) == ["true", "false"])
    world.change { $0.spec.ordinals = StatefulSetOrdinals { $0.start = 0 } }
    world.run(for: .seconds(120))
    #expect(world.names == ["web-0", "web-1"])
    #expect(labels(world) == ["true", "false"])
  }
}
