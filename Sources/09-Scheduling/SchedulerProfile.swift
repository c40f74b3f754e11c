public import ControlLoop
public import Objects
public import Pods

/// Which plugins a scheduler asks, and how much each one's opinion counts. One process may have several, and pods choose
/// by their schedulerName.
public struct SchedulerProfile: Sendable {
  public var schedulerName = "default-scheduler"
  /// In the order in which they are asked; the first rejection counts.
  public var filters: [any FilterPlugin]
  public var scorers: [(plugin: any ScorePlugin, weight: Int)]
  /// Asked after the others. A weight of 0: not for scores.
  public var clusterPlugins: [(plugin: any ClusterPlugin, filters: Bool, weight: Int)]
  /// What must be done before a pod is bound, and what makes that impossible.
  public var rules: [any PlacementRule]
  /// Asked when there is no node. (Kubernetes: PostFilter.)
  public var postFilter: (any PostFilterPlugin)?

  /// Kubernetes' plugins with Kubernetes' weights.
  public init(rules: [any PlacementRule] = [], postFilter: (any PostFilterPlugin)? = nil) {
    let (taints, affinity, fit) = (TaintToleration(), NodeAffinityPlugin(), NodeResourcesFit())
    filters = [NodeUnschedulable(), taints, affinity, NodePorts(), fit]
    scorers = [(taints, 3), (affinity, 2), (fit, 1), (NodeResourcesBalancedAllocation(), 1)]
    clusterPlugins = [
      (VolumeBinding(rules: rules), true, 0), (PodTopologySpread(), true, 2), (InterPodAffinity(), true, 2),
      (ImageLocality(), false, 1),
    ]
    self.rules = rules
    self.postFilter = postFilter
  }

  func obstacle(to pod: Pod, _ view: View) -> String? { rules.lazy.compactMap { $0.obstacle(to: pod, in: view) }.first }

  /// What must be done first, for a pod that is to go to this node. (Kubernetes: Reserve and PreBind.)
  func preparation(of pod: Pod, for node: Node, _ view: View) -> Plan? {
    rules.lazy.compactMap { $0.preparation(of: pod, for: node, in: view) }.first
  }
}

/// Makes room for a pod that fits nowhere. (Kubernetes: the extension point PostFilter.)
public protocol PostFilterPlugin: SchedulingPlugin {
  func makeRoom(
    for pod: Pod, after diagnosis: Diagnosis, in state: inout ClusterState, by profile: SchedulerProfile, _ view: View,
    at now: Time
  ) -> RoomSearch
}

/// What the search for room has come to.
public struct RoomSearch: Sendable {
  /// Where there will be room.
  public var node: String?
  /// What has to be done for it.
  public var plan = Plan()
  /// "preemption: 0/3 nodes are available: …"; nil when room is being made.
  public var message: String?

  public init(node: String? = nil, plan: Plan = Plan(), message: String? = nil) {
    self.node = node
    self.plan = plan
    self.message = message
  }
}
