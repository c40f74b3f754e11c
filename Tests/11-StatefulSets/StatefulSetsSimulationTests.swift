import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing
import Volumes

@testable import StatefulSets

/// The promises of chapter 11 and of those before it, under all faults.
@Suite struct StatefulSetsSimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: layers, chapter: 11).run(seeds: 1...20)
  }

  @Test(arguments: Fault.allCases)
  func everyPromiseHoldsUnderOneFault(_ fault: Fault) throws {
    try Search(layers: layers, chapter: 11, faults: [fault]).run(seeds: 1...2)
  }

  /// Where nobody but the controller makes and deletes pods, it can be told what it has done and what it has not.
  @Test func nobodyIsMissedAndNoClaimLostWhileOthersCrash() throws {
    var calm = layers
    for index in calm.indices { calm[index].contributions.removeAll { $0 is UserAction } }
    let users = UserAction.statefulSets.filter { action in
      ["create", "scale", "bounds", "image"].contains { action.name.contains($0) }
    }
    calm.append(
      Layer(chapter: 11, name: "Watchers") {
        $0.invariants = [.claimsStay, .topGoesFirst, .enoughStay]
        $0.contributions = users
      })
    try Search(
      layers: calm, chapter: 11, faults: [.crash, .stale, .dropped, .doubled, .conflict], actions: 20
    ).run(seeds: 1...8)
  }
}

extension Invariant {
  fileprivate static let claimsStay = Invariant.always("no claim goes that is to be retained") { view, event, _ in
    guard let event, event.type == .deleted, event.record.key.resource == PersistentVolumeClaim.kind.groupResource,
      case let claim = PersistentVolumeClaim(json: event.record.value),
      let set = view.all(StatefulSet.self).first(where: { $0.mayOwn(claim) })
    else { return nil }
    return set.spec.persistentVolumeClaimRetentionPolicy.whenScaled == .retain ? "\(claim.name) is gone" : nil
  }

  // The pod that an event asks to end, and its set.
  private static func ending(_ event: Event?, in view: View) -> (Pod, StatefulSet)? {
    guard let event, let previous = event.previous, event.record.key.resource == Pod.kind.groupResource,
      case let pod = Pod(json: event.record.value), case let before = Pod(json: previous.value),
      !before.isBeingDeleted, pod.isBeingDeleted || event.type == .deleted,
      let set = view.object(StatefulSet.self, before.controller?.name ?? "", in: "default")
    else { return nil }
    return (before, set)
  }

  fileprivate static let topGoesFirst = Invariant.always("an ordered set shrinks from the top") { view, event, _ in
    guard let (pod, set) = ending(event, in: view), set.isOrdered, let ordinal = set.ordinal(of: pod),
      !set.ordinals.contains(ordinal)
    else { return nil }
    let higher = view.all(Pod.self, controlledBy: set).first { set.ordinal(of: $0) ?? 0 > ordinal }
    return higher.map { "\(pod.name) went before \($0.name)" }
  }

  // The set may have been made smaller, or its bounds narrower, after the controller looked.
  fileprivate static let enoughStay = Invariant("no more pods are replaced than may be missing", .always) {
    var most: [String: Int] = [:]
    return { view, event, _ in
      if let event, event.record.key.resource == StatefulSet.kind.groupResource {
        let set = StatefulSet(json: event.record.value)
        most[set.uid] = max(most[set.uid] ?? 0, set.maxUnavailable)
      }
      guard let (pod, set) = ending(event, in: view), pod.runsReady, let ordinal = set.ordinal(of: pod),
        set.ordinals.contains(ordinal)
      else { return nil }
      let ended = view.all(Pod.self, controlledBy: set).count {
        $0.isBeingDeleted && $0.runsReady && set.ordinals.contains(set.ordinal(of: $0) ?? -1)
      }
      return ended > most[set.uid] ?? 1 ? "\(ended) pods of \(set.name) have been asked to end" : nil
    }
  }
}
