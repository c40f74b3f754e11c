import ControlLoop
import Objects
import Pods
import Simulation
import Testing
import Volumes

@testable import StatefulSets

@Suite struct ClaimRetentionTests {
  private func set(_ deleted: ClaimRetention, _ scaled: ClaimRetention, replicas: Int = 1) -> StatefulSet {
    storedSet(replicas: replicas) {
      $0.spec.volumeClaimTemplates = [claimTemplate()]
      $0.spec.persistentVolumeClaimRetentionPolicy.whenDeleted = deleted
      $0.spec.persistentVolumeClaimRetentionPolicy.whenScaled = scaled
    }
  }

  private func claim(_ ordinal: Int, owners: [OwnerReference] = []) -> PersistentVolumeClaim {
    PersistentVolumeClaim(name: "data-web-\(ordinal)", namespace: "default") { $0.metadata.ownerReferences = owners }
  }

  private func owners(_ set: StatefulSet, _ ordinal: Int, had: [OwnerReference] = []) throws -> [String?] {
    let pod = try #require(makePod(ordinal, .ready))
    return set.retaining(claim(ordinal, owners: had), of: pod).metadata.ownerReferences.map(\.uid)
  }

  @Test func thePolicySaysWithWhomAClaimGoes() throws {
    // Number 0 should be there, number 1 is one too many.
    #expect(try owners(set(.retain, .retain), 0) == [])
    #expect(try owners(set(.retain, .retain), 1) == [])
    #expect(try owners(set(.delete, .retain), 0) == ["uid-web"])
    #expect(try owners(set(.delete, .retain), 1) == ["uid-web"])
    #expect(
      try owners(set(.retain, .delete), 0) == [], "a pod that should be there may restart without losing its data")
    #expect(try owners(set(.retain, .delete), 1) == ["uid-web-1"])
    #expect(try owners(set(.delete, .delete), 0) == ["uid-web"])
    #expect(try owners(set(.delete, .delete), 1) == ["uid-web-1"])
  }

  @Test func anotherPolicyMeansAnotherOwner() throws {
    let reference = OwnerReference(controller: storedSet())
    #expect(try owners(set(.retain, .retain), 0, had: [reference]) == [])
    #expect(try owners(set(.retain, .delete), 1, had: [reference]) == ["uid-web-1"])
    let pod = OwnerReference(controller: try #require(makePod(1, .ready)))
    #expect(try owners(set(.delete, .delete, replicas: 2), 1, had: [pod]) == ["uid-web"])
  }

  @Test func whatSomebodyElseManagesStaysAsItIs() throws {
    let foreign = OwnerReference(controller: storedSet { $0.metadata.uid = "other" })
    #expect(try owners(set(.delete, .delete), 0, had: [foreign]) == ["other"])
    var stale = OwnerReference(controller: try #require(makePod(1, .ready)))
    stale.uid = "earlier"
    #expect(try owners(set(.delete, .delete), 1, had: [stale]) == ["earlier"])
    var friend = foreign
    (friend.name, friend.kind, friend.controller) = ("archive", "ConfigMap", nil)
    #expect(try owners(set(.delete, .retain), 0, had: [friend]) == ["other", "uid-web"])
  }

  @Test func aPodWaitsForAClaimThatIsGoing() throws {
    var leaving = claim(0)
    leaving.metadata.deletionTimestamp = now
    let plan = try look(set(.retain, .retain), "·", beside: [leaving]).nextStep()
    #expect(plan.created == [])
    #expect(plan.notes.map(\.reason) == ["FailedCreate"])
    #expect(
      plan.notes.map(\.message) == [
        "create Pod web-0 in StatefulSet web failed error: pvc data-web-0 is being deleted"
      ])
    let stale = claim(0, owners: [OwnerReference(controller: try #require(makePod(0, .ready)))])
    #expect(try look(set(.retain, .delete), "·", beside: [stale]).nextStep().created == [])
    #expect(try look(set(.retain, .delete), "·", beside: [claim(0)]).nextStep().created == ["web-0"])
    #expect(try look(set(.retain, .delete), "·").nextStep().created == ["data-web-0", "web-0"])
  }

  private func claims(_ world: World) -> [String] { world.claims.map(\.name) }

  private func world(_ deleted: ClaimRetention, _ scaled: ClaimRetention) throws -> World {
    var set = set(deleted, scaled, replicas: 3)
    set.metadata.uid = nil
    let world = try World(set)
    world.run(for: .seconds(60))
    #expect(claims(world) == ["data-web-0", "data-web-1", "data-web-2"])
    #expect(world.names == ["web-0", "web-1", "web-2"])
    return world
  }

  @Test func retainedClaimsOutliveEverything() throws {
    let world = try world(.retain, .retain)
    world.change { $0.spec.replicas = 1 }
    world.run(for: .seconds(120))
    #expect(world.names == ["web-0"])
    #expect(claims(world).count == 3)
    world.perform([.delete(StatefulSet.key("web", in: "default"), DeleteOptions(propagationPolicy: .foreground))])
    world.run(for: .seconds(120))
    #expect(world.names == [])
    #expect(claims(world).count == 3)
  }

  @Test func claimsGoWithTheSetOrWithTheSize() throws {
    var world = try world(.delete, .retain)
    world.change { $0.spec.replicas = 1 }
    world.run(for: .seconds(120))
    #expect(claims(world).count == 3)
    world.perform([.delete(StatefulSet.key("web", in: "default"), DeleteOptions(propagationPolicy: .background))])
    world.run(for: .seconds(120))
    #expect(claims(world) == [])

    world = try self.world(.retain, .delete)
    world.change { $0.spec.replicas = 1 }
    world.run(for: .seconds(120))
    #expect(claims(world) == ["data-web-0"])
    world.change { $0.spec.replicas = 2 }
    world.run(for: .seconds(60))
    #expect(claims(world) == ["data-web-0", "data-web-1"])
    #expect(world.names == ["web-0", "web-1"])
    world.perform([.delete(StatefulSet.key("web", in: "default"), DeleteOptions(propagationPolicy: .background))])
    world.run(for: .seconds(120))
    #expect(claims(world) == ["data-web-0", "data-web-1"])
  }
}
