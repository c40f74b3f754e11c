import ControlLoop
import Objects
import Pods
import ReplicaSets
import Simulation
import Store
import Testing

/// Every small world there is: what one plan says, without anything else at work.
@Suite struct SmallWorldTests {
  static let phases: [PodPhase] = [.pending, .running, .failed]

  @Test(arguments: 0...3, 0...3)
  func onePlanIsEnough(desired: Int, owned: Int) throws {
    for orphaned in 0...2 {
      for phases in combinations(of: owned + orphaned) {
        var set = makeSet(replicas: desired)
        set.metadata.uid = "set"
        let pods = phases.enumerated().map { index, phase in
          let pod = makePod("pod-\(index)", phase: phase)
          return index < owned ? pod.adopted(by: set) : pod
        }
        let view = try makeView([set] + pods)
        let plan = try ReplicaSetController().reconcile(set.key, in: view, at: World.epoch)
        let active = pods.count { $0.isActive }
        let created = plan.intents.count { if case .create = $0 { true } else { false } }
        let deleted = plan.intents.count { if case .delete = $0 { true } else { false } }
        let adopted = plan.intents.count { if case .update = $0 { true } else { false } }
        let world = "desired \(desired), owned \(owned), orphaned \(orphaned), \(phases)"
        #expect(created == max(0, desired - active), "\(world)")
        #expect(deleted == max(0, active - desired), "\(world)")
        #expect(adopted == pods.dropFirst(owned).count { $0.isActive }, "\(world)")
      }
    }
  }

  @Test func aPlanIsTheSameForTheSameView() throws {
    var set = makeSet(replicas: 3)
    set.metadata.uid = "set"
    let view = try makeView([set])
    func names() throws -> [String] {
      try ReplicaSetController().reconcile(set.key, in: view, at: World.epoch).intents.compactMap {
        if case .create(let pod) = $0 { Object(json: pod).name } else { nil }
      }
    }
    #expect(try names() == names())
    #expect(try Set(names()).count == 3)
  }

  private func combinations(of count: Int) -> [[PodPhase]] {
    (0..<count).reduce([[]]) { lists, _ in lists.flatMap { list in Self.phases.map { list + [$0] } } }
  }
}
