public import ControlLoop
import Deployments
public import Objects
public import Pods
import ReplicaSets
import Store

/// A kind that keeps the history of its template in controller revisions.
public protocol RevisionOwner: Resource {
  /// The label under which a revision carries the hash of its template.
  static var hashLabel: String { get }

  var template: PodTemplateSpec { get }

  /// Selects the owner's revisions, which have the labels of its template.
  var selector: LabelQuery { get }

  /// How many names of revisions were found taken, as far as the status says.
  var collisionCount: Int? { get }

  /// How many revisions are kept beside those in use.
  var revisionHistoryLimit: Int { get }
}

/// The revisions of one owner, and the writes that bring them up to date.
public struct RevisionHistory<Owner: RevisionOwner>: Sendable {
  public let owner: Owner
  /// By number, the oldest first; as they will be when the plan has been carried out.
  public private(set) var revisions: [ControllerRevision]
  public private(set) var plan = Plan()
  /// For the owner's status.
  public private(set) var collisionCount: Int

  /// The owner's revisions. An owner that is not being deleted takes in those that it selects and nobody controls.
  public init(of owner: Owner, in view: View) {
    self.owner = owner
    collisionCount = owner.collisionCount ?? 0
    revisions = view.all(ControllerRevision.self, controlledBy: owner)
    if !owner.isBeingDeleted {
      for orphan in view.all(ControllerRevision.self, in: owner.namespace, matching: owner.selector)
      where orphan.controller == nil && !orphan.isBeingDeleted {
        plan.update(orphan.adopted(by: owner))
        revisions.append(orphan.adopted(by: owner))
      }
    }
    revisions.sort { ($0.number, $0.age, $0.name) < ($1.number, $1.age, $1.name) }
  }

  /// The revision of the owner's present template. A template that was there before gets its revision back under a new
  /// number: going back is a roll-out as well.
  public mutating func update(in view: View) -> ControllerRevision {
    let essence = owner.template.essence
    guard var found = revisions.last(where: { $0.template.essence == essence }) else { return make(in: view) }
    guard let last = revisions.last, last.number > found.number else { return found }
    found.revision = last.number + 1
    revisions.removeAll { $0.uid == found.uid }
    revisions.append(found)
    plan.update(found)
    return found
  }

  private mutating func make(in view: View) -> ControllerRevision {
    var new = owner.newRevision(number: (revisions.last?.number ?? 0) + 1, collisionCount: collisionCount)
    // Another template has the same hash, or somebody else's revision the name: count, so that the next hash differs.
    while view.object(ControllerRevision.self, new.name, in: new.namespace) != nil {
      collisionCount += 1
      new = owner.newRevision(number: new.number, collisionCount: collisionCount)
    }
    revisions.append(new)
    plan.create(new)
    return new
  }

  /// Deletes what the history has too much of, the oldest first. Revisions in use stay, and do not count.
  /// - Parameter live: names of revisions in use.
  public mutating func trim(keeping live: Set<String>) {
    let history = revisions.filter { !live.contains($0.name) }
    for revision in history.prefix(max(0, history.count - owner.revisionHistoryLimit)) { plan.delete(revision) }
  }
}

extension RevisionOwner {
  /// A revision of the present template.
  func newRevision(number: Int64, collisionCount: Int) -> ControllerRevision {
    let hash = template.hash(collisionCount: collisionCount)
    return ControllerRevision(name: "\(name.prefix(223))-\(hash)", namespace: namespace) {
      $0.metadata.labels = template.metadata.labels
      $0.metadata.labels[Self.hashLabel] = hash
      $0.metadata.annotations = metadata.annotations
      $0.metadata.ownerReferences = [OwnerReference(controller: self)]
      $0.data = ControllerRevision.patch(for: template)
      $0.revision = number
    }
  }
}

extension ControllerRevision {
  fileprivate var age: Int64 { metadata.creationTimestamp?.microseconds ?? .max }
}
