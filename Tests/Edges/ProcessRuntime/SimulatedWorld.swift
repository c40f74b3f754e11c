import Objects
import Pods
import Synchronization
import Testing

/// The simulated runtime, whose time passes only while somebody waits.
final class SimulatedWorld: RuntimeWorld {
  private let behaviours = Behaviours()
  private let simulated: SimulatedRuntime
  private var time = Time(microseconds: 0)

  /// What containers do, by their image.
  private final class Behaviours: Sendable {
    private let table = Mutex<[String: SimulatedBehavior]>([:])

    func add(_ behaviour: SimulatedBehavior, for image: String) { table.withLock { $0[image] = behaviour } }

    func of(_ configuration: ContainerConfiguration) -> SimulatedBehavior {
      table.withLock { $0[configuration.image] } ?? SimulatedBehavior()
    }
  }

  init() {
    simulated = SimulatedRuntime { [behaviours] in behaviours.of($0) }
  }

  var runtime: any ContainerRuntime { simulated }
  var now: Time { time }

  // What the runtime holds is the world itself: it is there for every agent.
  func restartAgent() {}

  func wait(until condition: () -> Bool) -> Bool {
    while !condition() {
      guard let next = simulated.advance(to: time), next > time else { return condition() }
      time = next
      _ = simulated.advance(to: time)
    }
    return true
  }

  func configuration(
    _ id: ContainerID, in pod: PodIdentity, _ behaviour: ContainerBehaviour
  ) -> ContainerConfiguration {
    let configuration = ContainerConfiguration(id: id, pod: pod, image: "\(id.name)-\(id.attempt)")
    var simulation = SimulatedBehavior()
    switch behaviour {
    case .printAndExit(let lines, let code):
      simulation.lines = lines
      simulation.runs = [.init(for: .seconds(1), exitCode: code)]
    case .runUntilAsked:
      break
    case .ignoreRequests:
      simulation.stopDelay = nil
      simulation.lines = ["deaf"]
    case .haveNoImage:
      simulation.failedPulls = .max
    }
    behaviours.add(simulation, for: configuration.image)
    return configuration
  }
}

@Suite struct SimulatedRuntimeTests {
  @Test(arguments: containerRuntimeContract)
  func keepsTheContract(_ check: ContractCheck) throws {
    var world: any RuntimeWorld = SimulatedWorld()
    try check.run(&world)
  }
}
