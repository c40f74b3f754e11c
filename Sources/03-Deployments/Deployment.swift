import ControlLoop
public import Objects
public import Pods
import ReplicaSets

/// Rolls a template out to its pods, step by step, and back.
///
/// Users write the spec, the ``DeploymentController`` writes the status and the replica sets, and it is woken by changes
/// of the deployment, of its sets and of their pods. It never touches a pod.
public struct Deployment: Resource {
  public static let schemaName = "apps.v1.Deployment"
  public static let documentation = "Rolls out changes of a pod template over replica sets."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<DeploymentSpec>(2, "What should run, and how changes are rolled out.")
    public let status = Part<DeploymentStatus>(3, "How far the roll-out is.")
  }
}

public struct DeploymentSpec: Structure {
  public static let schemaName = "apps.v1.DeploymentSpec"
  public static let documentation = "What should run, and how changes are rolled out."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let replicas = Field<Int>(1, "How many pods there should be.", .default(1), .atLeast(0))
    public let selector = Field<LabelSelector>(
      2, "Which pods belong to the deployment. Must match the template's labels. Cannot change.",
      .required, .immutable, .atomicMap)
    public let template = Part<PodTemplateSpec>(
      3, "What the pods are made from. A change starts a roll-out.", .listedAsRequired)
    public let strategy = Part<DeploymentStrategy>(4, "How old pods give way to new ones.", .retainKeys)
    public let minReadySeconds = Field<Int>(
      5, "How long a pod must be ready, without a container crashing, to count as available.", .atLeast(0))
    public let revisionHistoryLimit = Field<Int>(
      6, "How many old replica sets are kept to go back to.", .default(10), .atLeast(0))
    public let paused = Field<Bool>(7, "Whether changes of the template wait.")
    public let progressDeadlineSeconds = Field<Int>(
      9, "After how long without progress a roll-out counts as failed.", .default(600), .atLeast(0))

    public static func applyDefaults(to structure: inout Value) {
      var spec = DeploymentSpec(json: structure)
      if spec.strategy.lacks("type") { spec.strategy.type = .rollingUpdate }
      if spec.strategy.type == .rollingUpdate {
        let rolling = spec.strategy.rollingUpdate
        spec.strategy.rollingUpdate = RollingUpdateDeployment {
          $0.maxUnavailable = rolling?.maxUnavailable ?? .string("25%")
          $0.maxSurge = rolling?.maxSurge ?? .string("25%")
        }
      }
      structure = spec.json
    }

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let spec = DeploymentSpec(json: structure)
      var errors = TemplateRules.validate(spec.selector, spec.template, at: path)
      errors += spec.strategy.validate(at: path["strategy"])
      if let deadline = spec.progressDeadlineSeconds, deadline <= spec.minReadySeconds ?? 0 {
        errors.append(
          .invalid(path["progressDeadlineSeconds"], .integer(Int64(deadline)), "must be greater than minReadySeconds"))
      }
      return errors
    }
  }
}

public struct DeploymentStrategy: Structure {
  public static let schemaName = "apps.v1.DeploymentStrategy"
  public static let documentation = "How old pods give way to new ones."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<DeploymentStrategyType>(1, "RollingUpdate (the default) or Recreate.")
    public let rollingUpdate = Field<RollingUpdateDeployment>(2, "The bounds of a rolling update.")
  }

  func validate(at path: FieldPath) -> [FieldError] {
    switch (self.type, self.rollingUpdate) {
    case (.recreate, .some):
      return [.forbidden(path["rollingUpdate"], "may not be specified when strategy `type` is 'Recreate'")]
    case (.rollingUpdate, let rolling?):
      let path = path["rollingUpdate"]
      var errors = Self.check(rolling.maxUnavailable, at: path["maxUnavailable"], atMost: 100)
      errors += Self.check(rolling.maxSurge, at: path["maxSurge"], atMost: nil)
      if let unavailable = rolling.maxUnavailable, unavailable.isZero, rolling.maxSurge?.isZero == true {
        errors.append(
          .invalid(path["maxUnavailable"], unavailable.asValue, "may not be 0 when `maxSurge` is 0"))
      }
      return errors
    default: return []
    }
  }

  /// What is wrong with a number of pods, or a percentage of them, that may be missing or too many.
  public static func check(_ bound: IntOrString?, at path: FieldPath, atMost limit: Int?) -> [FieldError] {
    switch bound {
    case .integer(let number) where number < 0:
      return [.invalid(path, .integer(Int64(number)), "must be greater than or equal to 0")]
    case .string(let text):
      guard let percent = bound?.percentage else {
        return [
          .invalid(
            path, .string(text),
            "a valid percent string must be a numeric string followed by an ending '%' "
              + "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")
        ]
      }
      return percent > limit ?? .max ? [.invalid(path, .string(text), "must not be greater than 100%")] : []
    default: return []
    }
  }
}

public enum DeploymentStrategyType: String, Enumeration {
  /// Old and new pods side by side, within bounds.
  case rollingUpdate = "RollingUpdate"
  /// All old pods end before the first new one begins.
  case recreate = "Recreate"
}

public struct RollingUpdateDeployment: Structure {
  public static let schemaName = "apps.v1.RollingUpdateDeployment"
  public static let documentation = "The bounds of a rolling update, as numbers or as percentages of replicas."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let maxUnavailable = Field<IntOrString>(1, "How many pods may be missing; percentages are rounded down.")
    public let maxSurge = Field<IntOrString>(2, "How many pods may be too many; percentages are rounded up.")
  }
}

public struct DeploymentStatus: Structure {
  public static let schemaName = "apps.v1.DeploymentStatus"
  public static let documentation = "How far the roll-out is."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let observedGeneration = Field<Int64>(1, "The generation of the deployment that this status is about.")
    public let replicas = Field<Int>(2, "Pods of all sets that have not ended.")
    public let updatedReplicas = Field<Int>(3, "Those among them made from the current template.")
    public let readyReplicas = Field<Int>(7, "Those among them that are ready.")
    public let availableReplicas = Field<Int>(4, "Those among them that have been ready for minReadySeconds.")
    public let unavailableReplicas = Field<Int>(5, "How many available pods are missing.")
    public let terminatingReplicas = Field<Int>(9, "Pods that are being deleted.")
    public let conditions = List<DeploymentCondition>(
      6, "Whether the deployment is available and makes progress.", .keyed(by: ["type"]), .merge(by: "type"))
    public let collisionCount = Field<Int>(8, "How many names of replica sets were taken; part of the next name.")
  }
}

public struct DeploymentCondition: Structure {
  public static let schemaName = "apps.v1.DeploymentCondition"
  public static let documentation = "One aspect of the deployment's state."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "Available, Progressing or ReplicaFailure.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastUpdateTime = Field<Time>(6, "When the condition was last renewed.")
    public let lastTransitionTime = Field<Time>(7, "When the status last changed.")
    public let reason = Field<String>(4, "One word for programs: why.")
    public let message = Field<String>(5, "A sentence for people: why.")
  }
}
