import Objects

/// A schema as protobuf sees it.
struct ProtobufMessage: Sendable {
  let structure: String
  /// By their numbers.
  private(set) var fields: [Int: FieldSchema] = [:]
  /// Messages that are no structures of their own in JSON, by their numbers.
  private(set) var inlined: [Int: ProtobufMessage] = [:]
  /// Names of the structures that are the same absent and empty.
  private var parts: Set<String> = []

  private init(of structure: String) { self.structure = structure }

  init(_ schema: StructureSchema) {
    structure = schema.name
    for field in schema.fields where field.number > 0 {
      if let outer = field.inlined {
        inlined[outer, default: ProtobufMessage(of: structure)].fields[field.number] = field
      } else {
        fields[field.number] = field
      }
    }
    for facet in schema.facets { parts.formUnion(facet.parts) }
  }
}

private protocol ReadsAsEmpty {}
extension Part: ReadsAsEmpty {}

extension Facet {
  fileprivate static var parts: [String] {
    Mirror(reflecting: all).children.filter { $0.value is any ReadsAsEmpty }.compactMap(\.label)
  }
}

// MARK: - What was not meant

// Go's structures have fields that cannot be absent, and those are always on the wire, empty or zero. In JSON the
// same clients leave them out. The wire does not tell a zero that was meant from one that was not, so what is known
// of the types has to: `replicas: 0` and `runAsUser: 0` stay, `hostPort: 0` goes.

extension ProtobufMessage {
  /// Whether a field's value on the wire stands for its absence.
  func isUnset(_ value: Value, _ field: FieldSchema) -> Bool {
    if field.isListedAsRequired { return false }
    switch value {
    // A claim without a class is another thing than one that leaves the class to the cluster.
    case .string(""): return !(structure == "core.v1.PersistentVolumeClaimSpec" && field.name == "storageClassName")
    case .integer(0), .bool(false), .double(0):
      return field.minimum ?? 0 > 0 || Self.zeros[structure]?.contains(field.name) ?? false
    case .object(let members): return members.isEmpty && parts.contains(field.name)
    default: return false
    }
  }

  /// Numbers and flags for which zero and false say nothing.
  private static let zeros: [String: Set<String>] = [
    "meta.v1.ObjectMeta": ["generation"],
    "meta.v1.Condition": ["observedGeneration"],
    "core.v1.Container": container,
    "core.v1.EphemeralContainer": container,
    "core.v1.ContainerPort": ["hostPort"],
    "core.v1.ContainerStateTerminated": ["signal"],
    "core.v1.VolumeMount": ["readOnly"],
    "core.v1.Probe": [
      "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
    ],
    "core.v1.PodSpec": ["hostNetwork", "hostPID", "hostIPC"],
    "core.v1.PodStatus": ["observedGeneration"],
    "core.v1.PodCondition": ["observedGeneration"],
    "core.v1.PersistentVolumeClaimVolumeSource": ["readOnly"],
    "core.v1.NFSVolumeSource": ["readOnly"],
    "core.v1.CSIPersistentVolumeSource": ["readOnly"],
    "core.v1.NodeSpec": ["unschedulable"],
    "core.v1.ContainerImage": ["sizeBytes"],
    "core.v1.Event": ["count"],
    "core.v1.EventSeries": ["count"],
    "core.v1.ServicePort": ["nodePort", "targetPort"],
    "core.v1.ServiceSpec": ["publishNotReadyAddresses", "healthCheckNodePort"],
    "networking.v1.ServiceBackendPort": ["number"],
    "apps.v1.DeploymentSpec": ["minReadySeconds", "paused"],
    "apps.v1.DeploymentStatus": [
      "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
    ],
    "apps.v1.ReplicaSetSpec": ["minReadySeconds"],
    "apps.v1.ReplicaSetStatus": [
      "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration",
    ],
    "apps.v1.StatefulSetSpec": ["minReadySeconds"],
    "apps.v1.StatefulSetOrdinals": ["start"],
    "apps.v1.StatefulSetStatus": [
      "observedGeneration", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
    ],
    "apps.v1.DaemonSetSpec": ["minReadySeconds"],
    "apps.v1.DaemonSetStatus": [
      "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable",
    ],
    "batch.v1.JobStatus": ["active", "succeeded", "failed"],
    "autoscaling.v2.HorizontalPodAutoscalerStatus": ["currentReplicas"],
    "policy.v1.PodDisruptionBudgetStatus": ["observedGeneration"],
    "scheduling.v1.PriorityClass": ["globalDefault"],
    "authentication.v1.TokenReviewStatus": ["authenticated"],
    "authorization.v1.SubjectAccessReviewStatus": ["denied"],
  ]

  private static let container: Set = ["stdin", "stdinOnce", "tty"]
}
