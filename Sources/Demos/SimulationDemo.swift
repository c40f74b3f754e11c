import ControlLoop
import Objects
import Simulation
import Synchronization

extension Demo {
  static let simulation = Demo(chapter: "0d", title: "a seed that finds a bug") {
    let meadow = Meadow()
    return Play(
      stage: meadow,
      steps: [
        Step(
          "This shepherd counts sheep and buys what is missing. Thirty worlds in which nothing goes wrong.",
          note:
            "Each world lives for two minutes of its own time, with users who change their minds. It takes milliseconds.",
          length: 0
        ) { try meadow.run(Shepherd(triggers: [.on(Flock.self)]), worlds: 30, faults: []) },
        Step(
          "The same shepherd, now with crashes and with old views. Worlds until a promise breaks.",
          ask: "He survives a crash, and he survives an old view. Will a promise break?",
          answer:
            "It does, and only where a crash and an old view meet: the crash forgets which writes his view has to show.",
          note: "Let somebody propose how it could. Nobody finds it with a pencil, which is the point.",
          length: 0
        ) {
          try meadow.run(
            Shepherd(triggers: [.on(Flock.self)]), worlds: 1_000, faults: [.crash, .stale])
        },
        Step(
          "The world of that seed once more, from its beginning. A seed is enough to see it again.",
          note: "Look at the column in which more sheep appear than are wanted. He bought the same ones twice.",
          length: Meadow.replayColumns
        ) { try meadow.replay() },
        Step(
          "The correction is one trigger: he is told of sheep too, so that his view must have reached them.",
          ask: "How many worlds must be kept before you believe it?",
          answer:
            "Those that the bug needed, many times over. A search shows that there is a bug, never that there is none.",
          note: "A controller must be triggered by everything that it reads. Chapter 0d says why.",
          length: 0
        ) { try meadow.run(Shepherd(), worlds: 100, faults: [.crash, .stale]) },
      ])
  }
}

/// Many worlds, one after the other, and one of them in full.
private final class Meadow: Stage {
  private var result = Scene.Box(title: "worlds", lines: [])
  private var failure: Search.Failure?
  private var replayed: [[(name: String, symbol: Character)]] = []
  private var played = 0

  /// Any will do; from this one on the bug comes late enough to be seen coming.
  private static let firstSeed: UInt64 = 101
  static let replayColumns = 40
  private static let secondsPerColumn = 3

  let legend: [(symbol: Character, meaning: String)] = [
    ("●", "kept, or a sheep"), ("✕", "broken, or a sheep too many"),
  ]
  let unit = "three seconds"

  var scene: Scene {
    guard isReplaying else { return Scene(boxes: [result]) }
    let sheep = column
    let extra = sheep.count { $0.symbol == "✕" }
    let second = (played - 1) * Self.secondsPerColumn
    return Scene(boxes: [
      Scene.Box(
        title: "seed \(failure?.seed ?? 0), second \(second)",
        lines: [Scene.Line(extra > 0 ? "✕" : "●", "\(sheep.count) sheep, \(extra) too many")])
    ])
  }

  var column: [(name: String, symbol: Character)] { isReplaying ? replayed[played - 1] : [] }
  private var isReplaying: Bool { replayed.indices.contains(played - 1) }
  func pass() { played += 1 }

  private static func search(_ layer: Layer, _ faults: Set<Fault>) -> Search {
    Search(layers: [layer], chapter: 0, faults: faults, length: .seconds(120), actions: 5)
  }

  private static func layer(_ shepherd: Shepherd, extra: [Invariant] = []) -> Layer {
    var layer = Layer.meadow(shepherd, invariants: [.neverMoreThanWanted] + extra)
    layer.initialObjects = [Flock(name: "a", namespace: "farm") { $0.size = 1 }.json]
    layer.contributions = [UserAction.grow]
    return layer
  }

  func run(_ shepherd: Shepherd, worlds: UInt64, faults: Set<Fault>) throws {
    replayed = []
    let layer = Self.layer(shepherd)
    do {
      try Self.search(layer, faults).run(seeds: Self.firstSeed..<(Self.firstSeed + worlds))
      result = Scene.Box(title: "\(worlds) worlds", lines: [Scene.Line("●", "every promise was kept in all of them")])
    } catch let found as Search.Failure {
      failure = found
      let names = found.faults.sorted().map(\.rawValue).joined(separator: ", ")
      result = Scene.Box(
        title: "\(found.seed - Self.firstSeed + 1) worlds",
        lines: [
          Scene.Line("●", "seeds \(Self.firstSeed) to \(found.seed - 1): kept"),
          Scene.Line("✕", "seed \(found.seed): \(found.violations.first?.detail ?? "")"),
          Scene.Line(nil, "needed for it: \(names.isEmpty ? "no fault" : names)"),
        ])
    }
  }

  /// Runs the failing world again with somebody in it who looks at the flock after every change.
  func replay() throws {
    guard let failure else { return }
    let witness = Witness()
    let layer = Self.layer(Shepherd(triggers: [.on(Flock.self)]), extra: [witness.invariant])
    _ = try Self.search(layer, failure.faults).world(seed: failure.seed, faults: failure.faults)
    let looks = witness.looks
    replayed = (1...Self.replayColumns).map { column in
      let end = World.epoch + .seconds(column * Self.secondsPerColumn)
      guard let look = looks.last(where: { $0.time < end }) else { return [] }
      return look.sheep.enumerated().map { index, name in (name, index < look.wanted ? "●" : "✕") }
    }
    played = 0
  }
}

/// Writes down what the meadow looked like after every change, sheep in the order in which they came.
private final class Witness: Sendable {
  typealias Look = (time: Time, sheep: [String], wanted: Int)
  private let seen = Mutex<[Look]>([])

  var looks: [Look] { seen.withLock { $0 } }

  var invariant: Invariant {
    .always("somebody is looking") { [self] view, _, now in
      let names = view.all(Sheep.self).map(\.name)
      let wanted = view.all(Flock.self).first?.size ?? 0
      seen.withLock { looks in
        let known = looks.last?.sheep.filter(names.contains) ?? []
        looks.append((now, known + names.filter { !known.contains($0) }, wanted))
      }
      return nil
    }
  }
}

extension Invariant {
  fileprivate static let neverMoreThanWanted = Invariant.always("never more sheep than wanted") { view, _, _ in
    view.all(Flock.self).lazy.compactMap { flock in
      let count = view.all(Sheep.self, controlledBy: flock).count
      return count <= flock.size ?? 0 ? nil : "\(count) sheep where \(flock.size ?? 0) are wanted"
    }.first
  }
}

extension UserAction {
  fileprivate static let grow = UserAction("grow") { view, random, _ in
    guard var flock = view.all(Flock.self).first else { return [] }
    flock.size = (flock.size ?? 0) + Int.random(in: 1...3, using: &random)
    return [.update(flock.json)]
  }
}
