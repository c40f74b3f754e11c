import ControlLoop
import Objects
import Pods

/// What earlier chapters know of places, such as storage that only some nodes reach. Its answers are about this pod
/// alone, so they are not kept. (Kubernetes: VolumeBinding, VolumeRestrictions, VolumeZone.)
struct VolumeBinding: ClusterPlugin {
  let name = "VolumeBinding"
  let rules: [any PlacementRule]

  func prepare(_ shape: PodShape, in state: ClusterState, _ view: View) -> (any Preparation)? {
    guard shape.hasClaims else { return nil }
    return Storage(pod: shape.pod, rules: rules, nodes: state.nodes.map(\.node), view: view)
  }

  private struct Storage: Preparation {
    let pod: Pod
    let rules: [any PlacementRule]
    let nodes: [Node]
    let view: View

    mutating func rejection(on node: Int) -> Rejection? {
      for rule in rules {
        if let obstacle = rule.obstacle(to: pod, on: nodes[node], in: view) { return Rejection(obstacle) }
      }
      return nil
    }
  }
}

/// Prefers nodes that have the pod's images already, the larger the better.
struct ImageLocality: ClusterPlugin {
  let name = "ImageLocality"
  private static let smallest = 23 << 20
  private static let largest = 1000 << 20

  func prepare(_ shape: PodShape, in state: ClusterState, _ view: View) -> (any Preparation)? {
    let wanted = shape.images.map(Self.withTag)
    guard wanted.contains(where: { state.images[$0] != nil }) else { return nil }
    return Scores(
      scores: state.nodes.map { node in
        var sum = 0
        for image in node.node.status.images {
          guard let name = image.names.first(where: wanted.contains) else { continue }
          // An image that many nodes have is no reason to prefer one: it would gather all pods there.
          sum += Int(image.sizeBytes ?? 0) * (state.images[name] ?? 0) / state.nodes.count
        }
        let largest = Self.largest * max(1, wanted.count)
        return (min(max(sum, Self.smallest), largest) - Self.smallest) * 100 / (largest - Self.smallest)
      })
  }

  private static func withTag(_ image: String) -> String {
    let last = image.split(separator: "/").last ?? ""
    return last.contains(":") || last.contains("@") ? image : image + ":latest"
  }

  private struct Scores: Preparation {
    let scores: [Int]

    mutating func scores(of nodes: [Int]) -> [Int]? { nodes.map { scores[$0] } }
  }
}
