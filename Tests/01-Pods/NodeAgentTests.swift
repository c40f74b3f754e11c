import ControlLoop
import Objects
import Simulation
import Store
import Synchronization
import Testing

@testable import Pods

/// Agents with their store: what they write, whom they serve, what a crash does to them.
struct NodeAgentTests {
  let cluster = Cluster(layers: [.pods])

  // MARK: Nodes

  @Test func anAgentRegistersItsNodeAndRenewsItsLease() throws {
    let world = try World(layers: [.pods], seed: 1)
    world.run(for: .seconds(3))
    let node = try #require(world.view.object(Node.self, "node-1"))
    #expect(node.isReady)
    #expect(node.metadata.labels["kubernetes.io/hostname"] == "node-1")
    #expect(node.status.capacity["pods"]?.description == "110")
    #expect(node.status.nodeInfo.kubeletVersion == "v1.36.0+swiftlet")
    let first = try #require(lease(of: node, in: world))
    #expect(first.spec.leaseDurationSeconds == 40)
    #expect(first.metadata.ownerReferences.first?.uid == node.uid)
    world.run(for: .seconds(10))
    let second = try #require(lease(of: node, in: world))
    #expect(second.spec.renewTime != first.spec.renewTime)
    #expect(world.view.object(Node.self, "node-1")?.metadata.resourceVersion == node.metadata.resourceVersion)
    world.run(for: .seconds(300))
    #expect(world.view.object(Node.self, "node-1")?.metadata.resourceVersion != node.metadata.resourceVersion)
  }

  private func lease(of node: Node, in world: World) -> Lease? {
    world.view.object(Lease.self, node.name, in: "kube-node-lease")
  }

  @Test func aNodeThatWasDeletedIsRegisteredAgain() throws {
    let world = try World(layers: [.pods], seed: 1)
    world.run(for: .seconds(3))
    world.perform([.delete(Node.key("node-1"), DeleteOptions())])
    world.run(for: .seconds(12))
    #expect(world.view.object(Node.self, "node-1")?.isReady == true)
  }

  // MARK: Pods

  @Test func aPodRunsAndEndsAndItsEventsTellSo() throws {
    let world = try World(layers: [.pods], seed: 1)
    world.run(for: .seconds(3))
    world.perform([.create(pod("web").json)])
    world.run(for: .seconds(2))
    #expect(world.view.object(Pod.self, "web", in: "default")?.status.phase == .running)
    world.perform([.delete(Pod.key("web", in: "default"), DeleteOptions())])
    world.run(for: .seconds(2))
    #expect(world.view.object(Pod.self, "web", in: "default") == nil)
    let reasons = world.view.all(RecordedEvent.self).filter { $0.involvedObject.name == "web" }.compactMap(\.reason)
    #expect(reasons.sorted() == ["Created", "Killing", "Pulled", "Scheduled", "Started"])
    #expect(world.violations.isEmpty)
  }

  @Test func aPodIsWrittenOnceForWhatHappensAtOnce() throws {
    let world = try World(layers: [.pods], seed: 1)
    world.run(for: .seconds(3))
    world.perform([.create(pod("web").json)])
    let watcher = try world.store.watch("pods", after: world.store.snapshot.revision)
    world.run(for: .seconds(2))
    // The binding and the status.
    #expect(try watcher.next().count == 2)
  }

  @Test func aRecreatedPodIsAnotherPod() throws {
    let lab = try Lab(nodes: 1)
    try lab.create(pod("web", on: "node-0"))
    lab.settle()
    let first = try #require(lab.pod("web"))
    try lab.perform(.delete(first.key, DeleteOptions(gracePeriodSeconds: 0)))
    try lab.create(pod("web", on: "node-0"))
    lab.settle()
    let second = try #require(lab.pod("web"))
    #expect(second.uid != first.uid)
    #expect(second.status.phase == .running)
    #expect(lab.runtimes[0].pods().map(\.identity.uid) == [second.uid])
  }

  @Test func aRestartedAgentStopsWhatTheAPIHasForgotten() throws {
    let lab = try Lab(nodes: 1)
    try lab.create(pod("web", on: "node-0"))
    lab.settle()
    let old = try #require(lab.pod("web"))
    // The object goes behind the agent's back.
    _ = lab.store.commit([Write(old.key, .delete, expecting: .anything)])
    lab.group.restart()
    lab.run(for: .seconds(2))
    #expect(lab.runtimes[0].pods() == [])
  }

