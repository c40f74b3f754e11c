public import ControlLoop

// The scheduler asks plugins. (Kubernetes: "Scheduling Framework".) A plugin is a function with a name: it gets a pod
// and a node and says whether the pod can go there, or how well. Everything else, in which order they are asked, how
// their answers are weighed, what is remembered from one pod to the next, is the scheduler's.

public protocol SchedulingPlugin: Sendable {
  /// As configurations name it: "NodeResourcesFit".
  var name: String { get }
}

/// Says where a pod cannot go. Looks at one node alone. (Kubernetes: the extension point Filter.)
public protocol FilterPlugin: SchedulingPlugin {
  /// Nil when the pod can go to the node.
  func rejection(of shape: PodShape, on node: NodeState) -> Rejection?
}

/// Says how well a pod would do on a node. (Kubernetes: Score and NormalizeScore.)
public protocol ScorePlugin: SchedulingPlugin {
  /// Whether the plugin has an opinion on pods of this shape at all. (Kubernetes: PreScore.)
  func concerns(_ shape: PodShape) -> Bool
  func score(_ shape: PodShape, on node: NodeState) -> Int
  /// How the scores of the nodes that are left become 0...100; nil when they are.
  var normalization: Normalization? { get }
}

extension ScorePlugin {
  public func concerns(_ shape: PodShape) -> Bool { true }
  public var normalization: Normalization? { nil }
}

/// Looks at the whole cluster first, and then answers for each node. (Kubernetes: PreFilter and PreScore.)
public protocol ClusterPlugin: SchedulingPlugin {
  /// Nil when the plugin has nothing to say about pods of this shape.
  func prepare(_ shape: PodShape, in state: ClusterState, _ view: View) -> (any Preparation)?
}

/// What a plugin has worked out for pods of one shape. It is kept, and told of every pod that comes or goes, instead of
/// being worked out anew for the next pod. (Kubernetes: PreFilterExtensions, AddPod and RemovePod.)
public protocol Preparation: Sendable {
  /// Nodes are called by their place in the cluster state.
  mutating func count(_ change: Int, of shape: PodShape, on node: Int)
  mutating func rejection(on node: Int) -> Rejection?
  /// Takes out the nodes that are rejected.
  mutating func filter(_ nodes: inout [Int])
  /// From 0 to 100, for each of these nodes; nil for no opinion.
  mutating func scores(of nodes: [Int]) -> [Int]?
}

extension Preparation {
  public mutating func count(_ change: Int, of shape: PodShape, on node: Int) {}
  public mutating func rejection(on node: Int) -> Rejection? { nil }
  public mutating func filter(_ nodes: inout [Int]) { nodes.removeAll { rejection(on: $0) != nil } }
  public mutating func scores(of nodes: [Int]) -> [Int]? { nil }
}

/// Why a pod cannot go to a node.
public struct Rejection: Sendable, Hashable {
  /// "Insufficient cpu". What a user reads, with the number of nodes before it.
  public let reasons: [String]
  /// Whether the pod could go there if other pods went. (Kubernetes: Unschedulable; else UnschedulableAndUnresolvable.)
  public let endsWithOthers: Bool

  public init(_ reasons: String..., endsWithOthers: Bool = false) {
    self.init(reasons: reasons, endsWithOthers: endsWithOthers)
  }

  init(reasons: [String], endsWithOthers: Bool) {
    self.reasons = reasons
    self.endsWithOthers = endsWithOthers
  }
}

/// How scores of any size become scores of 0 to 100.
public enum Normalization: Sendable {
  /// The largest becomes 100, the others in proportion.
  case largestIsBest
  /// The largest becomes 0.
  case largestIsWorst

  public static let highest = 100

  public func scaled(_ score: Int, largest: Int) -> Int {
    let share = largest == 0 ? 0 : score * Self.highest / largest
    return self == .largestIsBest ? share : Self.highest - share
  }
}
