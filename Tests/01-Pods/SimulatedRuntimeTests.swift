import Objects
import Synchronization
import Testing

@testable import Pods

struct SimulatedRuntimeTests {
  private let runtime = SimulatedRuntime(subnet: "10.244.7")
  private let pod = PodIdentity(namespace: "default", name: "web", uid: "uid")
  private let start = PodLife.start

  private func id(_ attempt: Int = 0) -> ContainerID { ContainerID(podUID: "uid", name: "main", attempt: attempt) }

  private func begin(_ image: String, attempt: Int = 0, at second: Int = 0) {
    runtime.perform(.startSandbox(pod), at: start + .seconds(second))
    runtime.perform(
      .start(ContainerConfiguration(id: id(attempt), pod: pod, image: image)), at: start + .seconds(second))
  }

  private func state(at second: Int, attempt: Int = 0) -> ObservedContainer.State? {
    _ = runtime.advance(to: start + .seconds(second))
    return runtime.pod("uid")?.containers.first { $0.id.attempt == attempt }?.state
  }

  private func exit(_ code: Int, at second: Int, from: Int = 0, signal: Int? = nil) -> ObservedContainer.State {
    .exited(
      .init(
        code: code, signal: signal, reason: code == 0 ? "Completed" : "Error", startedAt: start + .seconds(from),
        finishedAt: start + .seconds(second)))
  }

  @Test func containersDoWhatTheirImageSays() {
    begin("registry.example/tools/sleep-5:v1")
    #expect(runtime.pod("uid")?.addresses == ["10.244.7.2"])
    #expect(state(at: 4) == .running(startedAt: start))
    #expect(runtime.advance(to: start + .seconds(4)) == start + .seconds(5))
    // However late one looks, it ended when it ended.
    #expect(state(at: 60) == exit(0, at: 5))
    #expect(runtime.advance(to: start + .seconds(60)) == nil)
  }

  @Test(arguments: [("nginx", 10, 0, 2), ("stubborn", 10, 137, 12), ("nginx", 0, 137, 2), ("sleep-5", 10, 0, 2)])
  func aStopAsksThenKills(_ image: String, _ grace: Int, _ code: Int, _ end: Int) {
    begin(image)
    runtime.perform(.stop(id(), gracePeriod: grace), at: start + .seconds(2))
    #expect(state(at: 60) == exit(code, at: end, signal: code == 137 ? 9 : nil))
    #expect(runtime.pod("uid")?.containers.first?.isStopping == false)
  }

  @Test func aSecondStopOnlyShortens() {
    begin("stubborn")
    runtime.perform(.stop(id(), gracePeriod: 10), at: start)
    runtime.perform(.stop(id(), gracePeriod: 30), at: start + .seconds(1))
    runtime.perform(.stop(id(), gracePeriod: 2), at: start + .seconds(2))
    #expect(runtime.pod("uid")?.containers.first?.isStopping == true)
    #expect(state(at: 60) == exit(137, at: 4, signal: 9))
  }

  @Test func repeatingAnActionDoesNothing() {
    begin("sleep-5")
    begin("sleep-5", at: 3)
    #expect(state(at: 60) == exit(0, at: 5))
    begin("sleep-5", at: 61)
    #expect(state(at: 62) == exit(0, at: 5))
    #expect(runtime.violations == [])
  }

  @Test func aSecondAttemptBesideARunningOneIsNoticed() {
    begin("nginx")
    begin("nginx", attempt: 1, at: 1)
    #expect(runtime.violations == ["web: main is started while it runs"])
  }

  @Test func onlyWhatHasEndedCanBeRemoved() {
    begin("nginx")
    runtime.perform(.remove(id()), at: start)
    runtime.perform(.removeSandbox(pod), at: start)
    #expect(state(at: 1) == .running(startedAt: start))
    runtime.perform(.stop(id(), gracePeriod: 5), at: start + .seconds(1))
    runtime.perform(.remove(id()), at: start + .seconds(1))
    #expect(runtime.pod("uid")?.containers == [])
    runtime.perform(.removeSandbox(pod), at: start + .seconds(1))
    #expect(runtime.pods() == [])
  }

  @Test func annotationsDecideForAnyImage() {
    var configuration = ContainerConfiguration(id: id(), pod: pod, image: "nginx")
    configuration.extensions["annotations"] = [
      "simulation.swiftlet/start-after": "2", "simulation.swiftlet/exit-after": "3",
      "simulation.swiftlet/exit-code": "4",
    ]
    runtime.perform(.startSandbox(pod), at: start)
    runtime.perform(.start(configuration), at: start)
    #expect(state(at: 1) == .creating)
    #expect(state(at: 60) == exit(4, at: 5, from: 2))
  }

  @Test func logsAreInTheFormatOfCRI() throws {
    begin("hello-world")
    let line = "2026-01-01T00:00:00.000000Z stdout F Hello from web!\n"
    let chunk = try runtime.logs(of: id(), from: 0)
    #expect(String(decoding: chunk.bytes, as: UTF8.self) == line)
    #expect(try runtime.logs(of: id(), from: chunk.nextOffset).bytes == [])
    #expect(throws: UnknownContainer.self) { try runtime.logs(of: id(7), from: 0) }
  }

  @Test func whatIsUnknownIsNamed() {
    #expect("\(UnknownContainer(id: id(7)))" == "container \"main\" in pod uid has no attempt 7")
  }

  @Test func everyActionIsReportedForItsPod() {
    let reported = Mutex<[String]>([])
    runtime.onChange { uid in reported.withLock { $0.append(uid) } }
    begin("nginx")
    runtime.perform(.stop(id(), gracePeriod: 0), at: start)
    runtime.perform(.remove(id()), at: start)
    runtime.perform(.removeSandbox(pod), at: start)
    #expect(reported.withLock(\.self) == ["uid", "uid", "uid", "uid", "uid"])
  }

  @Test func asManyPullsFailAsTheBehaviorSays() throws {
    var life = try PodLife(.running("nginx")) { _ in
      var behavior = SimulatedBehavior()
      behavior.failedPulls = 2
      return behavior
    }
    life.run(seconds: 60)
    #expect(life.starts["web"] == [0, 10, 30], "the first two fail; the third one is at rest")
    #expect(life.status.phase == .running)
  }

  @Test func aSimulatedNodesAddressesFollowFromItsNumber() {
    let agent = NodeAgent.simulated(name: "node-300", number: 300)
    #expect(agent.node.addresses == ["10.0.1.44"])
    #expect("\(agent.node.cpu) \(agent.node.memory)" == "8 34359738368")
    agent.runtime.perform(.startSandbox(pod), at: start)
    #expect(agent.runtime.pod("uid")?.addresses == ["10.65.44.2"])
  }
}
