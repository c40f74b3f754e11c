public import ControlLoop
import Objects

/// Looks for a seed that breaks a promise, and for the fewest faults that it takes.
public struct Search: Sendable {
  public var layers: [Layer]
  /// The last chapter among the layers, for the command that replays a failure.
  public var chapter: Int
  public var faults: Set<Fault>
  /// How long each world lives before faults stop, in virtual time.
  public var length: Duration
  /// How many user actions happen in that time.
  public var actions: Int

  public init(
    layers: [Layer], chapter: Int, faults: Set<Fault> = Set(Fault.allCases), length: Duration = .seconds(120),
    actions: Int = 12
  ) {
    self.layers = layers
    self.chapter = chapter
    self.faults = faults
    self.length = length
    self.actions = actions
  }

  /// A seed that fails, and how to see it again.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let seed: UInt64
    public let faults: Set<Fault>
    public let violations: [World.Violation]
    public let chapter: Int

    public var description: String {
      let names = faults.sorted().map(\.rawValue).joined(separator: ",")
      return """
        seed \(seed) breaks a promise, and needs \(faults.isEmpty ? "no faults" : "the faults " + names):
        \(violations.prefix(5).map { "  \($0)" }.joined(separator: "\n"))
        replay: swiftlet simulate --chapter \(chapter) --seed \(seed) --faults \(names.isEmpty ? "none" : names)
        """
    }
  }

  /// Throws a ``Failure`` for the first seed that breaks a promise.
  public func run(seeds: some Sequence<UInt64>) throws {
    for seed in seeds {
      let violations = try violations(seed: seed, faults: faults)
      guard violations.isEmpty else { throw try smallest(seed: seed, violations) }
    }
  }

  /// One life of one world: users act at random moments, faults happen; then calm, and the promises of liveness.
  public func violations(seed: UInt64, faults: Set<Fault>) throws -> [World.Violation] {
    try world(seed: seed, faults: faults).violations
  }

  public func world(seed: UInt64, faults: Set<Fault>, keepsTrace: Bool = false) throws -> World {
    let world = try World(layers: layers, seed: seed, faults: faults, keepsTrace: keepsTrace)
    // Users have randomness of their own: taking a fault away must not change what they do.
    var random = SeededGenerator(seed: seed ^ 0x5EED_0F05_E25E_ED00)
    let users = world.cluster.contributions(of: UserAction.self)
    for _ in 0..<actions {
      if let action = users.randomElement(using: &random) {
        world.perform(action.act(world.view, &random, world.now))
      }
      world.run(for: length / actions)
    }
    world.checkLiveness()
    return world
  }

  // Takes faults away, one after the other, as long as the promise still breaks. Without a fault all that is left comes
  // at other moments, so a few more seeds are tried before the fault counts as needed.
  private func smallest(seed: UInt64, _ first: [World.Violation]) throws -> Failure {
    var failure = Failure(seed: seed, faults: faults, violations: first, chapter: chapter)
    for fault in faults.sorted() {
      let fewer = failure.faults.subtracting([fault])
      for seed in (0..<Self.seedsPerFault).map({ failure.seed &+ $0 }) {
        let found = try violations(seed: seed, faults: fewer)
        guard !found.isEmpty else { continue }
        failure = Failure(seed: seed, faults: fewer, violations: found, chapter: chapter)
        break
      }
    }
    return failure
  }

  private static let seedsPerFault: UInt64 = 20
}
