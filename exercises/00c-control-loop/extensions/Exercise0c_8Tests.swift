import ControlLoop
import Objects
import Store
import Testing

@Suite struct Exercise0c_8Tests {
  let farm: Farm
  private let annotation = "example.com/time-to-live"

  init() throws { farm = try Farm() }

  private func create(_ name: String, for seconds: String) throws -> Sheep {
    try farm.create(Sheep(name: name, namespace: "farm") { $0.metadata.annotations[annotation] = seconds })
  }

  @Test func anObjectGoesWhenItsTimeIsUp() throws {
    _ = try create("short", for: "60")
    _ = try create("long", for: "90")
    farm.run(for: .seconds(59))
    #expect(farm.sheep.map(\.name) == ["long", "short"], "a second too early")
    farm.run(for: .seconds(2))
    #expect(farm.sheep.map(\.name) == ["long"], "short has had its 60 seconds")
    farm.run(for: .seconds(30))
    #expect(farm.sheep.isEmpty)
  }

  @Test func theTimeCanBeChangedWhileItRuns() throws {
    let dolly = try create("dolly", for: "60")
    farm.run(for: .seconds(30))
    try farm.update(dolly) { $0.metadata.annotations[annotation] = "120" }
    farm.run(for: .seconds(60))
    #expect(farm.sheep.count == 1, "the time that it says now counts, not the one that it said first")
    farm.run(for: .seconds(31))
    #expect(farm.sheep.isEmpty, "and it counts from the creation")
  }

  @Test func aTimeThatIsNoNumberIsNone() throws {
    for (number, text) in ["", "soon", "-5", "99999999999999999999"].enumerated() {
      _ = try create("sheep-\(number)", for: text)
    }
    _ = try create("zero", for: "0")
    farm.run(for: .seconds(1_300))
    #expect(farm.sheep.map(\.name) == (0..<4).map { "sheep-\($0)" }, "no number, no end; and 0 means at once")
  }
}
