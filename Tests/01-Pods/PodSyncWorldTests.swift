import ControlLoop
import Objects
import Testing

@testable import Pods

/// Every small world first, then long random lives of pods of every shape.
struct PodSyncWorldTests {
  // MARK: Small worlds

  /// How attempts end, one after the other; the last one repeats. Each runs for a second.
  private static let endings = [[0], [1], [1, 0], [0, 1]]
  private static let seconds = 60

  struct Small: CustomStringConvertible {
    var policy: RestartPolicy
    var main: [Int]
    var initial: [Int]?
    var hasSidecar: Bool
    var deletedAt: Int?

    var description: String {
      "\(policy), main \(main), init \(initial ?? []), sidecar \(hasSidecar), deleted \(deletedAt.map(String.init) ?? "never")"
    }
  }

  private static var worlds: [Small] {
    RestartPolicy.allCases.flatMap { policy in
      endings.flatMap { main in
        ([nil] + endings).flatMap { initial in
          [false, true].flatMap { hasSidecar in
            [nil, 0, 1, 2, 3, 12, 59].map {
              Small(policy: policy, main: main, initial: initial, hasSidecar: hasSidecar, deletedAt: $0)
            }
          }
        }
      }
    }
  }

  @Test func everySmallWorldEndsAsThePolicySays() throws {
    for world in Self.worlds {
      var life = try Self.begin(world)
      if let deletedAt = world.deletedAt {
        life.run(seconds: deletedAt)
        life.delete()
      }
      life.run(seconds: Self.seconds - life.second)
      #expect(life.broken == [], "\(world)")
      #expect(life.runtime.violations == [], "\(world)")
      if let deletedAt = world.deletedAt {
        #expect(life.goneAt == deletedAt, "\(world)")
        #expect(life.runtime.pods() == [], "\(world)")
      } else {
        #expect(life.status.phase == Self.expectedPhase(world), "\(world)")
        #expect(life.container("web").restartCount ?? 0 == Self.expectedRestarts(world), "\(world)")
      }
    }
  }

  private static func begin(_ world: Small) throws -> PodLife {
    let pod = Pod.running(
      "main", initial: world.initial == nil ? [] : ["init"], sidecars: world.hasSidecar ? ["side"] : [],
      restart: world.policy)
    return try PodLife(pod) { configuration in
      var behavior = SimulatedBehavior()
      let codes = ["main": world.main, "init": world.initial ?? []][configuration.image]
      behavior.runs = codes?.map { .init(for: .seconds(1), exitCode: $0) } ?? behavior.runs
      return behavior
    }
  }

  // The same rules, said in another way: what becomes of one container, given its endings.
  private static func attempts(_ codes: [Int], from start: Int, _ again: (Int) -> Bool) -> (
    started: Int, end: Int?, code: Int?
  ) {
    var (time, pause, number) = (start, 0, 0)
    while time < seconds {
      let code = codes[min(number, codes.count - 1)]
      let end = time + 1
      number += 1
      if !again(code) { return (number, end, code) }
      time = end + pause
      pause = pause == 0 ? 10 : pause * 2
    }
    // An attempt that would begin in the last moment still begins.
    return (time == seconds ? number + 1 : number, nil, nil)
  }

  private static func main(_ world: Small) -> (started: Int, end: Int?, code: Int?)? {
    var start = 0
    if let initial = world.initial {
      let result = attempts(initial, from: 0) { $0 != 0 && world.policy != .never }
      guard let end = result.end, result.code == 0 else { return nil }
      start = end
    }
    return attempts(world.main, from: start) { world.policy == .always || ($0 != 0 && world.policy == .onFailure) }
  }

  private static func expectedPhase(_ world: Small) -> PodPhase {
    guard let main = main(world) else { return world.policy == .never ? .failed : .pending }
    return main.code.map { $0 == 0 ? .succeeded : .failed } ?? .running
  }

  private static func expectedRestarts(_ world: Small) -> Int {
    main(world).map { $0.started - 1 } ?? 0
  }

  // MARK: Random lives

  @Test(arguments: UInt64(1)...100)
  func aRandomLifeKeepsAllPromisesAndLeavesNothing(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var life = try Self.randomLife(&random)
    for _ in 0..<60 {
      Self.disturb(&life, &random)
      life.run(seconds: Int.random(in: 1...40, using: &random))
    }
    life.delete(grace: 5)
    life.run(seconds: 60)
    #expect(life.pod == nil)
    #expect(life.runtime.pods() == [])
    #expect(life.broken == [])
    #expect(life.runtime.violations == [])
  }

  private static func randomLife(_ random: inout SeededGenerator) throws -> PodLife {
    let images = [
      "nginx", "sleep-3", "sleep-30", "crash-2", "crash-20", "exit-0", "exit-3", "slow-5", "stubborn", "missing",
      "flaky",
    ]
    func some(_ count: ClosedRange<Int>, _ random: inout SeededGenerator) -> [String] {
      (0..<Int.random(in: count, using: &random)).compactMap { _ in images.randomElement(using: &random) }
    }
    var pod = Pod.running("nginx", restart: RestartPolicy.allCases.randomElement(using: &random) ?? .always)
    let (initial, sidecars) = (some(0...2, &random), some(0...2, &random))
    pod.spec.initContainers = Pod.running("x", initial: initial, sidecars: sidecars).spec.initContainers.shuffled(
      using: &random)
    pod.spec.containers = (0..<Int.random(in: 1...3, using: &random)).map { number in
      let image = images.randomElement(using: &random)
      return Container {
        $0.name = "main-\(number)"
        $0.image = image
      }
    }
    pod.spec.terminationGracePeriodSeconds = Int64.random(in: 0...20, using: &random)
    if Int.random(in: 0..<5, using: &random) == 0 {
      pod.spec.activeDeadlineSeconds = Int64.random(in: 1...300, using: &random)
    }
    return try PodLife(pod) { configuration in
      var behavior = SimulatedBehavior(of: configuration)
      if configuration.image == "flaky" {
        behavior.failedPulls = 2
        behavior.stopDelay = .seconds(3)
        behavior.runs = [.init(for: .seconds(4), exitCode: 1), .init(for: .seconds(4)), .init()]
      }
      return behavior
    }
  }

  private static func disturb(_ life: inout PodLife, _ random: inout SeededGenerator) {
    switch Int.random(in: 0..<40, using: &random) {
    case 0: life.delete(grace: Int64.random(in: 0...30, using: &random))
    case 1...3: life.restartAgent()
    case 4:
      life.runtime.lose()
      life.restartAgent()
    case 5...7:
      let image = ["nginx", "crash-2", "missing", "sleep-3"].randomElement(using: &random)
      life.change { pod in
        if let index = pod.spec.containers.indices.randomElement(using: &random) {
          pod.spec.containers[index].image = image
        }
      }
    default: life.look()
    }
  }
}
