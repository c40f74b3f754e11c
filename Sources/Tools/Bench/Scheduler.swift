import Configuration
import ControlLoop
import Foundation
import Objects
import Pods
import ReplicaSets
import Scheduling
import Services
import Store
import Volumes

/// The cases of Kubernetes' scheduler_perf on 5,000 nodes: as a function, and through the store. In this process.
struct SchedulerBench {
  let report: Report

  private struct Case {
    let name: String
    let initial: Int
    let measured: Int
    /// What upstream calls a regression, in pods a second.
    let floor: Double
    let reach: String
    var lives: @Sendable (inout Pod) -> Void = { _ in }
    var comes: @Sendable (inout Pod) -> Void
  }

  private static let cases = [
    Case(name: "SchedulingBasic", initial: 1_000, measured: 10_000, floor: 270, reach: "≥ 10,000/s", comes: { _ in }),
    Case(name: "TopologySpreading", initial: 5_000, measured: 5_000, floor: 85, reach: "≥ 5,000/s") { pod in
      pod.metadata.labels = ["color": "blue"]
      pod.spec.topologySpreadConstraints = [
        TopologySpreadConstraint {
          $0.maxSkew = 5
          $0.topologyKey = zone
          $0.whenUnsatisfiable = .doNotSchedule
          $0.labelSelector = LabelSelector { $0.matchLabels = ["color": "blue"] }
        }
      ]
    },
    Case(
      name: "SchedulingPodAffinity", initial: 5_000, measured: 5_000, floor: 35, reach: "", lives: together,
      comes: together),
    Case(
      name: "SchedulingPodAntiAffinity", initial: 1_000, measured: 2_000, floor: 60, reach: "≥ 2,000/s", lives: apart,
      comes: apart),
  ]

  private static let zone = "topology.kubernetes.io/zone"

  @Sendable private static func together(_ pod: inout Pod) {
    pod.metadata.labels = ["color": "blue"]
    pod.spec.affinity = Affinity {
      $0.podAffinity = PodAffinity { $0.requiredDuringSchedulingIgnoredDuringExecution = [term(zone, "blue")] }
    }
  }

  @Sendable private static func apart(_ pod: inout Pod) {
    pod.metadata.labels = ["color": "green"]
    pod.spec.affinity = Affinity {
      $0.podAntiAffinity = PodAntiAffinity {
        $0.requiredDuringSchedulingIgnoredDuringExecution = [term("kubernetes.io/hostname", "green")]
      }
    }
  }

  private static func term(_ key: String, _ color: String) -> PodAffinityTerm {
    PodAffinityTerm {
      $0.topologyKey = key
      $0.labelSelector = LabelSelector { $0.matchLabels = ["color": color] }
      $0.namespaces = ["default"]
    }
  }

  func run() throws {
    for test in Self.cases {
      try function(test)
      try throughTheStore(test)
    }
    try preemption()
  }

  private func function(_ test: Case) throws {
    let world = try world(with: test.initial, test.lives, nodes: 5_000, cpu: "100m")
    let view = world.cluster.view(of: world.store.snapshot)
    var state = ClusterState()
    let pods = (0..<test.measured).map { pod("new-\($0)", cpu: "100m", test.comes) }
    let before = clock()
    state.update(to: view)
    let filled = clock()
    for pod in pods {
      guard case .node(let position) = state.choose(for: pod, by: SchedulerProfile(), view) else {
        throw Unexpected(text: "\(test.name): \(pod.name) fits nowhere")
      }
      state.assume(pod, on: state.nodes[position].name)
    }
    let load = "state \(Report.format(seconds(filled - before) * 1e3)) ms"
    row("\(test.name), function", seconds(clock() - filled), test.measured, test.floor, load, test.reach)
  }

  private func throughTheStore(_ test: Case) throws {
    let world = try world(with: test.initial, test.lives, nodes: 5_000, cpu: "100m")
    for number in 0..<test.measured { try create(pod("new-\(number)", cpu: "100m", test.comes), world) }
    let driver = Driver(cluster: world.cluster, store: world.store, seed: 1)
    let (before, start) = (clock(), ContinuousClock.now)
    let pods = Pod.kind.groupResource
    while !world.store.snapshot.records(pods, index: Index.activeNodeName.name, equals: "").isEmpty {
      _ = driver.turn(at: Time(microseconds: Int64((ContinuousClock.now - start) / .microseconds(1))))
    }
    row("\(test.name), with bindings and events", seconds(clock() - before), test.measured, test.floor, "", test.reach)
  }

