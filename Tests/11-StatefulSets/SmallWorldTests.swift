import ControlLoop
import Objects
import Pods
import Simulation
import Testing
import Volumes

@testable import StatefulSets

/// Every small set there is, in every state that its pods can be in: what one plan may never do.
@Suite struct SmallWorldTests {
  @Test(arguments: 0...3, PodManagementPolicy.allCases)
  func onePlanKeepsItsPromises(replicas: Int, policy: PodManagementPolicy) throws {
    var broken: [String] = []
    for unavailable in 1...2 {
      let set = storedSet(replicas: replicas) {
        $0.spec.podManagementPolicy = policy
        $0.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy {
          $0.maxUnavailable = .integer(unavailable)
        }
      }
      let view = try makeView([set])
      for (picture, pods) in Self.worlds {
        let look = StatefulSetLook(
          at: set, pods, current: old, update: new, in: view, at: now)
        broken += promises(brokenBy: look.nextStep(), of: set, picture).map { "\(picture): \($0)" }
      }
    }
    #expect(broken == [])
  }

  private func promises(brokenBy plan: Plan, of set: StatefulSet, _ picture: String) -> [String] {
    let shapes = picture.compactMap(Shape.init(rawValue:))
    func isAvailable(_ ordinal: Int) -> Bool {
      shapes.indices.contains(ordinal) && [.ready, .old].contains(shapes[ordinal])
    }
    func isIn(_ ordinal: Int) -> Bool { set.ordinals.contains(ordinal) }
    func number(_ name: String) -> Int { Int(name.dropFirst(4)) ?? 99 }
    let created = plan.createdPods.map { number($0.name) }
    let deleted = plan.deleted.map(number)
    let surplus = deleted.filter { !isIn($0) }
    // Whom the plan takes away although he was there for those who ask.
    let missed = deleted.count { isIn($0) && isAvailable($0) }
    let missing = set.ordinals.count { !isAvailable($0) }
    let top = shapes.indices.last { shapes[$0] != .missing }
    let promises: [(String, Bool)] = [
      ("makes what is missing", created.allSatisfy { isIn($0) && shapes[$0] == .missing }),
      ("deletes what is there", deleted.allSatisfy { ![.missing, .ending].contains(shapes[$0]) }),
      ("deletes once", Set(deleted).count == deleted.count),
      ("leaves enough", missed == 0 || missed + missing <= set.maxUnavailable),
      (
        "deletes what is old or has ended",
        deleted.allSatisfy { !isIn($0) || [.old, .oldStarting, .failed].contains(shapes[$0]) }
      ),
      ("makes one at a time", !set.isOrdered || created.count <= 1),
      ("makes in order", !set.isOrdered || created.allSatisfy { (0..<$0).allSatisfy(isAvailable) }),
      (
        "shrinks from the top",
        !set.isOrdered || surplus.isEmpty || (surplus == [top] && set.ordinals.allSatisfy(isAvailable))
      ),
    ]
    return promises.filter { !$0.1 }.map(\.0)
  }

  private static let worlds = pictures(of: 3).map { ($0, pods($0)) }

  private static func pictures(of count: Int) -> [String] {
    (0..<count).reduce([""]) { pictures, _ in
      pictures.flatMap { picture in Shape.allCases.map { picture + String($0.rawValue) } }
    }
  }
}
