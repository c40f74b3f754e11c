import ControlLoop
import Objects
import Store
import Testing

@testable import Pods

/// What later chapters may count on: each test is a stage of the kind that one of them will add.
struct AgentStageTests {
  /// Chapter 5: a container that misses its configuration waits and says why, and its neighbour does not care.
  private struct Configuration: AgentStage {
    let name = "configuration"

    func prepare(
      _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
    ) -> Hold? {
      guard context.now < PodLife.start + .seconds(15), container.name == "a" else {
        configuration.environment.append(.init(name: "HOST", value: context.hostAddresses.joined(separator: ",")))
        configuration.environment.append(.init(name: "COLOR", value: "blue"))
        return nil
      }
      return Hold(reason: "CreateContainerConfigError", message: "configmap \"colors\" not found")
    }
  }

  @Test func aStageHoldsAContainerBackUntilItsConfigurationIsThere() throws {
    let seen = Seen()
    var life = try PodLife(.running("nginx", "nginx"), stages: [Configuration()]) { configuration in
      seen.note(configuration)
      return SimulatedBehavior()
    }
    #expect(life.container("a").state.waiting?.reason == "CreateContainerConfigError")
    #expect(life.status.phase == .pending)
    #expect(life.told == ["0s Failed: Error: configmap \"colors\" not found"])
    #expect(life.timeline(seconds: 22) == "a  !!!!!!!!!!!!!!!!!!!!●●\nb  ●●●●●●●●●●●●●●●●●●●●●●")
    #expect(seen.configurations.allSatisfy { $0.environment.last == .init(name: "COLOR", value: "blue") })
    let address = seen.configurations.first?.environment.first { $0.name == "HOST" }?.value
    #expect(address == "10.0.0.1")
  }

  /// Chapter 9: a node that is full takes no more pods, and keeps those that it has.
  private struct Doorkeeper: AgentStage {
    let name = "doorkeeper"

    func hold(_ context: inout StageContext) -> Hold? {
      context.requests.append("asked")
      return nil
    }

    func refusal(_ context: inout StageContext) -> Refusal? {
      let isFull = context.pod.metadata.labels["size"] == "large"
      return isFull ? Refusal(reason: "OutOfpods", message: "Node has no room") : nil
    }
  }

  @Test func aPodThatItsNodeRefusesFailsAndNothingElseIsSaidOfIt() throws {
    var pod = Pod.running("nginx", initial: ["nginx"])
    pod.metadata.labels = ["size": "large"]
    var life = try PodLife(pod, stages: [Doorkeeper()])
    #expect(life.told == ["0s OutOfpods: Node has no room"])
    let refused = life.status
    #expect(refused.phase == .failed && refused.reason == "OutOfpods")
    #expect(refused.message == "Pod was rejected: Node has no room")
    #expect(refused.startTime == PodLife.start && refused.observedGeneration == 1)
    #expect(refused.all.isEmpty && refused.conditions.isEmpty)
    #expect(PodSummary(try #require(life.pod)).reason == "OutOfpods")
    // It stays so, whoever looks, and goes when it is deleted.
    life.restartAgent()
    life.run(seconds: 600)
    #expect(life.status == refused && life.starts.isEmpty && life.requests.isEmpty && life.writes == 1)
    life.delete()
    #expect(life.goneAt == 600)
  }

  @Test func aPodIsNotRefusedWithinASecond() throws {
    var pod = Pod.running("nginx")
    pod.metadata.labels = ["size": "large"]
    pod.metadata.creationTimestamp = PodLife.start
    var life = try PodLife(pod, stages: [Doorkeeper()])
    #expect(life.writes == 0)
    life.run(seconds: 2)
    #expect(life.told == ["1s OutOfpods: Node has no room"])
  }