  private func preemption() throws {
    let (nodes, measured) = (5_000, 500)
    let world = try world(with: 4 * nodes, { _ in }, nodes: nodes, cpu: "900m")
    let view = world.cluster.view(of: world.store.snapshot)
    guard let profile = world.scheduler?.profiles.first, let postFilter = profile.postFilter else { return }
    var state = ClusterState()
    state.update(to: view)
    let before = clock()
    for number in 0..<measured {
      let pod = pod("high-\(number)", cpu: "3000m") { $0.spec.priority = 10 }
      guard case .nowhere(let diagnosis) = state.choose(for: pod, by: profile, view),
        let node = postFilter.makeRoom(
          for: pod, after: diagnosis, in: &state, by: profile, view, at: Time(microseconds: 0)
        ).node
      else { throw Unexpected(text: "\(pod.name) makes no room") }
      state.assume(pod, on: node)
    }
    row("PreemptionBasic (20,000 pods), function", seconds(clock() - before), measured, 18, "", "")
  }

  private func row(
    _ name: String, _ seconds: Double, _ count: Int, _ floor: Double, _ more: String, _ reach: String
  ) {
    let rate = Double(count) / seconds
    report.row(
      name, "\(Report.format(rate)) pods/s \(more)", "\(Report.format(rate / floor)) × \(Report.format(floor))", reach)
  }

  private func seconds(_ ticks: clock_t) -> Double { Double(ticks) / Double(CLOCKS_PER_SEC) }
}

extension SchedulerBench {
  private struct World {
    let cluster: Cluster
    let store: Store
    var scheduler: PodScheduler? { cluster.controllers.lazy.compactMap { $0 as? PodScheduler }.first }
  }

  // Nodes in three zones, pods on them in turn, and no controller but the scheduler.
  private func world(
    with pods: Int, _ change: (inout Pod) -> Void, nodes: Int, cpu: String
  ) throws -> World {
    var layers: [Layer] = [.pods, .replicaSets, .services, .configuration, .volumes, .scheduling]
    for index in layers.indices { layers[index].controllers.removeAll { !($0 is PodScheduler) } }
    let cluster = Cluster(layers: layers)
    let store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    let world = World(cluster: cluster, store: store)
    try put(Namespace(name: "default"), store)
    for number in 0..<nodes {
      try put(
        Node(name: "node-\(number)") {
          $0.metadata.labels = ["kubernetes.io/hostname": "node-\(number)", Self.zone: "moon-\(number % 3)"]
          $0.status.allocatable = ["cpu": Quantity(4), "memory": Quantity(32 << 30), "pods": Quantity(110)]
        }, store)
    }
    for number in 0..<pods {
      var pod = pod("old-\(number)", cpu: cpu, change)
      pod.spec.nodeName = "node-\(number % nodes)"
      try create(pod, world)
    }
    return world
  }

  private func pod(_ name: String, cpu: String, _ change: (inout Pod) -> Void) -> Pod {
    Pod(name: name, namespace: "default") {
      $0.metadata.uid = "uid-" + name
      $0.spec.schedulerName = "default-scheduler"
      $0.spec.containers = [
        Container {
          $0.name = "pause"
          $0.image = "registry.k8s.io/pause:3.10"
          $0.resources.requests["cpu"] = try? Quantity(cpu)
          $0.resources.requests["memory"] = Quantity(500 << 20)
        }
      ]
      change(&$0)
    }
  }

  // As users create pods: with all that admission fills in.
  private func create(_ pod: Pod, _ world: World) throws {
    let view = world.cluster.view(of: world.store.snapshot)
    var names = SeededGenerator(seed: UInt64(view.snapshot.revision))
    let write = try world.cluster.registry.create(
      pod.json, of: Pod.kind, in: view, at: Time(microseconds: 0), names: &names)
    for result in world.store.commit([write]) { _ = try result.get() }
  }

  private func put(_ object: some Resource, _ store: Store) throws {
    for result in store.commit([Write(object.key, .put(object.json), expecting: .anything)]) { _ = try result.get() }
  }
}
