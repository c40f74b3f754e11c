import Objects
import Testing

@testable import Pods

/// The agent's decisions, one at a time: each test makes a look by hand and asks it a single question.

struct RestartTests {
  @Test func aContainerStartsAgainAsThePolicySays() throws {
    let table: [(RestartPolicy, code: Int, isExpected: Bool, why: Comment)] = [
      (.always, 0, true, "Always means always: code 0 is no reason to stay down"),
      (.always, 1, true, "Always starts again what has failed"),
      (.onFailure, 0, false, "OnFailure lets a container be done: code 0 is no failure"),
      (.onFailure, 1, true, "OnFailure starts again what ended with another code than 0"),
      (.never, 0, false, "Never means never"),
      (.never, 1, false, "Never means never, after a failure too"),
    ]
    for (policy, code, isExpected, why) in table {
      let look = try PodLook(at: .running("nginx", restart: policy), seeing: ["web": .ended(code)])
      #expect(look.restarts(look.containers[0]) == isExpected, why)
    }
  }

  @Test func anInitContainerThatSucceededIsDone() throws {
    for policy in RestartPolicy.allCases {
      var look = try PodLook(at: .running("nginx", initial: ["setup"], restart: policy), seeing: ["init": .ended(0)])
      #expect(
        !look.restarts(look.containers[0]), "under \(policy.rawValue): an init container is through once it succeeds")
      look = try PodLook(at: .running("nginx", initial: ["setup"], restart: policy), seeing: ["init": .ended(1)])
      #expect(
        look.restarts(look.containers[0]) == (policy != .never),
        "under \(policy.rawValue): the pod cannot begin without it, so only Never gives up")
    }
  }

  @Test func aSidecarStartsAgainWhateverThePolicy() throws {
    for policy in RestartPolicy.allCases {
      for code in 0...1 {
        let look = try PodLook(
          at: .running("nginx", sidecars: ["log"], restart: policy), seeing: ["side": .ended(code)])
        #expect(look.restarts(look.containers[0]), "under \(policy.rawValue), after code \(code): a sidecar stays")
      }
    }
  }

  @Test func whatHasNotEndedDoesNotStartAgain() throws {
    let look = try PodLook(at: .running("nginx", "redis"), seeing: ["a": .runs])
    for container in look.containers {
      #expect(!look.restarts(container), "\(container.name) runs, or never has: there is nothing to start again")
    }
  }

  @Test func whatMadeRoomForANewImageStartsAgainUnderEveryPolicy() throws {
    var look = try PodLook(at: .running("nginx", restart: .never), seeing: ["web": .ended(0)])
    look.step.memory["web"].replaced = 0
    #expect(look.restarts(look.containers[0]), "the agent ended it itself: that was no end of the container's own")
  }
}

struct BackOffTests {
  private let start = PodLife.start

  @Test func aFirstEndCostsNoPause() {
    #expect(BackOff().pause(after: start) == .zero)
  }

  @Test func pausesDoubleFromTenSecondsToFiveMinutes() {
    var backOff = BackOff()
    var pauses: [Duration] = []
    for _ in 0..<8 {
      backOff.use(after: start, at: start)
      pauses.append(backOff.pause(after: start))
    }
    #expect(
      pauses == [10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) },
      "the pause is 10 s at first, twice as long with each use, and never longer than 5 min")
  }

  @Test func tenQuietMinutesForgiveEverything() {
    for (quiet, pause, why) in [
      (600, 40, "ten minutes are not yet more than ten minutes"),
      (601, 10, "after more than ten quiet minutes it begins again at 10 s"),
    ] as [(Int64, Int64, Comment)] {
      var backOff = BackOff()
      for _ in 0..<2 { backOff.use(after: start, at: start) }
      let end = start + .seconds(quiet)
      backOff.use(after: end, at: end)
      #expect(backOff.pause(after: end) == .seconds(pause), why)
    }
  }
}

struct PhaseTests {
  @Test func aPodIsPendingUntilEveryContainerHasRun() throws {
    let pod = Pod.running("nginx", "redis")
    for seen in [[:], ["a": .runs], ["a": .runs, "b": .isStarting]] as [KeyValuePairs<String, Attempt>] {
      #expect(try PodLook(at: pod, seeing: seen).phase == .pending, "b has never run, so the pod is still on its way")
    }
    #expect(try PodLook(at: pod, seeing: ["a": .runs, "b": .runs]).phase == .running)
  }

  @Test func aCrashDoesNotEndAPod() throws {
    let look = try PodLook(at: .running("nginx"), seeing: ["web": .ended(1)])
    #expect(look.phase == .running, "the container waits to be started again: the pod has run, and it will")
  }

  @Test func oneFailureMakesTheWholePodFailed() throws {
    let pod = Pod.running("nginx", "redis", restart: .never)
    for (codes, phase) in [([0, 0], .succeeded), ([0, 2], .failed), ([2, 0], .failed)] as [([Int], PodPhase)] {
      var look = try PodLook(at: pod, seeing: ["a": .ended(codes[0]), "b": .ended(codes[1])])
      look.ending = .completion
      #expect(look.phase == phase, "a pod succeeds if all of its containers do; these ended with \(codes)")
    }
  }

