import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import StatefulSets

@Suite struct RevisionHistoryTests {
  private func set(_ image: String) -> StatefulSet { storedSet { $0.spec.template = template(image) } }

  @Test func aTemplateGetsARevisionOnce() throws {
    let set = set("v1")
    var history = RevisionHistory(of: set, in: try makeView([set]))
    let made = history.update(in: try makeView([set]))
    #expect(history.plan.created == [made.name])
    #expect(made.name.hasPrefix("web-"))
    #expect(made.metadata.labels["app"] == "web")
    #expect(made.metadata.labels["controller.kubernetes.io/hash"] == String(made.name.dropFirst(4)))
    #expect(made.controller?.uid == set.uid)
    #expect(made.number == 1)

    let view = try makeView([set, revision(1, "v1")])
    history = RevisionHistory(of: set, in: view)
    #expect(history.update(in: view).name == made.name)
    #expect(history.plan.intents.isEmpty)
  }

  @Test func anEarlierTemplateGetsItsRevisionBackUnderANewNumber() throws {
    let set = set("v1")
    let view = try makeView([set, revision(1, "v1"), revision(2, "v2"), revision(3, "v3")])
    var history = RevisionHistory(of: set, in: view)
    let found = history.update(in: view)
    #expect(found.name == revision(1, "v1").name)
    #expect(found.number == 4)
    #expect(history.plan.created == [], "a template that was there before has a revision already")
    #expect(history.plan.updated.map(\.name) == [found.name])
    #expect(history.revisions.map(\.number) == [2, 3, 4])
  }

  @Test func aTakenNameIsCountedAndAvoided() throws {
    let set = set("v1")
    var foreign = revision(1, "v1")
    foreign.metadata.labels = [:]
    foreign.metadata.ownerReferences = []
    foreign.data = ControllerRevision.patch(for: template("other"))
    let view = try makeView([set, foreign])
    var history = RevisionHistory(of: set, in: view)
    let made = history.update(in: view)
    #expect(made.name != foreign.name)
    #expect(history.collisionCount == 1)
    #expect(history.plan.created == [made.name])
  }

  @Test func orphansThatAreSelectedAreTakenIn() throws {
    let set = set("v2")
    var (mine, others) = (revision(1, "v1"), revision(2, "v2"))
    mine.metadata.ownerReferences = []
    others.metadata.ownerReferences = []
    others.metadata.labels = ["app": "other"]
    let view = try makeView([set, mine, others])
    let history = RevisionHistory(of: set, in: view)
    #expect(history.revisions.map(\.name) == [mine.name])
    #expect(history.plan.updated.map { $0.controller?.uid } == [set.uid])

    var leaving = set
    leaving.metadata.deletionTimestamp = now
    #expect(RevisionHistory(of: leaving, in: view).revisions.isEmpty)
  }

  @Test func theOldestOfTooManyGoAndThoseInUseStay() throws {
    var set = set("v5")
    set.spec.revisionHistoryLimit = 1
    let all = (1...5).map { revision(Int64($0), "v\($0)") }
    var history = RevisionHistory(of: set, in: try makeView([set] + all))
    history.trim(keeping: [all[0].name, all[4].name])
    #expect(history.plan.deleted == [all[1].name, all[2].name])
  }

  @Test func aRevisionGivesItsTemplateBackAndNothingOfALaterOne() throws {
    let first = revision(1, "v1")
    #expect(first.template == template("v1"))
    #expect(first.data?.at(["spec", "template", "$patch"]) == "replace")
  }

  @Test func dataCannotChangeAndTheNumberCan() throws {
    let world = try World(makeSet(replicas: 1))
    world.run(for: .seconds(5))
    var revision = try #require(world.revisions.first)
    revision.revision = 7
    #expect(world.perform([.update(revision.json)]).isEmpty)
    revision = try #require(world.revisions.first)
    revision.data = ["spec": 1]
    let refusals = world.perform([.update(revision.json)])
    #expect(
      refusals.first?.message.hasSuffix("is invalid: data: Invalid value: {\"spec\":1}: field is immutable") == true)
    var empty = ControllerRevision(name: "empty", namespace: "default")
    empty.revision = -1
    #expect(
      world.perform([.create(empty.json)]).first?.message
        == "ControllerRevision.apps \"empty\" is invalid: "
        + "[revision: Invalid value: -1: must be greater than or equal to 0, data: Required value: data is mandatory]")
  }

  @Test func aRevisionSaysWhoseItIs() throws {
    let cells = ControllerRevision.kind.table.map { $0.cell(revision(3, "v1").json, now) }
    #expect(cells[1...2] == ["statefulset.apps/web", 3])
    #expect(ControllerRevision.kind.table.map(\.name) == ["Name", "Controller", "Revision", "Age"])
  }
}
