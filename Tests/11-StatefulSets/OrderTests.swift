import ControlLoop
import Objects
import Pods
import Simulation
import Testing
import Volumes

@testable import StatefulSets

/// What one look at a set leads to. A picture has a character for each number: · missing, ○ starting, ● ready, ◆ ready
/// and of an older revision, ◇ starting and of an older revision, x being deleted, ! failed.
@Suite struct OrderTests {
  private func step(
    _ picture: String, replicas: Int = 3, _ policy: PodManagementPolicy = .orderedReady,
    _ change: (inout StatefulSet) -> Void = { _ in }
  ) throws -> Plan {
    let set = storedSet(replicas: replicas) {
      $0.spec.podManagementPolicy = policy
      change(&$0)
    }
    return try look(set, picture).nextStep()
  }

  @Test(arguments: [
    ("···", ["web-0"]), ("○··", []), ("●··", ["web-1"]), ("●x·", []), ("●●·", ["web-2"]), ("·●●", ["web-0"]),
    ("●·●", ["web-1"]), ("x··", []), ("●●●", []),
  ])
  func anOrderedSetMakesTheLowestMissingPodWhenAllBeforeItAreReady(picture: String, made: [String]) throws {
    #expect(try step(picture).createdPods.map(\.name) == made)
  }

  @Test func aParallelSetMakesAllAtOnce() throws {
    #expect(try step("·x·", .parallel).createdPods.map(\.name) == ["web-0", "web-2"])
    #expect(try step("○··", .parallel).createdPods.map(\.name) == ["web-1", "web-2"])
  }

  @Test func aReadyPodIsWaitedForUntilItIsAvailable() throws {
    #expect(try step("●··") { $0.spec.minReadySeconds = 1_000 }.created == ["web-1"])
    #expect(try step("●··") { $0.spec.minReadySeconds = 1_001 }.created == [])
    let status = try look(storedSet { $0.spec.minReadySeconds = 1_001 }, "●··").status(collisionCount: 0)
    #expect(status.wakeAt == World.epoch + .seconds(1_001))
    #expect(status.status?.readyReplicas == 1)
    #expect(status.status?.availableReplicas == 0)
  }

  @Test func numbersMayBeginLater() throws {
    let plan = try step("●●●", replicas: 2) { $0.spec.ordinals = StatefulSetOrdinals { $0.start = 2 } }
    #expect(plan.created == ["web-3"])
    #expect(plan.deleted == [])
  }

