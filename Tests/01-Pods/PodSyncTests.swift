import ControlLoop
import Objects
import Testing

@testable import Pods

struct PodSyncTests {
  // MARK: Starting

  @Test func aPodGetsASandboxThenItsContainersThenIsReady() throws {
    let life = try PodLife(.running("nginx", "redis"))
    #expect(life.status.phase == .running)
    #expect(life.status.conditions.isTrue("Ready"))
    #expect(life.status.podIP == "10.244.0.2")
    #expect(life.status.hostIP == "10.0.0.1")
    #expect(life.status.observedGeneration == 1)
    #expect(life.container("a").started == true)
    #expect(life.container("a").restartCount == 0)
    #expect(
      life.notes.prefix(3).map { "\($0.note.reason): \($0.note.message) (\($0.note.fieldPath))" } == [
        "Pulled: Container image \"nginx\" already present on machine (spec.containers{a})",
        "Created: Created container: a (spec.containers{a})",
        "Started: Started container a (spec.containers{a})",
      ])
  }

  @Test func aPodThatStartsSlowlySaysWhatItWaitsFor() throws {
    var life = try PodLife(.running("slow-3", "nginx"))
    #expect(life.container("a").state.waiting?.reason == "ContainerCreating")
    #expect(life.status.phase == .pending)
    let ready = life.status.conditions["Ready"]
    #expect(ready?.reason == "ContainersNotReady")
    #expect(ready?.message == "containers with unready status: [a]")
    #expect(life.timeline(seconds: 5) == "a  ○○○●●\nb  ●●●●●")
    #expect(life.status.phase == .running)
  }

  @Test func aRestingPodIsNotWrittenAgain() throws {
    var life = try PodLife(.running("nginx"))
    let writes = life.writes
    life.run(seconds: 3_600)
    #expect(life.writes == writes)
  }

  // MARK: Restarts and back-off

  @Test func crashLoopBackOffDoublesFromTenSecondsToFiveMinutes() throws {
    var life = try PodLife(.running("crash-1"))
    life.run(seconds: 1_300)
    #expect(life.starts["web"] == [0, 1, 12, 33, 74, 155, 316, 617, 918, 1_219])
  }

  @Test func aCrashLoopSecondBySecond() throws {
    var life = try PodLife(.running("crash-1"))
    #expect(life.timeline(seconds: 36) == "web  ●●↻↻↻↻↻↻↻↻↻↻●↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻●↻↻")
    let status = life.container("web")
    #expect(status.restartCount == 3)
    #expect(status.state.waiting?.message == "back-off 40s restarting failed container=web pod=web_default(uid)")
    #expect(status.lastState.terminated?.exitCode == 1)
    #expect(
      life.told
        == [2, 13, 34].map { "\($0)s BackOff: Back-off restarting failed container web in pod web_default(uid)" })
  }

  @Test func tenQuietMinutesEndTheBackOff() throws {
    var life = try PodLife(.running("crash-700"))
    life.run(seconds: 2_200)
    #expect(life.starts["web"] == [0, 700, 1_400, 2_100])
  }

  @Test(arguments: [RestartPolicy.always, .onFailure, .never])
  func aFailedContainerStartsAgainAsThePolicySays(_ policy: RestartPolicy) throws {
    var life = try PodLife(.running("crash-2", restart: policy))
    let expected = [
      RestartPolicy.always: "web  ●●●●↻↻", .onFailure: "web  ●●●●↻↻", .never: "web  ●●✗✗✗✗",
    ]
    #expect(life.timeline(seconds: 6) == expected[policy])
    #expect(life.status.phase == (policy == .never ? .failed : .running))
  }

  @Test(arguments: [RestartPolicy.always, .onFailure, .never])
  func aCompletedContainerStartsAgainOnlyWithAlways(_ policy: RestartPolicy) throws {
    var life = try PodLife(.running("sleep-2", restart: policy))
    #expect(life.timeline(seconds: 6) == (policy == .always ? "web  ●●●●↻↻" : "web  ●●✓✓✓✓"))
    #expect(life.status.phase == (policy == .always ? .running : .succeeded))
    guard policy != .always else { return }
    #expect(life.status.conditions["Ready"]?.reason == "PodCompleted")
    #expect(life.status.conditions["Initialized"]?.status == "True")
    #expect(life.container("web").state.terminated?.reason == "Completed")
  }

  @Test func aPodEndsWhenItsLastContainerEnds() throws {
    var life = try PodLife(.running("sleep-2", "crash-4", restart: .never))
    #expect(life.timeline(seconds: 6) == "a  ●●✓✓✓✓\nb  ●●●●✗✗")
    #expect(life.status.phase == .failed)
  }

  // MARK: Images

  @Test func anImageThatCannotBePulledIsTriedAgainLessAndLessOften() throws {
    var life = try PodLife(.running("missing"))
    #expect(life.timeline(seconds: 36) == "web  !!!!!↻↻↻↻↻!!!!!↻↻↻↻↻↻↻↻↻↻↻↻↻↻↻!!!!!↻")
    #expect(life.starts["web"] == [0, 10, 30])
    #expect(life.status.phase == .pending)
    #expect(life.container("web").restartCount == 0)
    #expect(
      life.told.prefix(4) == [
        "0s Failed: Failed to pull image \"missing\": missing: not found",
        "0s Failed: Error: ErrImagePull",
        "5s BackOff: Back-off pulling image \"missing\"",
        "5s Failed: Error: ImagePullBackOff",
      ])
  }

  @Test func aNewImageIsPulledAtOnce() throws {
    var life = try PodLife(.running("missing"))
    life.run(seconds: 12)
    life.change { $0.spec.containers[0].image = "nginx" }
    #expect(life.status.phase == .running)
    #expect(life.container("web").image == "nginx")
    #expect(life.container("web").restartCount == 0)
  }

  @Test func aChangedImageRestartsThatContainerOnly() throws {
    var life = try PodLife(.running("nginx:1", "redis", restart: .never)) { configuration in
      var behavior = SimulatedBehavior(of: configuration)
      behavior.stopDelay = .seconds(2)
      return behavior
    }
    life.change { $0.spec.containers[0].image = "nginx:2" }
    #expect(life.timeline(seconds: 4) == "a  ●●●●\nb  ●●●●")
    #expect(life.container("a").restartCount == 1)
    #expect(life.container("a").image == "nginx:2")
    #expect(life.container("a").lastState.terminated?.exitCode == 0, "it had its grace period to end by itself")
    #expect(life.container("b").restartCount == 0)
    #expect(life.told == ["0s Killing: Container a definition changed, will be restarted"])
    #expect(life.broken == [])
  }

  // MARK: Init containers and sidecars

  @Test func initContainersRunInOrderEachToItsEnd() throws {
    var life = try PodLife(.running("nginx", initial: ["sleep-2", "sleep-3"]))
    #expect(life.container("web").state.waiting?.reason == "PodInitializing")
    #expect(life.status.conditions["Initialized"]?.message == "containers with incomplete status: [init init-2]")
    #expect(
      life.timeline(seconds: 7) == """
        init  ◐◐✓✓✓✓✓
        init-2  ○○◐◐◐✓✓
        web  ○○○○○●●
        """)
    #expect(life.status.conditions.isTrue("Initialized"))
  }

  @Test func aFailedInitContainerStartsAgainUnlessThePolicyIsNever() throws {
    var again = try PodLife(.running("nginx", initial: ["crash-1"], restart: .onFailure))
    #expect(again.timeline(seconds: 14) == "init  ◐◐↻↻↻↻↻↻↻↻↻↻◐↻\nweb  ○○○○○○○○○○○○○○")
    #expect(again.status.phase == .pending)
    var never = try PodLife(.running("nginx", initial: ["crash-1"], restart: .never))
    #expect(never.timeline(seconds: 4) == "init  ◐✗✗✗\nweb  ○○○○")
    #expect(never.status.phase == .failed)
  }

  @Test func sidecarsStartFirstAndStopLastInReverse() throws {
    var life = try PodLife(.running("nginx", sidecars: ["slow-1", "slow-1"])) { configuration in
      var behavior = SimulatedBehavior(of: configuration)
      behavior.stopDelay = .seconds(2)
      return behavior
    }
    #expect(life.timeline(seconds: 4) == "side  ○●●●\nside-2  ○○●●\nweb  ○○●●")
    life.delete()
    #expect(life.timeline(seconds: 6) == "side  ●●●●●●\nside-2  ●●●●✓✓\nweb  ●●✓✓✓✓")
    life.run(seconds: 2)
    #expect(life.goneAt == 10)
  }

  @Test func sidecarsDoNotKeepAPodFromCompleting() throws {
    var life = try PodLife(.running("sleep-3", sidecars: ["nginx"], restart: .never))
    #expect(life.timeline(seconds: 5) == "side  ●●●✓✓\nweb  ●●●✓✓")
    #expect(life.status.phase == .succeeded)
  }

  @Test func aSidecarThatEndsStartsAgainWhateverThePolicy() throws {
    var life = try PodLife(.running("nginx", sidecars: ["sleep-2"], restart: .never))
    #expect(life.timeline(seconds: 6) == "side  ●●●●↻↻\nweb  ●●●●●●")
    #expect(life.status.conditions["Ready"]?.message == "containers with unready status: [side]")
    #expect(life.status.conditions.isTrue("Initialized"))
  }

  // MARK: Endings

  @Test func aDeletedPodEndsItsContainersThenGoes() throws {
    var life = try PodLife(.running("nginx"))
    life.run(seconds: 5)
    life.delete()
    #expect(life.goneAt == 5)
    #expect(life.runtime.pods() == [])
    #expect(life.told == ["5s Killing: Stopping container web"])
  }

  @Test func aContainerThatIgnoresTheRequestIsKilledWhenTheGracePeriodIsOver() throws {
    var life = try PodLife(.running("stubborn"))
    life.delete(grace: 10)
    life.run(seconds: 30)
    #expect(life.goneAt == 10)
  }

  @Test func aSecondDeletionMayShortenTheGracePeriod() throws {
    var life = try PodLife(.running("stubborn"))
    life.delete(grace: 30)
    life.run(seconds: 3)
    life.delete(grace: 4)
    life.run(seconds: 30)
    #expect(life.goneAt == 7)
    #expect(life.told.count == 1)
  }

  @Test func aPodThatIsDeletedWhileItStartsNeverRuns() throws {
    var life = try PodLife(.running("slow-5"))
    life.run(seconds: 2)
    life.delete()
    life.run(seconds: 10)
    #expect(life.goneAt == 2)
  }

  @Test func aPodThatIsDeletedBeforeItWasSeenGoesAtOnce() throws {
    var pod = Pod.running("nginx")
    pod.metadata.deletionTimestamp = PodLife.start + .seconds(30)
    let life = try PodLife(pod)
    #expect(life.goneAt == 0)
    #expect(life.starts == [:])
  }

  @Test func aPodThatHasVanishedIsStopped() throws {
    var life = try PodLife(.running("nginx", "stubborn"))
    life.pod = nil
    life.look()
    life.run(seconds: 3)
    #expect(life.runtime.pods() == [])
  }

  @Test func aPodPastItsDeadlineFails() throws {
    var pod = Pod.running("stubborn")
    pod.spec.activeDeadlineSeconds = 5
    pod.spec.terminationGracePeriodSeconds = 3
    var life = try PodLife(pod)
    #expect(life.timeline(seconds: 10) == "web  ●●●●●●●●✗✗")
    #expect(life.status.phase == .failed)
    #expect(life.status.reason == "DeadlineExceeded")
    #expect(life.status.message == "Pod was active on the node longer than the specified deadline")
    #expect(life.broken == [])
  }

  // MARK: Restarts of the agent, losses of the runtime

  @Test func aRestartedAgentTellsNothingTwiceAndRestartsNothing() throws {
    var life = try PodLife(.running("nginx", initial: ["sleep-1"]))
    life.run(seconds: 5)
    let (notes, writes) = (life.notes.count, life.writes)
    life.restartAgent()
    life.run(seconds: 5)
    #expect(life.notes.count == notes)
    #expect(life.writes == writes)
  }

  @Test(arguments: [RestartPolicy.always, .onFailure, .never])
  func aLostContainerCountsAsFailed(_ policy: RestartPolicy) throws {
    var life = try PodLife(.running("nginx", restart: policy))
    life.run(seconds: 5)
    life.runtime.lose()
    life.restartAgent()
    life.run(seconds: 1)
    if policy == .never {
      #expect(life.status.phase == .failed)
      #expect(life.container("web").state.terminated?.reason == "ContainerStatusUnknown")
    } else {
      #expect(life.container("web").symbol == "●")
      #expect(life.container("web").restartCount == 1)
      #expect(life.container("web").lastState.terminated?.exitCode == 137)
    }
    #expect(life.broken == [])
  }

  @Test func onlyTheLastTwoAttemptsAreKept() throws {
    var life = try PodLife(.running("crash-1"))
    life.run(seconds: 400)
    #expect(life.runtime.pod("uid")?.containers.count == 2)
  }
}
