import ControlLoop
import Objects
import Store
import Testing

@testable import Pods

/// What the agent writes into a pod's status and what it tells the runtime, word for word.
struct PodReportTests {
  // MARK: Conditions

  /// "@4 Ready True": since which second, what, and why.
  private func conditions(_ life: PodLife) -> [String] {
    life.status.conditions.map { condition in
      let since = Int(((condition.lastTransitionTime ?? .distantPast) - PodLife.start).components.seconds)
      let why = [condition.reason, condition.message].compactMap(\.self).joined(separator: ": ")
      return "@\(since) \(condition.type ?? "") \(condition.status ?? "")" + (why.isEmpty ? "" : " \(why)")
    }
  }

  @Test func theConditionsOfAPodFromItsStartToItsEnd() throws {
    var life = try PodLife(.running("sleep-4", initial: ["sleep-2", "sleep-2"], restart: .never))
    let unready = "ContainersNotReady: containers with unready status: [web]"
    #expect(
      conditions(life) == [
        "@0 PodReadyToStartContainers True",
        "@0 Initialized False ContainersNotInitialized: containers with incomplete status: [init init-2]",
        "@0 Ready False \(unready)", "@0 ContainersReady False \(unready)", "@0 PodScheduled True",
      ])
    #expect(life.status.conditions.map(\.observedGeneration) == [1, 1, 1, 1, nil], "the scheduler's is not its own")
    #expect(life.container("init").ready == false)
    life.run(seconds: 2)
    #expect(
      life.status.conditions["Initialized"]?.message == "containers with incomplete status: [init-2]",
      "the first one is through")
    #expect(life.container("init").ready == true, "an init container is ready once it has succeeded")
    life.run(seconds: 2)
    #expect(
      conditions(life) == [
        "@0 PodReadyToStartContainers True", "@4 Initialized True", "@4 Ready True", "@4 ContainersReady True",
        "@0 PodScheduled True",
      ])
    life.run(seconds: 4)
    #expect(
      conditions(life) == [
        "@8 PodReadyToStartContainers False", "@4 Initialized True PodCompleted", "@8 Ready False PodCompleted",
        "@8 ContainersReady False PodCompleted", "@0 PodScheduled True",
      ])
  }

  @Test func theConditionsOfAPodThatFails() throws {
    var life = try PodLife(.running("nginx", initial: ["crash-2"], restart: .never))
    life.run(seconds: 3)
    #expect(
      conditions(life) == [
        "@2 PodReadyToStartContainers False",
        "@0 Initialized False ContainersNotInitialized: containers with incomplete status: [init]",
        "@0 Ready False PodFailed", "@0 ContainersReady False PodFailed", "@0 PodScheduled True",
      ])
    #expect(life.container("init").ready == false)
  }

  @Test func whatTheSchedulerSaidOfAPodStays() throws {
    var pod = Pod.running("nginx")
    pod.status.conditions.set("PodScheduled", "True", at: PodLife.start + .seconds(-5))
    let life = try PodLife(pod)
    #expect(conditions(life).first == "@-5 PodScheduled True")
    #expect(life.status.conditions.count == 5)
  }

  // MARK: Status

  @Test func theStatusOfARunningPod() throws {
    var status = try PodLife(.running("nginx")).status
    status.conditions = []
    #expect(
      status.json == [
        "phase": "Running", "observedGeneration": 1, "startTime": "2026-01-01T00:00:00Z", "hostIP": "10.0.0.1",
        "hostIPs": [["ip": "10.0.0.1"]], "podIP": "10.244.0.2", "podIPs": [["ip": "10.244.0.2"]],
        "containerStatuses": [
          [
            "name": "web", "image": "nginx", "imageID": "simulated://nginx", "containerID": "simulated://uid-web-0",
            "restartCount": 0, "started": true, "ready": true,
            "state": ["running": ["startedAt": "2026-01-01T00:00:00Z"]], "lastState": [:],
          ]
        ],
      ])
  }

  @Test func theStatusOfAContainerThatCrashes() throws {
    var life = try PodLife(.running("crash-1"))
    life.run(seconds: 2)
    #expect(
      life.container("web").json == [
        "name": "web", "image": "crash-1", "imageID": "simulated://crash-1", "containerID": "simulated://uid-web-1",
        "restartCount": 1, "started": false, "ready": false,
        "state": [
          "waiting": [
            "reason": "CrashLoopBackOff",
            "message": "back-off 10s restarting failed container=web pod=web_default(uid)",
          ]
        ],
        "lastState": [
          "terminated": [
            "exitCode": 1, "reason": "Error", "startedAt": "2026-01-01T00:00:01Z", "finishedAt": "2026-01-01T00:00:02Z",
            "containerID": "simulated://uid-web-1",
          ]
        ],
      ])
  }

  @Test func whileItIsMadeAgainAContainerKeepsSayingWhatItWasBefore() throws {
    var life = try PodLife(.running("nginx")) { _ in
      var behavior = SimulatedBehavior()
      behavior.startDelay = .seconds(2)
      behavior.runs = [.init(for: .seconds(1), exitCode: 1)]
      return behavior
    }
    #expect(life.timeline(seconds: 19) == "web  ○○●✗✗●↻↻↻↻↻↻↻↻↻↻↻↻●")
  }

  @Test(arguments: [
    (10, "10s"), (59, "59s"), (60, "1m0s"), (80, "1m20s"), (119, "1m59s"), (160, "2m40s"), (300, "5m0s"),
  ])
  func pausesAreToldAsGoPrintsThem(seconds: Int, text: String) {
    #expect(Duration.seconds(seconds).inMinutes == text)
  }

  // MARK: Orders

  private func configurations(of pod: Pod) throws -> [ContainerConfiguration] {
    let seen = Seen()
    _ = try PodLife(pod) { configuration in
      seen.note(configuration)
      return SimulatedBehavior()
    }
    return seen.configurations
  }

  @Test func theRuntimeIsToldWhatTheSpecSays() throws {
    var pod = Pod.running("nginx")
    var expected = ContainerConfiguration(
      id: ContainerID(podUID: "uid", name: "web", attempt: 0),
      pod: PodIdentity(namespace: "default", name: "web", uid: "uid"), image: "nginx")
    expected.environment = [.init(name: "HOSTNAME", value: "web")]
    expected.extensions = ["annotations": [:]]
    #expect(try configurations(of: pod) == [expected], "the host is called as the pod, and the rest is left open")

    pod.metadata.annotations = ["color": "blue"]
    pod.spec.hostname = "host"
    pod.spec.containers[0].json = [
      "name": "web", "image": "nginx", "command": ["run"], "args": ["fast", "far"], "workingDir": "/srv", "stdin": true,
      "tty": true, "terminationMessagePath": "/dev/last-words", "env": [["name": "A", "value": "1"], ["name": "B"]],
    ]
    expected.hostname = "host"
    expected.command = ["run"]
    expected.arguments = ["fast", "far"]
    expected.workingDirectory = "/srv"
    expected.standardInput = true
    expected.terminal = true
    expected.terminationMessagePath = "/dev/last-words"
    expected.environment = [
      .init(name: "HOSTNAME", value: "host"), .init(name: "A", value: "1"), .init(name: "B", value: ""),
    ]
    expected.extensions = ["annotations": ["color": "blue"]]
    #expect(try configurations(of: pod) == [expected])
  }

  @Test func aSandboxThatCannotBeMadeIsTriedAgainEveryTenSeconds() throws {
    let identity = PodIdentity(namespace: "default", name: "web", uid: "uid")
    let observed = ObservedPod(identity: identity, sandboxFailure: "no address is left")
    let view = Cluster(layers: []).view(of: try Store(storage: MemoryStorage()).snapshot)
    var memory = PodMemory()
    for (second, isTried, next) in [(0, true, 10), (9, false, 10), (10, true, 20)] as [(Int64, Bool, Int64)] {
      let step = PodSync().next(
        for: .running("nginx"), observed: observed, memory: memory, in: view, at: PodLife.start + .seconds(second))
      memory = step.memory
      #expect(step.actions == (isTried ? [.startSandbox(identity)] : []), "after \(second) s")
      #expect(step.wakeAt == PodLife.start + .seconds(next))
      #expect(
        step.notes.map { "\($0.type) \($0.reason): \($0.message)" }
          == (isTried ? ["warning FailedCreatePodSandBox: Failed to create pod sandbox: no address is left"] : []))
    }
  }
}
