import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Scheduling

@Suite struct VictimsTests {
  private func pod(_ name: String, _ priority: Int, cpu: Int = 1, since seconds: Int64 = 0) -> Pod {
    makePod(name, cpu: "\(cpu)") {
      $0.spec.priority = priority
      $0.status.startTime = World.epoch + .seconds(seconds)
    }
  }

  private func cpu(_ pod: Pod) -> Int {
    Int(pod.spec.containers[0].resources.requests["cpu"]?.value ?? 0)
  }

  /// Who goes from a node with room for so many processors.
  private func victims(of new: Pod, among there: [Pod], room: Int) -> [String]? {
    let search = Victims.search(for: new, on: "n", among: there) { without in
      let left = there.filter { pod in !without.contains { $0.name == pod.name } }.map(cpu).reduce(0, +)
      return left + cpu(new) <= room ? [] : ["Insufficient cpu"]
    }
    if case .found(let victims) = search { return victims.pods.map(\.name) }
    return nil
  }

  /// Every node of up to four pods of three priorities and two sizes, against every newcomer.
  @Test func victimsMatterLessAndNoneOfThemCouldStay() {
    let choices = [1, 2, 3].flatMap { priority in [1, 2].map { (priority, $0) } }
    func worlds(_ count: Int) -> [[Pod]] {
      count == 0
        ? [[]]
        : worlds(count - 1).flatMap { world in choices.map { world + [pod("p\(world.count)", $0.0, cpu: $0.1)] } }
    }
    for there in (0...4).flatMap(worlds) {
      for new in [pod("new", 2, cpu: 2), pod("new", 3, cpu: 3)] {
        let lower = there.filter { $0.priority < new.priority }.map(\.name)
        let isPossible =
          !lower.isEmpty && there.filter { !lower.contains($0.name) }.map(cpu).reduce(0, +) + cpu(new) <= 5
        guard let found = victims(of: new, among: there, room: 5) else {
          #expect(!isPossible)
          continue
        }
        #expect(isPossible)
        #expect(Set(found).isSubset(of: lower))
        let staying = there.filter { !found.contains($0.name) }
        let free = 5 - cpu(new) - staying.map(cpu).reduce(0, +)
        #expect(free >= 0)
        #expect(there.filter { found.contains($0.name) }.allSatisfy { cpu($0) > free })
      }
    }
  }

  @Test func whoMattersMoreIsSparedFirst() {
    let there = [pod("a", 1), pod("b", 3), pod("c", 2), pod("d", 2, since: 5)]
    #expect(
      victims(of: pod("new", 9), among: there, room: 4) == ["a"], "who matters most is the first to be let back in")
    #expect(
      victims(of: pod("new", 9, cpu: 2), among: there, room: 4) == ["d", "a"],
      "of two that matter the same the younger one goes")
    #expect(victims(of: pod("new", 2, cpu: 2), among: there, room: 4) == nil)
  }

  @Test func whenNobodyMattersLessThatIsSaid() {
    let search = Victims.search(for: pod("new", 1), on: "n", among: [pod("a", 1)]) { _ in [] }
    guard case .hopeless(let reasons) = search else { Issue.record("found victims"); return }
    #expect(reasons == ["No preemption victims found for incoming pod"])
  }

  /// Each rule decides only when the ones before it do not.
  @Test func theSmallestLossIsChosen() {
    func loss(_ pods: (Int, Int64)...) -> Victims {
      Victims(node: "n", pods: pods.enumerated().map { pod("p\($0)", $1.0, since: $1.1) })
    }
    for (less, more) in [
      (loss((1, 0), (1, 0), (1, 0)), loss((2, 0))),
      (loss((2, 0), (0, 0)), loss((2, 0), (1, 0))),
      (loss((2, 0)), loss((2, 0), (-5, 0))),
      (loss((2, 9)), loss((2, 3))),
      (loss((2, 9), (1, 0)), loss((2, 3), (1, 9))),
    ] {
      #expect(less.matterLess(than: more))
      #expect(!more.matterLess(than: less))
    }
  }

  @Test func whoMayNotDriveAwayOrHasDoneSoWaits() {
    var pod = pod("new", 5)
    #expect(pod.preemptionObstacle(with: []) == nil)
    var victim = self.pod("old", 1)
    victim.disrupt(.preempted, at: World.epoch)
    #expect(pod.preemptionObstacle(with: [victim]) == nil)
    victim.metadata.deletionTimestamp = World.epoch
    #expect(
      pod.preemptionObstacle(with: [victim]) == "not eligible due to a terminating pod on the nominated node.")
    pod.spec.preemptionPolicy = .never
    #expect(pod.preemptionObstacle(with: []) == "not eligible due to preemptionPolicy=Never.")
  }
}
