import ControlLoop
public import Objects
public import Pods
import ReplicaSets

/// What a deployment writes on its replica sets, and on itself, to find its way through its history.
enum Annotations {
  /// The number of the roll-out that last used the set.
  static let revision = "deployment.kubernetes.io/revision"
  /// Earlier numbers of a set that was rolled back to.
  static let revisionHistory = "deployment.kubernetes.io/revision-history"
  /// The deployment's size when the set was last scaled: a difference tells that the deployment was scaled.
  static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
  /// That size with maxSurge: what a set's share is a share of.
  static let maxReplicas = "deployment.kubernetes.io/max-replicas"

  /// Annotations of a deployment that its sets do not get.
  static let own = [
    revision, revisionHistory, desiredReplicas, maxReplicas, "kubectl.kubernetes.io/last-applied-configuration",
    "deprecated.deployment.rollback.to",
  ]
}

extension ReplicaSet {
  /// 0 when the set was never part of a roll-out.
  var revision: Int { metadata.annotations[Annotations.revision].flatMap(Int.init) ?? 0 }

  var desiredReplicas: Int? { metadata.annotations[Annotations.desiredReplicas].flatMap(Int.init) }
  var maxReplicas: Int? { metadata.annotations[Annotations.maxReplicas].flatMap(Int.init) }

  /// Whether the set makes pods from this template.
  func makes(_ template: PodTemplateSpec) -> Bool {
    self.spec.template.essence == template.essence
  }

  /// The set with another size, and with what the size was a part of.
  func scaled(to size: Int, of deployment: Deployment) -> ReplicaSet {
    var set = self
    set.spec.replicas = size
    return set.noting(sizeOf: deployment)
  }

  func noting(sizeOf deployment: Deployment) -> ReplicaSet {
    var set = self
    set.metadata.annotations[Annotations.desiredReplicas] = String(deployment.replicas)
    set.metadata.annotations[Annotations.maxReplicas] = String(deployment.replicas + deployment.maxSurge)
    return set
  }

  /// The set as the current one of a deployment: with its revision, its annotations and its minReadySeconds.
  func current(of deployment: Deployment, revision: Int) -> ReplicaSet {
    var set = self
    for (name, value) in deployment.metadata.annotations where !Annotations.own.contains(name) {
      set.metadata.annotations[name] = value
    }
    if self.revision != 0, self.revision < revision {
      let history = metadata.annotations[Annotations.revisionHistory]
      set.metadata.annotations[Annotations.revisionHistory] = (history.map { $0 + "," } ?? "") + String(self.revision)
    }
    if self.revision < revision { set.metadata.annotations[Annotations.revision] = String(revision) }
    set.spec.minReadySeconds = deployment.spec.minReadySeconds
    return set
  }
}

extension PodTemplateSpec {
  /// Tells the pods of one template from those of another.
  static let hashLabel = "pod-template-hash"

  /// What makes pods differ: neither the hash label, which is the controller's own, nor members that say nothing.
  /// Clients differ in whether they write `resources: {}` or leave it out.
  public var essence: Value {
    var template = self
    template.metadata.labels[Self.hashLabel] = nil
    return template.json.withoutEmptyMembers
  }

  /// A short word made from the template, and from the number of times that the word was found taken.
  public func hash(collisionCount: Int?) -> String {
    var hash: UInt32 = 0x811c_9dc5
    let text = essence.encoded(as: .canonical) + Array((collisionCount.map { String($0) } ?? "").utf8)
    for byte in text { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Names.safe(String(hash))
  }
}

extension Value {
  fileprivate var withoutEmptyMembers: Value {
    switch self {
    case .array(let elements):
      return .array(elements.map(\.withoutEmptyMembers))
    case .object(let members):
      let kept = members.map { ($0.name, $0.value.withoutEmptyMembers) }
      return .object(Members(kept.filter { $0.1 != .null && $0.1 != .emptyObject && $0.1 != .array([]) }))
    default:
      return self
    }
  }
}

extension Deployment {
  /// The set that makes pods from the deployment's template; of several, the oldest.
  func newSet(among sets: [ReplicaSet]) -> ReplicaSet? {
    sets.byAge.first { $0.makes(self.spec.template) }
  }

  /// A set for the current template.
  func makeSet(size: Int, revision: Int) -> ReplicaSet {
    let hash = self.spec.template.hash(collisionCount: self.status.collisionCount)
    var template = self.spec.template
    template.metadata.labels[PodTemplateSpec.hashLabel] = hash
    let set = ReplicaSet(name: "\(name)-\(hash)", namespace: namespace) {
      $0.metadata.labels = template.metadata.labels
      $0.metadata.ownerReferences = [OwnerReference(controller: self)]
      $0.spec.selector = self.spec.selector
      $0.spec.selector?.matchLabels[PodTemplateSpec.hashLabel] = hash
      $0.spec.template = template
    }
    return set.current(of: self, revision: revision).scaled(to: size, of: self)
  }
}

extension [ReplicaSet] {
  /// The oldest first; of the same age, by name.
  var byAge: [ReplicaSet] {
    sorted { ($0.age, $0.name) < ($1.age, $1.name) }
  }

  /// The sum of the sizes that the sets should have.
  var totalReplicas: Int { reduce(0) { $0 + $1.replicas } }

  var totalAvailable: Int { reduce(0) { $0 + ($1.status.availableReplicas ?? 0) } }
}

extension ReplicaSet {
  fileprivate var age: Int64 { metadata.creationTimestamp?.microseconds ?? .max }
}
