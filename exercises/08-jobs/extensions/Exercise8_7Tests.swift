import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Jobs

@Suite struct Exercise8_7Tests {
  @Test func aJobThatWaitsSaysUntilWhen() throws {
    let job = storedJob()
    let plan = try plan(for: job, seeing: [makePod("a", of: job, .failed, exitCode: 1)])
    #expect(plan.notes.map(\.reason) == ["BackOff"])
    #expect(plan.notes.first?.message == "Next pod at \((now + .seconds(10)).rfc3339)")
    #expect(plan.notes.first?.type == .normal)
    #expect(plan.wakeAt == now + .seconds(10))
  }

  @Test func onePauseIsToldOnce() throws {
    let world = try World(makeJob(image: "exit-7") { $0.spec.backoffLimit = 3 })
    for _ in 0..<80 {
      world.run(seconds: 1)
      world.change { $0.metadata.annotations["touched"] = "\(world.now)" }
    }
    let told = world.events().filter { $0.reason == "BackOff" }
    #expect(told.count == 3, "three pauses are three events, however often the controller has looked")
  }

  @Test func aJobThatDoesNotWaitSaysNothing() throws {
    // One that waits beside it, so that saying nothing at all is not enough.
    let job = storedJob()
    let waiting = try plan(for: job, seeing: [makePod("a", of: job, .failed, exitCode: 1)])
    #expect(waiting.notes.contains { $0.reason == "BackOff" })
    let world = try World(makeJob(image: "sleep-5"))
    world.run(seconds: 20)
    #expect(!world.reasons().contains("BackOff"))
  }
}
