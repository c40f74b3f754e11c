import Objects
import Testing

@testable import Pods

@Suite struct Exercise1_7Tests {
  private func runs(of image: String) -> [SimulatedBehavior.Run] {
    let pod = PodIdentity(namespace: "default", name: "web", uid: "uid")
    let id = ContainerID(podUID: "uid", name: "web", attempt: 0)
    return SimulatedBehavior(of: ContainerConfiguration(id: id, pod: pod, image: image)).runs
  }

  @Test func itFailsAsOftenAsItsNameSaysAndThenSucceeds() {
    let (failure, success) = (
      SimulatedBehavior.Run(for: .seconds(1), exitCode: 1), SimulatedBehavior.Run(for: .seconds(1))
    )
    #expect(runs(of: "flaky-2") == [failure, failure, success], "two failures, then every later attempt succeeds")
    #expect(runs(of: "registry.example/tools/flaky-1:v3") == [failure, success], "registry and tag do not matter")
    #expect(runs(of: "flaky-0") == [success])
    #expect(runs(of: "flaky") == [SimulatedBehavior.Run()], "without a number it is an image like any other")
  }

  @Test func thePodComesUpAfterTheThirdAttempt() throws {
    var life = try PodLife(.running("nginx", initial: ["flaky-2"]))
    #expect(
      life.timeline(seconds: 15) == """
        init  ◐◐↻↻↻↻↻↻↻↻↻↻◐✓✓
        web  ○○○○○○○○○○○○○●●
        """,
      "the first restart costs no pause, the second ten seconds, and the third attempt opens the way for web")
  }
}
