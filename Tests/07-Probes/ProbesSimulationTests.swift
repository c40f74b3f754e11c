import Configuration
import ControlLoop
import Deployments
import Objects
import Pods
import Probes
import ReplicaSets
import Services
import Simulation
import Testing
import Volumes

/// The promises of chapter 7 and of those before it, under all faults.
@Suite struct ProbesSimulationTests {
  private let layers: [Layer] = [.pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes]

  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: layers, chapter: 7).run(seeds: 1...10)
  }

  /// With its own users alone, so that every world is full of probes.
  @Test func everyPromiseOfProbesHoldsInTheSimulator() throws {
    let layers: [Layer] = [.pods, .replicaSets, .deployments, .probes]
    try Search(layers: layers.map(\.withProbeUsersAlone), chapter: 7).run(seeds: 1...20)
  }

  @Test func aPodThatIsNeverReadyNeverCountsAsAvailable() throws {
    let world = try World(layers: [.pods, .replicaSets, .deployments, .probes], seed: 1)
    world.run(for: .seconds(2))
    func roll(_ image: String) {
      let new = deployment(image) { $0.readinessProbe = probe() }
      guard var web = world.view.object(Deployment.self, "web", in: "default") else {
        world.perform([.create(new.json)])
        return
      }
      web.spec = new.spec
      #expect(world.perform([.update(web.json)]).isEmpty)
    }
    roll("pause")
    world.run(for: .seconds(10))
    roll("deaf")
    for _ in 0..<120 {
      world.run(for: .seconds(1))
      let pods = world.view.all(Pod.self)
      #expect(pods.count { $0.isReady } == 2)
      #expect(pods.allSatisfy { $0.spec.containers[0].image == "pause" || !$0.isReady })
    }
    let status = try #require(world.view.object(Deployment.self, "web", in: "default")).status
    #expect(status.availableReplicas == 2)
    #expect(status.updatedReplicas == 1)
    roll("waking-5")
    world.run(for: .seconds(60))
    #expect(world.view.all(Pod.self).allSatisfy { $0.spec.containers[0].image == "waking-5" && $0.isReady })
  }
}

extension Layer {
  fileprivate var withProbeUsersAlone: Layer {
    guard chapter < 7 else { return self }
    var layer = self
    layer.contributions = contributions.filter { !($0 is UserAction) }
    return layer
  }
}