  @Test func whatTheNodeHasTakenItDoesNotSendAway() throws {
    var life = try PodLife(.running("nginx"), stages: [Doorkeeper()])
    life.change { $0.metadata.labels = ["size": "large"] }
    life.restartAgent()
    life.run(seconds: 60)
    #expect(life.status.phase == .running)
  }

  /// Chapter 6: volumes are mounted before anything starts, and unmounted after everything has ended.
  private struct Volumes: AgentStage {
    let name = "volumes"

    func hold(_ context: inout StageContext) -> Hold? {
      context.requests.append("mount")
      return isDone("mounted", after: 3, &context) ? nil : Hold(reason: "ContainerCreating")
    }

    func cleanUp(_ context: inout StageContext) -> Bool { isDone("unmounted", after: 2, &context) }

    private func isDone(_ what: String, after seconds: Int, _ context: inout StageContext) -> Bool {
      let end = context.memory[what].flatMap(Time.init) ?? context.now + .seconds(seconds)
      context.memory[what] = end.asValue
      context.wake(at: end)
      return context.now >= end
    }
  }

  @Test func aStageDelaysThePodsStartAndItsEnd() throws {
    var life = try PodLife(.running("nginx"), stages: [Volumes()])
    #expect(life.timeline(seconds: 5) == "web  ○○○●●")
    #expect(life.requests == [.init(stage: "volumes", body: "mount")])
    life.delete()
    #expect(life.status.phase == .succeeded)
    #expect(life.runtime.pods().count == 1)
    life.run(seconds: 10)
    #expect(life.goneAt == 7)
  }

  @Test func aStageHasItsEndWhenAPodEndsByItself() throws {
    var life = try PodLife(.running("sleep-5", restart: .never), stages: [Volumes()])
    life.run(seconds: 9)
    #expect(life.status.phase == .succeeded)
    #expect(life.memory.stages["volumes"]?["unmounted"] != nil, "what it had mounted is of no more use")
    #expect(life.runtime.pods().count == 1, "but its log is")
  }

  /// Chapter 6 again: a pod that has taken too much.
  private struct Limits: AgentStage {
    let name = "limits"

    func failure(_ context: inout StageContext) -> PodFailure? {
      let end = PodLife.start + .seconds(4)
      context.wake(at: end)
      guard context.now == end else { return nil }
      return PodFailure(reason: "Evicted", message: "It took too much.", gracePeriod: .seconds(1))
    }
  }

