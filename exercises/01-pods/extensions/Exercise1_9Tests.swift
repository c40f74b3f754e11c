import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@Suite struct Exercise1_9Tests {
  private let annotation = "example.com/wait"

  private func web(in world: World) -> Pod? { world.view.object(Pod.self, "web", in: "default") }

  @Test func aPodWaitsAsLongAsItsAnnotationSaysSo() throws {
    let world = try World(layers: [.pods], seed: 1)
    world.run(for: .seconds(3))
    world.perform([.create(pod("web") { $0.metadata.annotations[annotation] = "for the database" }.json)])
    world.run(for: .seconds(300))
    var held = try #require(web(in: world))
    #expect(held.status.phase == .pending, "nothing may start while the annotation is there")
    let waiting = held.status.containerStatuses.first?.state.waiting
    #expect(waiting?.reason == "Waiting", "the container says that it waits")
    #expect(waiting?.message == "for the database", "and for what: the annotation's value")
    held.metadata.annotations[annotation] = nil
    world.perform([.update(held.json)])
    world.run(for: .seconds(2))
    #expect(web(in: world)?.status.phase == .running, "the annotation has gone, so the pod starts")
  }

  @Test func onlyWhatHasNotStartedIsHeldBack() throws {
    let world = try World(layers: [.pods], seed: 1)
    world.run(for: .seconds(3))
    world.perform([.create(pod("web").json)])
    world.run(for: .seconds(2))
    var running = try #require(web(in: world))
    running.metadata.annotations[annotation] = "too late"
    let late = pod("late") { $0.metadata.annotations[annotation] = "in time" }
    world.perform([.update(running.json), .create(late.json)])
    world.run(for: .seconds(10))
    #expect(web(in: world)?.status.phase == .running, "web runs, and an annotation does not stop it")
    #expect(world.view.object(Pod.self, "late", in: "default")?.status.phase == .pending, "late has not started yet")
  }
}
