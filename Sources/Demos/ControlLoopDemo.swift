import ControlLoop
import Objects
import Simulation
import Store

extension Demo {
  static let controlLoop = Demo(chapter: "0c", title: "a crash between two writes") {
    let farm = try Farm(Shepherd())
    return Play(
      stage: farm,
      steps: [
        Step(
          "A flock that wants three sheep is stored. The shepherd is called, and after two writes his process ends.",
          note:
            "The shepherd is a function: objects in, a plan of three creations out. The driver had carried out two of them."
        ) {
          farm.store(size: 3)
          farm.crash(afterWrites: 2)
        },
        Step(
          "The process starts again. Its memory is empty: it knows of no plan and of no crash.",
          ask: "How many sheep will the shepherd buy?",
          answer: "One. He counts what is there and compares it with what is wanted. There is nothing to remember.",
          note: "He does not go on with the old plan. He makes a new one, and it happens to have one write."),
        Step(
          "A sheep is sold. Nobody calls for a new one.",
          note:
            "A crash and a sale look alike to him: there are too few. That is why this form needs no code for either."
        ) { farm.sellOne() },
        Step("He is called again, and has nothing to do.", note: "To call him once too often does no harm."),
        Step(
          "Now something breaks. A bookkeeper takes over. He first writes down that three are bought, then buys. All sheep are gone, and his process ends after two writes as well.",
          note: "The first of the two writes is the note in the flock's status, so one sheep has been bought."
        ) { try farm.handOver(to: Bookkeeper()) },
        Step(
          "The process starts again.",
          ask: "How many sheep will the bookkeeper buy?",
          answer:
            "None, now or ever. His notes say three. A controller that believes what it wrote down, and not what is there, stays wrong.",
          note: "Ask for the cure: look at the sheep, and write the status last, from what was counted.", length: 3),
      ])
  }
}

/// One flock, whoever looks after it, and a clock that moves by turns.
private final class Farm: Stage {
  private var cluster: Cluster
  private let store: Store
  private let switches = Switches()
  private var driver: Driver
  private var now = World.epoch
  private var random = SeededGenerator(seed: 1)

  init(_ shepherd: some Controller) throws {
    cluster = Cluster(layers: [.meadow(shepherd)])
    store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    driver = Driver(cluster: cluster, store: store, seed: 2, faults: switches)
  }

  let legend: [(symbol: Character, meaning: String)] = [("●", "there")]
  let unit = "one turn"

  private var view: View { cluster.view(of: store.snapshot) }
  private var sheep: [Sheep] { view.all(Sheep.self) }

  var scene: Scene {
    Scene(
      boxes: view.all(Flock.self).map { flock in
        let notes = flock.status.bought.map { ", notes say \($0)" } ?? ""
        return Scene.Box(
          title: "flock \(flock.name), wants \(flock.size ?? 0)\(notes)",
          lines: view.all(Sheep.self, controlledBy: flock).map { Scene.Line("●", $0.name) }, empty: "no sheep")
      })
  }

  var column: [(name: String, symbol: Character)] {
    [("wanted", Character("\(view.all(Flock.self).first?.size ?? 0)"))] + sheep.map { ($0.name, "●") }
  }

  func pass() {
    now = now + .seconds(1)
    _ = driver.turn(at: now)
  }

  func store(size: Int) {
    perform(.create(Flock(name: "a", namespace: "farm") { $0.size = size }.json))
  }

  func crash(afterWrites writes: Int) { switches.writesBeforeCrash = writes }

  func sellOne() {
    if let sold = sheep.first { perform(.delete(sold.key, DeleteOptions())) }
  }

  func handOver(to keeper: some Controller) throws {
    for sheep in sheep { perform(.delete(sheep.key, DeleteOptions())) }
    cluster = Cluster(layers: [.meadow(keeper)])
    driver = Driver(cluster: cluster, store: store, seed: 3, faults: switches)
    crash(afterWrites: 2)
  }

  private func perform(_ intent: Intent) {
    guard let write = try? cluster.registry.write(for: intent, in: view, at: now, names: &random) else { return }
    _ = store.commit([write])
  }
}

/// Ends the process when it is told to.
private final class Switches: FaultInjector {
  var writesBeforeCrash: Int?

  func snapshot(latest: Snapshot) -> Snapshot { latest }
  func deliveries(of event: Event) -> Int { 1 }

  func crashes(before write: Write) -> Bool {
    guard let left = writesBeforeCrash else { return false }
    writesBeforeCrash = left > 0 ? left - 1 : nil
    return left == 0
  }
}