  @Test func aStageEndsAPod() throws {
    var life = try PodLife(.running("stubborn", sidecars: ["log"]), stages: [Limits()])
    #expect(life.timeline(seconds: 8) == "side  ●●●●●✗✗✗\nweb  ●●●●●✗✗✗")
    #expect(life.status.phase == .failed)
    #expect([life.status.reason, life.status.message] == ["Evicted", "It took too much."])
    #expect(
      life.told == [
        "4s Killing: Stopping container web", "4s Evicted: It took too much.", "5s Killing: Stopping container side",
      ])
    #expect(life.notes.first { $0.note.reason == "Evicted" }?.note.type == .warning)
  }

  @Test func whatWasSaidOfAPodIsNotTakenBack() throws {
    var life = try PodLife(.running("stubborn"), stages: [Limits()])
    life.run(seconds: 4)
    #expect(life.status.phase == .running, "it is still ending")
    life.restartAgent()
    life.run(seconds: 60)
    #expect(life.status.phase == .failed && life.container("web").restartCount == 0)
    #expect(life.told.count { $0.contains("Evicted") } == 1)
  }

  /// Chapter 7: probes decide when a container has come up and is ready, and when it must start again.
  private struct Probes: AgentStage {
    let name = "probes"
    var gracePeriod: Duration?

    func assess(
      _ health: inout ContainerHealth, of container: Container, running: ObservedContainer,
      _ context: inout StageContext
    ) {
      guard case .running(let start) = running.state else { return }
      for seconds in [1, 2, 6] where start + .seconds(seconds) > context.now {
        context.wake(at: start + .seconds(seconds))
      }
      health.isStarted = context.now >= start + .seconds(1)
      health.isReady = context.now >= start + .seconds(2)
      if context.now >= start + .seconds(6) {
        health.failure = "Container \(container.name ?? "") failed liveness probe, will be restarted"
        health.gracePeriod = gracePeriod
      }
    }

    func report(_ conditions: inout [PodCondition], _ context: inout StageContext) {
      guard conditions.isTrue("Ready") else { return }
      conditions.set("Ready", "False", reason: "ReadinessGatesNotReady", at: context.now)
    }
  }

  @Test func aStageSaysWhetherAContainerIsWell() throws {
    var life = try PodLife(.running("nginx"), stages: [Probes()])
    #expect(life.timeline(seconds: 10) == "web  ◐◐●●●●◐◐●●")
    #expect(life.container("web").restartCount == 1)
    #expect(life.told == ["6s Killing: Container web failed liveness probe, will be restarted"])
    #expect(life.status.conditions.isTrue("ContainersReady"))
    #expect(life.status.conditions["Ready"]?.reason == "ReadinessGatesNotReady")
    // It was never anything but False, although chapter 1 says True before it asks the stage.
    #expect(life.status.conditions["Ready"]?.lastTransitionTime == PodLife.start)
  }

  @Test func aFailureMayLeaveLessTimeToEndThanThePodGives() throws {
    var life = try PodLife(.running("stubborn"), stages: [Probes(gracePeriod: .seconds(1))])
    #expect(life.timeline(seconds: 10) == "web  ◐◐●●●●●◐◐●")
  }

  /// Chapter 7 again: a container has something to finish before it is asked to end.
  private struct Farewell: AgentStage {
    let name = "farewell"
    var seconds: Int

    func allowsStop(
      of container: Container, running: ObservedContainer, by deadline: Time, _ context: inout StageContext
    ) -> Bool {
      let end = context.memory.string.flatMap { Time($0) } ?? context.now + .seconds(seconds)
      context.memory = end.asValue
      context.wake(at: end)
      return context.now >= end
    }
  }

  @Test(arguments: [("nginx", 5, 5), ("stubborn", 5, 20), ("nginx", 60, 20), ("stubborn", 60, 22)])
  func aStageDelaysTheEndOfAContainerWithinItsTime(_ image: String, _ seconds: Int, _ gone: Int) throws {
    var life = try PodLife(.running(image), stages: [Farewell(seconds: seconds)])
    life.delete(grace: 20)
    life.run(seconds: 30)
    #expect(life.goneAt == gone)
    #expect(life.told == ["0s Killing: Stopping container web"])
  }

  /// Any chapter: a stage that has something to tell, and a time at which it wants to be asked again.
  private struct Clock: AgentStage {
    let name = "clock"
    let wishes: [Time]

    func hold(_ context: inout StageContext) -> Hold? {
      context.notes.append(Note(type: .normal, reason: "Asked", message: "what time it is", about: context.pod.json))
      for wish in wishes { context.wake(at: wish) }
      return nil
    }
  }

  @Test func aStageMayTellSomethingAndBeAskedAgain() throws {
    let view = Cluster(layers: []).view(of: try Store(storage: MemoryStorage()).snapshot)
    for (wishes, next) in [([-1], nil), ([0], nil), ([1], 1), ([2, 1], 1), ([0, 1], 1)] as [([Int64], Int64?)] {
      let step = PodSync(stages: [Clock(wishes: wishes.map { PodLife.start + .seconds($0) })])
        .next(for: .running("nginx"), observed: nil, memory: PodMemory(), in: view, at: PodLife.start)
      #expect(
        step.wakeAt == next.map { PodLife.start + .seconds($0) },
        "a time that has come asks for nothing, and takes nothing from another wish")
      #expect(step.notes.map(\.message) == ["what time it is"])
    }
  }
}