  @Test func aPodThatCouldNotBeginHasFailed() throws {
    var look = try PodLook(at: .running("nginx", initial: ["setup"], restart: .never), seeing: ["init": .ended(1)])
    look.ending = .completion
    #expect(look.phase == .failed, "its container has not even run, so it cannot have succeeded")
  }

  @Test func aPhaseIsNotFinalWhileAnythingRuns() throws {
    var look = try PodLook(at: .running("nginx", sidecars: ["log"]), seeing: ["side": .runs, "web": .ended(0)])
    look.ending = .completion
    #expect(look.phase == .running, "the sidecar still runs: nobody may take the pod for finished")
  }

  @Test func aMissedDeadlineIsAFailureWhateverTheCodes() throws {
    var look = try PodLook(at: .running("nginx"), seeing: ["web": .ended(0)])
    look.ending = .failure
    #expect(look.phase == .failed, "it was stopped because its time was up; that it ended well then does not count")
  }

  @Test func aFinalPhaseNeverChanges() throws {
    for phase in [PodPhase.succeeded, .failed] {
      var pod = Pod.running("nginx")
      pod.status.phase = phase
      #expect(try PodLook(at: pod, seeing: ["web": .runs]).phase == phase, "\(phase) is for ever: others rely on it")
    }
  }
}

struct TurnTests {
  private func inTurn(_ pod: Pod, _ attempts: KeyValuePairs<String, Attempt>) throws -> [String] {
    try PodLook(at: pod, seeing: attempts).inTurn.map(\.name)
  }

  @Test func initContainersComeOneAfterTheOther() throws {
    let pod = Pod.running("nginx", "redis", initial: ["one", "two"])
    #expect(try inTurn(pod, [:]) == ["init"], "the first comes first, and alone")
    #expect(try inTurn(pod, ["init": .runs]) == ["init"], "it has to end before the next one starts")
    #expect(try inTurn(pod, ["init": .ended(1)]) == ["init"], "it has to succeed: init is to be tried again")
    #expect(try inTurn(pod, ["init": .ended(0)]) == ["init-2"], "what has succeeded is not looked at again")
    #expect(
      try inTurn(pod, ["init": .ended(0), "init-2": .ended(0)]) == ["a", "b"],
      "after the last init container all others start together")
  }

  @Test func aSidecarHoldsUpTheOthersOnlyUntilItIsUp() throws {
    let pod = Pod.running("nginx", initial: ["one"], sidecars: ["log"])
    #expect(try inTurn(pod, ["side": .isStarting]) == ["side"], "the next one may need the sidecar")
    #expect(try inTurn(pod, ["side": .runs]) == ["side", "init"], "a sidecar that is up is still looked after")
    #expect(try inTurn(pod, ["side": .runs, "init": .ended(0)]) == ["side", "web"])
  }

  @Test func onceAContainerHasRunNobodyWaitsForAnyoneAgain() throws {
    let pod = Pod.running("nginx", initial: ["one"], sidecars: ["log"])
    #expect(
      try inTurn(pod, ["side": .ended(1), "init": .ended(0), "web": .runs]) == ["side", "web"],
      "the sidecar's crash is its own affair: web goes on")
    #expect(
      try inTurn(pod, ["side": .runs, "web": .ended(1)]) == ["side", "web"],
      "the runtime has forgotten init, but web has run: init does not run a second time")
  }
}

struct ReadinessTests {
  @Test func aContainerThatRunsMayNotBeReady() throws {
    var look = try PodLook(at: .running("nginx", "redis"), seeing: ["a": .runs, "b": .runs])
    look.health["b"]?.isReady = false
    look.report()
    let status = try #require(look.step.status)
    #expect(status.phase == .running)
    #expect(
      !status.conditions.isTrue("Ready"), "b runs but is not ready, and a pod is ready only while its containers are")
    #expect(status.conditions["Ready"]?.message == "containers with unready status: [b]")
  }
}

struct ConditionTests {
  @Test func theTimeOfATransitionMovesOnlyWithTheStatus() throws {
    var conditions: [PodCondition] = []
    let start = PodLife.start
    conditions.set("Ready", "False", reason: "ContainersNotReady", message: "[a b]", at: start)
    conditions.set("Ready", "False", reason: "ContainersNotReady", message: "[b]", at: start + .seconds(1))
    #expect(
      conditions["Ready"]?.lastTransitionTime == start,
      "only the message is new: the condition has been False since the first second")
    #expect(conditions["Ready"]?.message == "[b]")
    conditions.set("Ready", "True", at: start + .seconds(2))
    #expect(conditions["Ready"]?.lastTransitionTime == start + .seconds(2))
    #expect(conditions.count == 1)
  }
}
