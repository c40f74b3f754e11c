import ControlLoop
import Objects
import Testing

@testable import Pods

/// What an agent writes of its node, and when.
struct HeartbeatTests {
  private let world: TestCluster
  private let agent: NodeAgent

  init() throws {
    world = try TestCluster()
    var node = NodeDescription(
      name: "one", addresses: ["10.0.0.1", "fd00::1"], cpu: Quantity(4), memory: Quantity(8 << 30))
    node.pods = 7
    node.labels = ["zone": "a"]
    node.operatingSystem = "darwin"
    node.architecture = "arm64"
    node.osImage = "A System"
    node.kernelVersion = "6.1"
    node.machineID = "machine"
    node.kubeletVersion = "v1"
    agent = NodeAgent(node: node, runtime: SimulatedRuntime())
  }

  /// What a heartbeat writes, as text; and writes it.
  private func beat(_ second: Int64) throws -> String {
    let intents = agent.heartbeat(in: world.view, at: world.now + .seconds(second))
    for intent in intents { try world.perform(intent) }
    return intents.map { intent in
      switch intent {
      case .create(let value): "create \(Object(json: value).kindName)"
      case .update(let value): "update \(Object(json: value).kindName)"
      case .updateStatus(let value): "status of \(Object(json: value).kindName)"
      default: "\(intent)"
      }
    }.joined(separator: ", ")
  }

  @Test func theLeaseIsRenewedEachTimeAndTheNodeEveryFiveMinutes() throws {
    let beats = try [0, 1, 10, 299, 300, 301, 599, 600].map { try beat($0) }
    #expect(
      beats == [
        "create Node, status of Node", "create Lease", "update Lease", "update Lease", "update Lease, status of Node",
        "update Lease", "update Lease", "update Lease, status of Node",
      ])
  }

  @Test func whatOthersChangeInTheNodeIsSetRight() throws {
    _ = try [beat(0), beat(1)]
    try world.update(Node(name: "one")) { $0.metadata.labels = ["own": "kept"] }
    #expect(try beat(2) == "update Lease, update Node")
    #expect(world.view.object(Node.self, "one")?.metadata.labels.count == 5)
    try world.updateStatus(Node(name: "one")) { $0.status.conditions.set("Ready", "Unknown", at: world.now) }
    #expect(try beat(3) == "update Lease, status of Node")
    #expect(try beat(4) == "update Lease")
  }

  @Test func aNodeIsRegisteredWithAllThatIsKnownOfIt() throws {
    _ = try beat(0)
    let node = try #require(world.view.object(Node.self, "one"))
    #expect(
      node.metadata.labels == [
        "zone": "a", "kubernetes.io/hostname": "one", "kubernetes.io/os": "darwin", "kubernetes.io/arch": "arm64",
      ])
    let resources: Value = ["cpu": "4", "memory": "8589934592", "pods": "7"]
    func condition(_ type: String, _ status: String, _ reason: String, _ message: String) -> Value {
      [
        "type": type.asValue, "status": status.asValue, "reason": reason.asValue, "message": message.asValue,
        "lastHeartbeatTime": world.now.asValue, "lastTransitionTime": world.now.asValue,
      ]
    }
    #expect(
      node.status.json == [
        "capacity": resources, "allocatable": resources,
        "addresses": [
          ["type": "InternalIP", "address": "10.0.0.1"], ["type": "InternalIP", "address": "fd00::1"],
          ["type": "Hostname", "address": "one"],
        ],
        "nodeInfo": [
          "machineID": "machine", "systemUUID": "machine", "bootID": "machine", "kernelVersion": "6.1",
          "osImage": "A System", "containerRuntimeVersion": "simulated://1.0.0", "kubeletVersion": "v1",
          "kubeProxyVersion": "", "operatingSystem": "darwin", "architecture": "arm64",
        ],
        "conditions": [
          condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
          condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
          condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
          condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ],
      ])
  }

  @Test func theLeaseBelongsToItsNode() throws {
    _ = try [beat(0), beat(1)]
    let node = try #require(world.view.object(Node.self, "one"))
    let lease = try #require(world.view.object(Lease.self, "one", in: "kube-node-lease"))
    #expect(
      lease.spec.json == [
        "holderIdentity": "one", "leaseDurationSeconds": 40, "renewTime": MicroTime(world.now + .seconds(1)).asValue,
      ])
    #expect(
      lease.metadata.ownerReferences.map(\.json) == [
        ["apiVersion": "v1", "kind": "Node", "name": "one", "uid": node.uid.asValue]
      ])
  }
}
