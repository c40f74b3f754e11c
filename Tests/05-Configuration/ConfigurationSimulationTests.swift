import ControlLoop
import Deployments
import Objects
import ReplicaSets
import Services
import Simulation
import Store
import Synchronization
import Testing

@testable import Configuration
@testable import Pods

/// The promises of chapter 5 and of those before it, under all faults.
@Suite struct ConfigurationSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: [.pods, .replicaSets, .deployments, .services, .configuration], chapter: 5).run(seeds: 1...20)
  }

  /// The same with nodes that have volumes, seen from inside: what the files say, and what containers were told.
  @Test func filesEndUpAsTheObjectsAreAndNoValueIsMadeUp() throws {
    let nodes = Nodes()
    var pods = Layer.pods
    pods.contributions = [nodes.source]
    var configuration = Layer.configuration
    configuration.invariants += [nodes.filesAreAsTheObjectsSay, nodes.valuesHaveExisted]
    let search = Search(layers: [pods, configuration], chapter: 5, actions: 30)
    try search.run(seeds: 1...30)
    #expect(nodes.compared > 50)
    #expect(nodes.values > 100)
  }
}

/// The nodes of one world after the other.
private final class Nodes: Sendable {
  private let hosts = Mutex<[HostingRuntime]>([])
  private let counts = Mutex<(files: Int, values: Int)>((0, 0))

  var compared: Int { counts.withLock { $0.files } }
  var values: Int { counts.withLock { $0.values } }

  var source: ParticipantSource {
    ParticipantSource { cluster, store, seed in
      let hosts = (1...3).map { HostingRuntime(subnet: "10.244.\($0)") }
      self.hosts.withLock { $0 = hosts }
      return hosts.enumerated().map { index, host in
        let node = NodeDescription(
          name: "node-\(index)", addresses: ["10.0.0.\(index)"], cpu: Quantity(8), memory: Quantity(32 << 30))
        return NodeAgentGroup(
          [NodeAgent(node: node, runtime: host)], name: node.name, cluster: cluster, store: store,
          seed: seed &+ UInt64(index))
      }
    }
  }

  var filesAreAsTheObjectsSay: Invariant {
    .eventually("files are as the objects say", within: .seconds(120)) { view, _ in
      let hosts = self.hosts.withLock { $0 }
      for pod in view.all(Pod.self) where pod.isActive {
        let facts = PodFacts(pod: pod, node: nil, addresses: [], hostAddresses: [])
        for volume in pod.spec.volumes {
          guard let content = try? VolumeContent(of: volume, facts, in: view) else { continue }
          let wanted = content.files.mapValues(\.piece.bytes)
          let found = hosts.compactMap { $0.files(of: volume.name ?? "", inPod: pod.uid) }.first
          let files = found.map { $0.reduce(into: [String: [UInt8]]()) { $0[$1.path] = $1.bytes } }
          if files != wanted { return "\(pod.name) has \(files.map { "\($0.keys)" } ?? "nothing")" }
          self.counts.withLock { $0.files += 1 }
        }
      }
      return nil
    }
  }

  var valuesHaveExisted: Invariant {
    Invariant("a container's values have existed", .always) {
      var known: Set<String> = []
      var read: [String: Int] = [:]
      return { _, event, _ in
        guard let event else { return nil }
        switch event.record.key.resource {
        case ConfigMap.kind.groupResource:
          for (key, value) in ConfigMap(json: event.record.value).data { known.insert("\(key)=\(value)") }
        case Secret.kind.groupResource:
          for (key, value) in Secret(json: event.record.value).data {
            known.insert("\(key)=\(String(decoding: value.bytes ?? [], as: UTF8.self))")
          }
        case Pod.kind.groupResource:
          for (index, host) in self.hosts.withLock({ $0 }).enumerated() {
            let started = host.started
            for configuration in started.dropFirst(read["\(index)"] ?? 0) {
              for variable in configuration.environment where variable.name != "HOSTNAME" {
                self.counts.withLock { $0.values += 1 }
                let text = "\(variable.name.lowercased())=\(variable.value)"
                if !known.contains(text) { return "\(configuration.pod.name) was told \(text)" }
              }
            }
            read["\(index)"] = started.count
          }
        default: break
        }
        return nil
      }
    }
  }
}
