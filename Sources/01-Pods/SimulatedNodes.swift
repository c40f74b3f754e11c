import ControlLoop
import Objects
public import Simulation
import Store

extension NodeAgent {
  /// A node on which nothing really runs.
  /// - Parameter number: from 1; its addresses and those of its pods follow from it.
  public static func simulated(name: String, number: Int) -> NodeAgent {
    let (high, low) = ((number / 256) % 256, number % 256)
    var node = NodeDescription(
      name: name, addresses: ["10.0.\(high).\(low)"], cpu: Quantity(8), memory: Quantity(32 << 30))
    node.osImage = "simulated"
    return NodeAgent(node: node, runtime: SimulatedRuntime(subnet: "10.\(64 + high % 128).\(low)"))
  }
}

extension NodeAgentGroup {
  /// Three nodes for simulated worlds; each may fail without the others.
  public static let simulatedNodes = ParticipantSource { cluster, store, seed in
    (1...3).map { number in
      let name = "node-\(number)"
      return NodeAgentGroup(
        [.simulated(name: name, number: number)], name: name, cluster: cluster, store: store,
        seed: seed &+ UInt64(number))
    }
  }
}
