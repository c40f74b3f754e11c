public import ControlLoop
public import Objects
import Pods
public import Store

/// Gives each node a part of the pods' addresses. Whoever sets up a pod's network on the node takes one from there, so
/// no two nodes need to ask each other. (Kubernetes: the node IPAM controller.)
public struct NodeAddressController: Controller {
  public let name = "node-ipam-controller"

  let range: CIDR
  /// How many bits the addresses of one node agree in.
  static let nodeLength = 24

  public init(range: CIDR = ClusterAddresses.pods) { self.range = range }

  public var triggers: [Trigger] { [.on(Node.self)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var node = view[Node.self, key], (node.spec.podCIDR ?? "").isEmpty, !node.isBeingDeleted else {
      return .nothing
    }
    var plan = Plan()
    let count = 1 << max(0, Self.nodeLength - range.length)
    let blocks = (0..<count).lazy.map { CIDR(base: range[$0 << (32 - Self.nodeLength)], length: Self.nodeLength) }
    func isFree(_ block: CIDR) -> Bool {
      view.snapshot.records(Node.kind.groupResource, index: Index.podCIDR.name, equals: "\(block)").isEmpty
    }
    guard let block = blocks.first(where: isFree) else {
      plan.record(.warning, "CIDRNotAvailable", "Node \(node.name) status is now: CIDRNotAvailable", about: node)
      return plan
    }
    node.spec.podCIDR = block.description
    node.spec.podCIDRs = [block.description]
    plan.update(node)
    return plan
  }
}

extension Index {
  /// Nodes by the addresses of their pods.
  static let podCIDR = Index(name: "podCIDR", resource: Node.kind.groupResource, isUnique: true) { value in
    Node(json: value).spec.podCIDR.map { $0.isEmpty ? [] : [$0] } ?? []
  }
}
