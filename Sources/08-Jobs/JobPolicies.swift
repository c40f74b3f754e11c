public import Objects

// What a job may say about failure and success beyond numbers.

/// What a failed pod means: the first rule that matches decides. None: it counts.
public struct PodFailurePolicy: Structure {
  public static let schemaName = "batch.v1.PodFailurePolicy"
  public static let documentation = "What a failed pod means for its job."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let rules = List<PodFailurePolicyRule>(1, "The first that matches decides.", .listedAsRequired, .atomic)
  }
}

public struct PodFailurePolicyRule: Structure {
  public static let schemaName = "batch.v1.PodFailurePolicyRule"
  public static let documentation = "What some failed pods mean for their job."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let action = Field<PodFailureAction>(1, "FailJob, FailIndex, Ignore or Count.", .listedAsRequired)
    public let onExitCodes = Field<PodFailurePolicyOnExitCodesRequirement>(2, "Matches by a container's exit code.")
    public let onPodConditions = List<PodFailurePolicyOnPodConditionsPattern>(
      3, "Matches by a condition of the pod.", .atomic)
  }
}

public enum PodFailureAction: String, Enumeration {
  /// Counts towards the back-off limit, as without a policy.
  case count = "Count"
  /// The pod's index has failed for good.
  case failIndex = "FailIndex"
  /// The job has failed, and its pods are stopped.
  case failJob = "FailJob"
  /// Is replaced and not counted.
  case ignore = "Ignore"
}

public struct PodFailurePolicyOnExitCodesRequirement: Structure {
  public static let schemaName = "batch.v1.PodFailurePolicyOnExitCodesRequirement"
  public static let documentation = "Exit codes of a container."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let containerName = Field<String>(1, "Which container; any when it is not named.")
    public let `operator` = Field<ExitCodeOperator>(2, "In or NotIn. Code 0 never matches.", .listedAsRequired)
    public let values = List<Int>(3, "Exit codes, in order.", .listedAsRequired, .set)
  }
}

public enum ExitCodeOperator: String, Enumeration {
  case `in` = "In"
  case notIn = "NotIn"
}

public struct PodFailurePolicyOnPodConditionsPattern: Structure {
  public static let schemaName = "batch.v1.PodFailurePolicyOnPodConditionsPattern"
  public static let documentation = "A condition of a pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "The condition's type.", .listedAsRequired)
    public let status = Field<String>(2, "Its status: True, unless it says False or Unknown.", .default("True"))
  }
}

/// Which indexes are enough for success: one rule that is met is.
public struct SuccessPolicy: Structure {
  public static let schemaName = "batch.v1.SuccessPolicy"
  public static let documentation = "Which indexes are enough for a job's success."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let rules = List<SuccessPolicyRule>(1, "One that is met is enough.", .listedAsRequired, .atomic)
  }
}

public struct SuccessPolicyRule: Structure {
  public static let schemaName = "batch.v1.SuccessPolicyRule"
  public static let documentation = "Indexes that are enough for a job's success."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let succeededIndexes = Field<String>(1, "Which indexes: 0,2-4. All, when it does not say.")
    public let succeededCount = Field<Int>(2, "How many of them; all, when it does not say.", .atLeast(0))
  }
}