  @Test func aPodThatHasEndedIsDeletedSoThatItsNameIsFree() throws {
    let plan = try step("!··")
    #expect(plan.deleted == ["web-0"])
    #expect(plan.created == [])
    #expect(plan.notes.map(\.reason) == ["RecreatingFailedPod", "SuccessfulDelete"])
    #expect(
      plan.notes.map(\.message) == [
        "StatefulSet default/web is recreating failed Pod web-0", "delete Pod web-0 in StatefulSet web successful",
      ])
    #expect(try step("!·!", .parallel).deleted == ["web-0", "web-2"])
  }

  // MARK: Too many

  private func surplus(
    _ picture: String, replicas: Int, _ policy: PodManagementPolicy = .orderedReady
  ) throws -> [String] {
    let set = storedSet(replicas: replicas) { $0.spec.podManagementPolicy = policy }
    return try look(set, picture).removeSurplus().deleted
  }

  @Test(arguments: [
    ("●●●●", ["web-3"]), ("●●●x", []), ("●●●○", ["web-3"]), ("●●○○", []), ("●●○●", ["web-3"]), ("●●!○", []),
    ("●●○·", ["web-2"]),
  ])
  func anOrderedSetShrinksFromTheTopOneByOne(picture: String, deleted: [String]) throws {
    #expect(try surplus(picture, replicas: 1) == deleted)
  }

  @Test func aParallelSetShrinksAtOnce() throws {
    #expect(try surplus("●○x●●", replicas: 1, .parallel) == ["web-4", "web-3", "web-1"])
  }

  @Test func nothingGoesBeforeAllThatStayAreAvailable() throws {
    #expect(try step("●○●●", replicas: 2).deleted == [])
    #expect(try step("●●●●", replicas: 2).deleted == ["web-3"])
    #expect(try step("●○●●", replicas: 2, .parallel).deleted == ["web-3", "web-2"])
  }

  // MARK: Out of date

  private func outdated(
    _ picture: String, _ policy: PodManagementPolicy = .orderedReady, partition: Int = 0,
    unavailable: IntOrString = .integer(1),
    type: StatefulSetUpdateStrategyType = .rollingUpdate
  ) throws -> [String] {
    let set = storedSet(replicas: picture.count) {
      $0.spec.podManagementPolicy = policy
      $0.spec.updateStrategy.type = type
      $0.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy {
        $0.partition = partition
        $0.maxUnavailable = unavailable
      }
    }
    return try look(set, picture).replaceOutdated().deleted
  }

  @Test func theHighestOldPodGoesFirstAndTheNextWhenItsSuccessorIsAvailable() throws {
    #expect(try outdated("◆◆◆") == ["web-2"])
    #expect(try outdated("◆◆x") == [], "who is being deleted is missing, and not replaced yet")
    #expect(try outdated("◆◆·") == [])
    #expect(try outdated("◆◆○") == [])
    #expect(try outdated("◆◆●") == ["web-1"])
    #expect(try outdated("●●●") == [])
  }

  @Test func asManyMayBeMissingAsMaxUnavailableSays() throws {
    #expect(try outdated("◆◆◆◆", unavailable: .integer(2)) == ["web-3", "web-2"])
    #expect(try outdated("◆◆◆x", unavailable: .integer(2)) == ["web-2"])
    #expect(try outdated("◆◆x·", unavailable: .integer(2)) == [])
    #expect(try outdated("◆◆◆◆", unavailable: .string("50%")) == ["web-3", "web-2"])
    #expect(try outdated("◆◆◆◆", unavailable: .string("10%")) == ["web-3"])
  }

  @Test func podsBelowThePartitionStayAndAreMadeFromTheOldRevision() throws {
    #expect(try outdated("◆◆◆", partition: 2) == ["web-2"])
    #expect(try outdated("◆◆●", partition: 2) == [])
    #expect(try outdated("◆◆◆", partition: 3) == [])
    let plan = try step("·●●") {
      $0.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy { $0.partition = 1 }
    }
    #expect(plan.createdPods.map(\.revision) == [old.name])
    #expect(try step("·●●").createdPods.map(\.revision) == [new.name])
  }

  @Test func onDeleteNobodyIsReplacedAndWhoIsMissingComesBackNew() throws {
    #expect(try outdated("◆◆◆", type: .onDelete) == [])
    let plan = try step("◆·◆") { $0.spec.updateStrategy.type = .onDelete }
    #expect(plan.createdPods.map(\.revision) == [new.name])
  }

  @Test func anOldPodThatIsNotAvailableIsInNobodysWay() throws {
    #expect(try outdated("◆◆◇", .parallel) == ["web-2"])
    #expect(try outdated("◇◆◇", .parallel) == ["web-2", "web-0"], "nobody misses a pod that is not available")
    #expect(try outdated("◆○◇", .parallel) == ["web-2"])
    #expect(try step("◆◆◇").deleted == [], "an ordered set waits for it: somebody has to delete it")
  }

  @Test func aPodWithoutItsOwnClaimsIsOutOfDate() throws {
    let set = storedSet(replicas: 1) { $0.spec.volumeClaimTemplates = [claimTemplate()] }
    #expect(try look(set, "●").replaceOutdated().deleted == ["web-0"])
  }

  @Test func labelsOfANumberAreMended() throws {
    let set = storedSet(replicas: 1)
    var pod = try #require(pods("●").first)
    pod.metadata.labels[PodLabels.index] = nil
    let plan = StatefulSetLook(at: set, [pod], current: old, update: new, in: try makeView([set]), at: now).nextStep()
    #expect(plan.updated.map { $0.metadata.labels[PodLabels.index] } == ["0"])
    #expect(plan.notes.map(\.message) == ["update Pod web-0 in StatefulSet web successful"])
  }
}
