import ControlLoop
import Deployments
public import Objects
public import Pods
import ReplicaSets
public import StatefulSets

/// Keeps one pod on every node that its pods may use.
///
/// Users write the spec, the ``DaemonSetController`` writes the status, the pods and the set's history, and it is woken
/// by changes of the set, of its pods, and of nodes.
public struct DaemonSet: Resource {
  public static let schemaName = "apps.v1.DaemonSet"
  public static let documentation = "Keeps one pod on every node that its pods may use."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<DaemonSetSpec>(2, "What should run on each node, and how it is replaced.")
    public let status = Part<DaemonSetStatus>(3, "On how many nodes it runs.")
  }
}

public struct DaemonSetSpec: Structure {
  public static let schemaName = "apps.v1.DaemonSetSpec"
  public static let documentation = "What should run on each node, and how it is replaced."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let selector = Field<LabelSelector>(
      1, "Which pods belong to the set. Must match the template's labels. Cannot change.",
      .required, .immutable, .atomicMap)
    public let template = Part<PodTemplateSpec>(
      2, "What the pods are made from; its node selector, affinity and tolerations say for which nodes.",
      .listedAsRequired)
    public let updateStrategy = Part<DaemonSetUpdateStrategy>(3, "How old pods give way to new ones.")
    public let minReadySeconds = Field<Int>(
      4, "How long a pod must be ready, without a container crashing, to count as available.", .atLeast(0))
    public let revisionHistoryLimit = Field<Int>(
      6, "How many old templates are kept to go back to.", .default(10), .atLeast(0))

    public static func applyDefaults(to structure: inout Value) {
      var spec = DaemonSetSpec(json: structure)
      if spec.updateStrategy.lacks("type") { spec.updateStrategy.type = .rollingUpdate }
      if spec.updateStrategy.type == .rollingUpdate {
        let rolling = spec.updateStrategy.rollingUpdate
        spec.updateStrategy.rollingUpdate = RollingUpdateDaemonSet {
          $0.maxUnavailable = rolling?.maxUnavailable ?? .integer(1)
          $0.maxSurge = rolling?.maxSurge ?? .integer(0)
        }
      }
      structure = spec.json
    }

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let spec = DaemonSetSpec(json: structure)
      var errors = TemplateRules.validate(spec.selector, spec.template, of: "daemonset", at: path)
      if spec.template.spec.activeDeadlineSeconds != nil {
        errors.append(
          .forbidden(
            path["template"]["spec"]["activeDeadlineSeconds"], "activeDeadlineSeconds in DaemonSet is not Supported"))
      }
      return errors + spec.updateStrategy.validate(at: path["updateStrategy"])
    }
  }
}

public struct DaemonSetUpdateStrategy: Structure {
  public static let schemaName = "apps.v1.DaemonSetUpdateStrategy"
  public static let documentation = "How old pods give way to new ones."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<DaemonSetStrategyType>(1, "RollingUpdate (the default) or OnDelete.")
    public let rollingUpdate = Field<RollingUpdateDaemonSet>(2, "The bounds of a rolling update.")
  }

  func validate(at path: FieldPath) -> [FieldError] {
    guard self.type == .rollingUpdate, let rolling = self.rollingUpdate else { return [] }
    let path = path["rollingUpdate"]
    let (unavailable, surge) = (rolling.maxUnavailable ?? .integer(0), rolling.maxSurge ?? .integer(0))
    var errors = DeploymentStrategy.check(unavailable, at: path["maxUnavailable"], atMost: 100)
    errors += DeploymentStrategy.check(surge, at: path["maxSurge"], atMost: 100)
    switch (unavailable.isZero, surge.isZero) {
    case (true, true): errors.append(.required(path["maxUnavailable"], "cannot be 0 when maxSurge is 0"))
    case (false, false):
      errors.append(.invalid(path["maxSurge"], surge.asValue, "may not be set when maxUnavailable is non-zero"))
    default: break
    }
    return errors
  }
}

public enum DaemonSetStrategyType: String, Enumeration {
  /// The set replaces old pods by itself, within bounds.
  case rollingUpdate = "RollingUpdate"
  /// An old pod stays until somebody deletes it.
  case onDelete = "OnDelete"
}

public struct RollingUpdateDaemonSet: Structure {
  public static let schemaName = "apps.v1.RollingUpdateDaemonSet"
  public static let documentation = "The bounds of a rolling update, as numbers or as percentages of the set's nodes."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let maxUnavailable = Field<IntOrString>(
      1, "On how many nodes the pod may be missing; percentages are rounded up. 0 with a surge.")
    public let maxSurge = Field<IntOrString>(
      2, "On how many nodes a new pod may stand beside the old one; percentages are rounded up.")
  }
}

public struct DaemonSetStatus: Structure {
  public static let schemaName = "apps.v1.DaemonSetStatus"
  public static let documentation = "On how many nodes the set's pods run."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let currentNumberScheduled = Field<Int>(
      1, "How many of the nodes that should have a pod have one.", .listedAsRequired)
    public let numberMisscheduled = Field<Int>(2, "How many nodes have a pod and should not.", .listedAsRequired)
    public let desiredNumberScheduled = Field<Int>(3, "How many nodes should have a pod.", .listedAsRequired)
    public let numberReady = Field<Int>(4, "On how many of them it is ready.", .listedAsRequired)
    public let observedGeneration = Field<Int64>(5, "The generation of the set that this status is about.")
    public let updatedNumberScheduled = Field<Int>(6, "On how many of them it is made from the current template.")
    public let numberAvailable = Field<Int>(7, "On how many of them it has been ready for minReadySeconds.")
    public let numberUnavailable = Field<Int>(8, "How many of them have no such pod.")
    public let collisionCount = Field<Int>(9, "How many names of revisions were taken; part of the next name.")
    public let conditions = List<DaemonSetCondition>(
      10, "Nothing: no controller writes one.", .keyed(by: ["type"]), .merge(by: "type"))
  }
}

public struct DaemonSetCondition: Structure {
  public static let schemaName = "apps.v1.DaemonSetCondition"
  public static let documentation = "One aspect of the set's state."
  public var json: Value
  public init(json: Value) { self.json = json }

  public typealias Fields = StatefulSetCondition.Fields
}
