import Configuration
import ControlLoop
import Deployments
import Jobs
import Objects
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import Simulation
import Store
import Volumes

/// The cluster of chapter 9.
let layers: [Layer] = [
  .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling,
]

func container(_ name: String, cpu: Int?, _ change: (inout Container) -> Void = { _ in }) -> Container {
  Container {
    $0.name = name
    $0.image = "pause"
    if let cpu { $0.resources.requests = ["cpu": Quantity(cpu)] }
    change(&$0)
  }
}

func someNode(_ name: String, cpu: Int = 8, pods: Int = 110, _ change: (inout Node) -> Void = { _ in }) -> Node {
  Node(name: name) {
    $0.metadata.labels = ["kubernetes.io/hostname": name]
    $0.status.allocatable = ["cpu": Quantity(cpu), "memory": Quantity(Int64(cpu) << 32), "pods": Quantity(pods)]
    $0.status.capacity = $0.status.allocatable
    change(&$0)
  }
}

func somePod(_ name: String, cpu: Int? = 1, on node: String? = nil, _ change: (inout Pod) -> Void = { _ in }) -> Pod {
  Pod(name: name, namespace: "default") {
    $0.metadata.uid = "uid-" + name
    $0.metadata.labels = ["app": "web"]
    $0.spec.containers = [container("main", cpu: cpu)]
    $0.spec.nodeName = node
    change(&$0)
  }
}

/// A cluster of these objects, as they are: nothing is defaulted and nothing refused.
struct Fixture {
  private static let cluster = Cluster(layers: layers)
  let cluster = Fixture.cluster
  let store: Store

  init(_ objects: [any Resource]) throws {
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    put(Namespace(name: "default"))
    objects.forEach { put($0) }
  }

  func put(_ object: some Resource) { _ = store.commit([Write(object.key, .put(object.json), expecting: .anything)]) }
  func delete(_ object: some Resource) { _ = store.commit([Write(object.key, .delete, expecting: .anything)]) }

  var view: View { cluster.view(of: store.snapshot) }

  /// Where a pod goes, or why nowhere.
  func choice(for pod: Pod, by profile: SchedulerProfile = SchedulerProfile()) -> String {
    var state = ClusterState()
    return choice(for: pod, in: &state, by: profile)
  }

  func choice(for pod: Pod, in state: inout ClusterState, by profile: SchedulerProfile = SchedulerProfile()) -> String {
    state.update(to: view)
    switch state.choose(for: pod, by: profile, view) {
    case .node(let position): return state.nodes[position].name
    case .nowhere(let diagnosis): return diagnosis.message
    }
  }
}

func spread(_ key: String, skew: Int = 1, _ when: WhenUnsatisfiable = .doNotSchedule) -> TopologySpreadConstraint {
  TopologySpreadConstraint {
    $0.maxSkew = skew
    $0.topologyKey = key
    $0.whenUnsatisfiable = when
    $0.labelSelector = LabelSelector { $0.matchLabels = ["app": "web"] }
  }
}

func term(_ key: String = "kubernetes.io/hostname", app: String = "web") -> PodAffinityTerm {
  PodAffinityTerm {
    $0.topologyKey = key
    $0.labelSelector = LabelSelector { $0.matchLabels = ["app": app] }
  }
}

extension Pod {
  func near(_ terms: PodAffinityTerm...) -> Pod {
    changing { $0.podAffinity = PodAffinity { $0.requiredDuringSchedulingIgnoredDuringExecution = terms } }
  }

  func away(from terms: PodAffinityTerm...) -> Pod {
    changing { $0.podAntiAffinity = PodAntiAffinity { $0.requiredDuringSchedulingIgnoredDuringExecution = terms } }
  }

  private func changing(_ change: (inout Affinity) -> Void) -> Pod {
    var pod = self
    var affinity = pod.spec.affinity ?? Affinity()
    change(&affinity)
    pod.spec.affinity = affinity
    return pod
  }
}
