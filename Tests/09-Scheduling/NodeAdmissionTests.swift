import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

@testable import Scheduling

/// The node's own word about pods that come to it.
@Suite struct NodeAdmissionTests {
  /// What the agent of the pod's node writes when it sees the pod for the first time.
  private func status(of pod: Pod, among others: [any Resource], running: [String] = []) throws -> PodStatus {
    let view = try Fixture(others.filter { $0.key != pod.key } + [pod]).view
    let step = PodSync(stages: [NodeAdmission()]).next(
      for: pod, observed: nil, observations: ["admission": .array(running.map { .string($0) })], memory: PodMemory(),
      in: view, at: start + .seconds(10))
    return try #require(step.status)
  }

  private let start = Time(microseconds: 1_767_225_600_000_000)

  private func taken(_ name: String, cpu: Int = 1, _ change: (inout Pod) -> Void = { _ in }) -> Pod {
    somePod(name, cpu: cpu, on: "node-1") {
      $0.status.startTime = start
      change(&$0)
    }
  }

  @Test func aPodThatDoesNotFitIsRefusedInKubernetesWords() throws {
    func port(_ pod: inout Pod) {
      pod.spec.containers[0].ports = [
        ContainerPort {
          $0.containerPort = 80; $0.hostPort = 8080
        }
      ]
    }
    let gpu = someNode("node-1", cpu: 2, pods: 3) {
      $0.status.allocatable["example.com/gpu"] = Quantity(1)
      $0.spec.taints = [Taint("example.com/lab", .noSchedule)]
    }
    func refusal(_ node: Node = gpu, _ change: (inout Pod) -> Void) throws -> String {
      let others = [taken("a", cpu: 1, port)]
      let status = try status(of: somePod("late", cpu: 1, on: "node-1", change), among: [node] + others)
      #expect(status.phase == (status.reason == nil ? .pending : .failed))
      return "\(status.reason ?? "taken") \(status.message ?? "")"
    }
    let much = try Quantity("1500m")
    let lack = "Pod was rejected: Node didn't have enough resource: "
    #expect(try refusal { _ in } == "taken ")
    #expect(
      try refusal { $0.spec.containers[0].resources.requests = ["cpu": much] }
        == "OutOfcpu \(lack)cpu, requested: 1500, used: 1000, capacity: 2000")
    #expect(
      try refusal { $0.spec.containers[0].resources.requests = ["memory": Quantity(9 << 30)] }
        == "OutOfmemory \(lack)memory, requested: 9663676416, used: 0, capacity: 8589934592")
    #expect(
      try refusal { $0.spec.containers[0].resources.requests = ["example.com/gpu": Quantity(2)] }
        == "OutOfexample.com/gpu \(lack)example.com/gpu, requested: 2, used: 0, capacity: 1")
    #expect(
      try refusal(someNode("node-1", pods: 1)) { _ in } == "OutOfpods \(lack)pods, requested: 1, used: 1, capacity: 1")
    let failed = { (name: String, why: String) in "\(name) Pod was rejected: Predicate \(name) failed: \(why)" }
    #expect(
      try refusal { $0.spec.nodeSelector = ["disk": "ssd"] }
        == failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"))
    #expect(
      try refusal { port(&$0) } == failed("NodePorts", "node(s) didn't have free ports for the requested pod ports"))
    let hot = someNode("node-1") { $0.spec.taints = [Taint("example.com/lab", .noExecute)] }
    #expect(
      try refusal(hot) { _ in }
        == failed("TaintToleration", "node(s) had taints that the pod didn't tolerate"))
    #expect(try refusal(hot) { $0.spec.tolerations = [Toleration("example.com/lab", seconds: 5)] } == "taken ")
  }

  @Test func whatNobodyHasCountedOnTheNodeItDoesNotMiss() throws {
    let pod = somePod("late", on: "node-1") {
      $0.spec.containers[0].resources.requests["example.com/license"] = Quantity(7)
    }
    #expect(try status(of: pod, among: [someNode("node-1")]).reason == nil)
    let silent = someNode("node-1") { $0.status.allocatable = [:] }
    #expect(try status(of: pod, among: [silent]).reason == nil)
  }

  /// Three pods for two places, made in the same second or not, and looked at in every order and state of the reports.
  @Test func ofPodsThatComeTogetherTheOldestAreTakenInWhateverOrderTheyAreLookedAt() throws {
    let pods = [("c", 0), ("a", 1), ("b", 1)].map { name, second in
      somePod(name, cpu: 3, on: "node-1") { $0.metadata.creationTimestamp = start + .seconds(second) }
    }
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      for reported in [false, true] {
        var known = pods
        for index in order {
          let status = try status(of: pods[index], among: [someNode("node-1")] + known)
          #expect((status.reason ?? "taken") == (index == 2 ? "OutOfcpu" : "taken"), "\(order), \(reported)")
          if reported { known[index].status = status }
        }
      }
    }
  }

  @Test func whatRunsCountsBeforeItIsReportedAndWhatHasEndedDoesNot() throws {
    let node = someNode("node-1", cpu: 4)
    let young = somePod("young", cpu: 3, on: "node-1") { $0.metadata.creationTimestamp = start }
    let pod = somePod("late", cpu: 3, on: "node-1") { $0.metadata.creationTimestamp = start - .seconds(60) }
    #expect(try status(of: pod, among: [node, young]).reason == nil)
    #expect(try status(of: pod, among: [node, young], running: [young.uid]).reason == "OutOfcpu")
    #expect(try status(of: pod, among: [node, taken("done", cpu: 3) { $0.status.phase = .succeeded }]).reason == nil)
    #expect(
      try status(of: pod, among: [node, taken("ending", cpu: 3) { $0.metadata.deletionTimestamp = start }]).reason
        == "OutOfcpu")
    let leaving = somePod("leaving", cpu: 3, on: "node-1") {
      $0.metadata.creationTimestamp = start - .seconds(90)
      $0.metadata.deletionTimestamp = start
    }
    #expect(try status(of: pod, among: [node, leaving]).reason == nil)
  }

  @Test func whoeverMakesPodsForAFullNodeMakesOneASecond() throws {
    let world = try World(layers: layers, seed: 1)
    world.run(for: .seconds(5))
    let set = ReplicaSet(name: "stubborn", namespace: "default") {
      $0.spec.replicas = 2
      $0.spec.selector = LabelSelector { $0.matchLabels = ["app": "web"] }
      $0.spec.template.metadata.labels = ["app": "web"]
      $0.spec.template.spec.nodeName = "node-1"
      $0.spec.template.spec.containers = [container("main", cpu: 5)]
    }
    world.perform([.create(set.json)])
    world.run(for: .seconds(30))
    let pods = world.view.all(Pod.self)
    #expect(pods.filter { $0.status.phase == .running }.count == 1)
    #expect((25...35).contains(pods.filter { $0.status.reason == "OutOfcpu" }.count))
  }

  @Test func aNodeIsNotOverfilledByHand() throws {
    let world = try World(layers: layers, seed: 1)
    world.run(for: .seconds(5))
    world.perform(
      (1...3).map { number in
        .create(
          Pod(name: "by-hand-\(number)", namespace: "default") {
            $0.spec.nodeName = "node-1"
            $0.spec.containers = [container("main", cpu: 4)]
          }.json)
      })
    world.run(for: .seconds(60))
    let phases = (1...3).map { world.view.object(Pod.self, "by-hand-\($0)", in: "default")?.status.phase }
    #expect(phases == [.running, .running, .failed])
    let events = world.view.all(RecordedEvent.self).filter { $0.reason == "OutOfcpu" }
    #expect(
      events.map(\.message) == ["Node didn't have enough resource: cpu, requested: 4000, used: 8000, capacity: 8000"])
  }
}
