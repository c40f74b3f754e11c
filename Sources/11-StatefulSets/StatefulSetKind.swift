import ControlLoop
import Deployments
public import Objects
public import Pods
import ReplicaSets
import Volumes

extension StatefulSet: RevisionOwner {
  public static let hashLabel = "controller.kubernetes.io/hash"

  public var template: PodTemplateSpec { self.spec.template }
  public var selector: LabelQuery { LabelQuery(self.spec.selector) }
  public var collisionCount: Int? { self.status.collisionCount }
  public var revisionHistoryLimit: Int { self.spec.revisionHistoryLimit ?? 10 }

  /// The numbers that the set's pods should have.
  public var ordinals: Range<Int> {
    let start = self.spec.ordinals?.start ?? 0
    return start..<start + max(0, self.spec.replicas ?? 1)
  }

  /// Whether pods come and go one at a time.
  public var isOrdered: Bool { self.spec.podManagementPolicy != .parallel }

  var isRolling: Bool { self.spec.updateStrategy.type != .onDelete }

  /// The numbers from here on get the new template, as long as the strategy is to roll it out.
  var partition: Int { ordinals.lowerBound + (self.spec.updateStrategy.rollingUpdate?.partition ?? 0) }

  /// How many pods may be missing when one more is to be replaced. At least one, or none ever would be.
  public var maxUnavailable: Int {
    let bound = self.spec.updateStrategy.rollingUpdate?.maxUnavailable ?? .integer(1)
    return max(1, bound.scaled(of: ordinals.count, roundingUp: false) ?? 1)
  }

  public static let kind = Kind(
    StatefulSet.self, group: "apps", name: "StatefulSet", resource: "statefulsets", shortNames: ["sts"],
    categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.scale = ScalePaths()
    $0.validateName = Names.labelProblems
    $0.forgives = { error, set in StatefulSet(json: set).spec.mountsClaim(error) }
    $0.validate = { new, old in
      old.map { StatefulSet(json: new).spec.problems(replacing: StatefulSet(json: $0).spec, at: FieldPath("spec")) }
        ?? []
    }
    $0.columns =
      [
        Column("Ready", "Ready pods of those that there should be.") { set, _ in
          let set = StatefulSet(json: set)
          return .string("\(set.status.readyReplicas ?? 0)/\(set.ordinals.count)")
        },
        .age,
      ]
      + TemplateColumns.columns(
        template: { StatefulSet(json: $0).spec.template }, selector: { StatefulSet(json: $0).spec.selector }
      ).prefix(2)
  }
}

// MARK: Defaults and rules

extension ClaimRetentionPolicy {
  var withDefaults: ClaimRetentionPolicy {
    var policy = self
    for name in ["whenDeleted", "whenScaled"] where lacks(name) {
      policy.json[name] = ClaimRetention.retain.asValue
    }
    return policy
  }
}

extension StatefulSetUpdateStrategy {
  var withDefaults: StatefulSetUpdateStrategy {
    var strategy = self
    if lacks("type") {
      strategy.type = .rollingUpdate
      strategy.rollingUpdate = strategy.rollingUpdate ?? RollingUpdateStatefulSetStrategy()
    }
    if strategy.type == .rollingUpdate, var rolling = strategy.rollingUpdate {
      rolling.partition = rolling.partition ?? 0
      rolling.maxUnavailable = rolling.maxUnavailable ?? .integer(1)
      strategy.rollingUpdate = rolling
    }
    return strategy
  }

  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    guard let rolling = self.rollingUpdate else { return [] }
    let path = path["rollingUpdate"]
    if self.type == .onDelete {
      return [.invalid(path, rolling.json, "only allowed for updateStrategy 'RollingUpdate'")]
    }
    let place = path["maxUnavailable"]
    let errors = DeploymentStrategy.check(rolling.maxUnavailable, at: place, atMost: 100)
    guard let bound = rolling.maxUnavailable, bound.isZero else { return errors }
    return errors + [.invalid(place, bound.asValue, "cannot be 0")]
  }
}

extension StatefulSetSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors = self.updateStrategy.problems(at: path["updateStrategy"])
    errors += TemplateRules.validate(self.selector, self.template, of: "statefulset", at: path)
    if self.template.spec.activeDeadlineSeconds != nil {
      let place = path["template"]["spec"]["activeDeadlineSeconds"]
      errors.append(.forbidden(place, "activeDeadlineSeconds in StatefulSet is not Supported"))
    }
    return errors
  }

  /// Whether an error is about a mount that lacks its volume, and the pods will have that volume: one of their claims.
  func mountsClaim(_ error: FieldError) -> Bool {
    error.reason == .notFound && error.path.description.hasPrefix("spec.template.spec.")
      && self.volumeClaimTemplates.contains { error.value == .string($0.name) }
  }

  /// What tells pods and claims apart is settled for ever.
  func problems(replacing old: StatefulSetSpec, at path: FieldPath) -> [FieldError] {
    var same = self
    for name in Self.mutable { same.json[name] = old.json[name] }
    return same == old ? [] : [.forbidden(path, Self.rule)]
  }

  private static let mutable = [
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
  ]

  private static let rule = """
    updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', \
    'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden
    """
}
