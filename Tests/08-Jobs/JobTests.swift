import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Jobs

@Suite struct JobTests {
  @Test func aJobRunsOnePodAndIsComplete() throws {
    let world = try World(makeJob())
    world.run(seconds: 2)
    #expect(world.job?.status.active == 1)
    world.run(seconds: 10)
    let job = try #require(world.job)
    #expect(job.isFinished)
    #expect(job.status.succeeded == 1)
    #expect(job.status.active == nil)
    #expect(job.condition("Complete")?.reason == "CompletionsReached")
    #expect(job.condition("SuccessCriteriaMet")?.message == "Reached expected number of succeeded pods")
    #expect(job.status.completionTime != nil)
    #expect(Set(world.reasons) == ["SuccessfulCreate", "Completed"])
    #expect(world.pods.allSatisfy { !$0.isTracked })
  }

  @Test func parallelismAndCompletionsAreKept() throws {
    let world = try World(
      makeJob {
        $0.spec.parallelism = 2
        $0.spec.completions = 5
      })
    var most = 0
    for _ in 0..<60 {
      world.run(seconds: 1)
      most = max(most, world.activePods.count)
    }
    #expect(most == 2)
    #expect(world.job?.status.succeeded == 5)
    #expect(world.pods.count == 5)
  }
}