  @Test func aRestartedAgentChangesNothing() throws {
    let lab = try Lab(nodes: 2)
    for number in 0..<10 { try lab.create(pod("web-\(number)", on: "node-\(number % 2)")) }
    lab.settle()
    let pods = lab.view.all(Pod.self)
    lab.group.restart()
    lab.settle()
    #expect(lab.view.all(Pod.self) == pods)
    #expect(pods.allSatisfy { $0.status.phase == .running })
  }

  @Test func aStatusThatLosesARaceIsWrittenAgain() throws {
    let lab = try Lab(nodes: 1)
    try lab.create(pod("web", on: "node-0", image: "sleep-5"))
    lab.settle()
    for second in 0..<8 {
      // Somebody else changes the pod between every two turns of the agent.
      var touched = try #require(lab.pod("web"))
      touched.metadata.annotations["touched"] = String(second)
      try lab.perform(.update(touched.json))
      lab.run(for: .seconds(1))
    }
    #expect(lab.pod("web")?.status.phase == .succeeded)
  }

  /// Says for six seconds what no schema allows.
  private struct Confused: AgentStage {
    let name = "confused"

    func report(_ conditions: inout [PodCondition], _ context: inout StageContext) {
      if context.now < World.epoch + .seconds(6) { conditions.append(PodCondition { $0.status = "True" }) }
    }
  }

  @Test func aStatusThatIsRefusedIsWrittenAgain() throws {
    let lab = try Lab(nodes: 1, stages: [Confused()])
    try lab.create(pod("web", on: "node-0"))
    lab.settle()
    #expect(lab.pod("web")?.status.phase == .pending)
    lab.run(for: .seconds(10))
    #expect(lab.pod("web")?.status.phase == .running, "nothing happens to the pod: the agent tries again by itself")
  }

  @Test func whatTheRuntimeReportsIsLookedAtInTheNextTurn() throws {
    let lab = try Lab(nodes: 1)
    try lab.create(pod("web", on: "node-0"))
    lab.settle()
    let uid = try #require(lab.pod("web")?.uid)
    lab.runtimes[0].perform(.stop(ContainerID(podUID: uid, name: "main", attempt: 0), gracePeriod: 0), at: lab.now)
    _ = lab.group.turn(at: lab.now)
    #expect(lab.pod("web")?.restartCount == 1)
  }

  @Test func anAgentThatFellBehindLooksAtEverythingAgain() throws {
    var limits = Store.Limits()
    limits.watchedEvents = 4
    let lab = try Lab(nodes: 1, limits: limits)
    for number in 0..<20 { try lab.create(pod("web-\(number)", on: "node-0")) }
    lab.settle()
    #expect(lab.view.all(Pod.self).map(\.status.phase) == Array(repeating: .running, count: 20))
  }

  // MARK: One agent

  @Test func whatWasReportedIsNotReportedAgain() {
    let agent = NodeAgent.simulated(name: "node-0", number: 1)
    for uid in ["b", "a"] {
      let pod = PodIdentity(namespace: "default", name: uid, uid: uid)
      agent.runtime.perform(.startSandbox(pod), at: World.epoch)
    }
    #expect(agent.takeReports() == ["a", "b"])
    #expect(agent.takeReports() == [])
  }

  @Test func aRestartedAgentKnowsOnlyWhatItFinds() throws {
    let lab = try Lab(nodes: 1)
    try lab.create(pod("web", on: "node-0"))
    let agent = NodeAgent.simulated(name: "node-0", number: 1)
    var gone = pod("gone", on: "node-0")
    gone.metadata.uid = "gone"
    agent.follow(gone)
    let running = PodIdentity(namespace: "default", name: "orphan", uid: "orphan")
    agent.runtime.perform(.startSandbox(running), at: lab.now)
    #expect(agent.restart(in: lab.view) == [lab.pod("web")?.uid, "orphan"].compactMap(\.self).sorted())
  }

  /// Asks for what its name says, and notes what it is given.
  private final class Asking: AgentStage {
    let name: String
    let given = Mutex<Set<Value>>([])

    init(_ name: String) { self.name = name }

    func hold(_ context: inout StageContext) -> Hold? {
      context.requests.append(.string("of \(name)"))
      return nil
    }

    func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time) {
      given.withLock { _ = $0.insert(request) }
    }
  }

  @Test func aRequestReachesTheStageThatMadeIt() throws {
    let lab = try Lab(nodes: 1)
    try lab.create(pod("web", on: "node-0"))
    let agent = NodeAgent.simulated(name: "node-0", number: 1)
    let stages = [Asking("first"), Asking("second")]
    for uid in agent.restart(in: lab.view) { _ = agent.sync(uid, stages: stages, in: lab.view, at: lab.now) }
    #expect(stages.map { $0.given.withLock(\.self) } == [["of first"], ["of second"]])
  }

  // MARK: Many agents

  @Test func aThousandNodesShareOneWatch() throws {
    let lab = try Lab(nodes: 1_000)
    for number in 0..<1_000 { try lab.create(pod("web-\(number)", on: "node-\(number)")) }
    lab.settle()
    #expect(lab.view.all(Pod.self).allSatisfy { $0.status.phase == .running })
    #expect(lab.runtimes.allSatisfy { $0.pods().count == 1 })
    #expect(lab.view.all(Lease.self).count == 1_000)
  }

  /// A stage that cares for the pod's namespace.
  private struct Watchful: AgentStage {
    let name = "watchful"
    let seen: Seen
    var triggers: [Trigger] {
      [.on(Namespace.self) { namespace, view in view.all(Pod.self, in: namespace.name).map(\.key) }]
    }

    func hold(_ context: inout StageContext) -> Hold? {
      let color = context.view.object(Namespace.self, context.pod.namespace)?.metadata.labels["color"]
      seen.note("\(context.pod.name) \(color ?? "none")")
      return nil
    }
  }

  @Test func aStageNamesTheOtherObjectsThatConcernAPod() throws {
    let seen = Seen()
    let lab = try Lab(nodes: 2, stages: [Watchful(seen: seen)])
    try lab.create(pod("web", on: "node-1"))
    try lab.create(pod("elsewhere", on: "node-7"))
    lab.settle()
    let before = seen.words.count
    lab.settle()
    #expect(seen.words.count == before)
    var namespace = try #require(lab.view.object(Namespace.self, "default"))
    namespace.metadata.labels["color"] = "blue"
    try lab.perform(.update(namespace.json))
    lab.settle()
    #expect(seen.words.dropFirst(before) == ["web blue"])
  }

  @Test func worldsWithFaultsKeepTheirPromises() throws {
    try Search(layers: [.pods], chapter: 1, actions: 20).run(seeds: 1...30)
  }
}

/// A store and agents, without controllers.
private final class Lab {
  let cluster: Cluster
  let store: Store
  let group: NodeAgentGroup
  let runtimes: [SimulatedRuntime]
  private(set) var now = World.epoch
  private var random = SeededGenerator(seed: 1)

  init(nodes: Int, stages: [any AgentStage] = [], limits: Store.Limits = Store.Limits()) throws {
    cluster = Cluster(layers: [.pods, Layer(chapter: 2, name: "Stages") { $0.contributions = stages }])
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes, limits: limits)
    let agents = (0..<nodes).map { NodeAgent.simulated(name: "node-\($0)", number: $0 + 1) }
    runtimes = agents.compactMap { $0.runtime as? SimulatedRuntime }
    group = NodeAgentGroup(agents, cluster: cluster, store: store, seed: 1)
    for object in cluster.layers.flatMap(\.initialObjects) { try perform(.create(object)) }
    settle()
  }

  var view: View { cluster.view(of: store.snapshot) }

  func pod(_ name: String) -> Pod? { view.object(Pod.self, name, in: "default") }

  func create(_ pod: Pod) throws { try perform(.create(pod.json)) }

  func perform(_ intent: Intent) throws {
    guard let write = try cluster.registry.write(for: intent, in: view, at: now, names: &random) else { return }
    _ = try store.commit([write])[0].get()
  }

  func settle() { run(for: .seconds(2)) }

  func run(for duration: Duration) {
    let end = now + duration
    while now < end {
      let turn = group.turn(at: now)
      if !turn.didWork { now = min(max(turn.wakeAt ?? end, now + .microseconds(1)), end) }
    }
  }
}

private func pod(_ name: String, on node: String, image: String = "nginx") -> Pod {
  pod(name) {
    $0.spec.nodeName = node
    $0.spec.restartPolicy = .onFailure
    $0.spec.containers[0].image = image
  }
}
