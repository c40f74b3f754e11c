public import Objects

// Pods as the API serves them, and what controllers ask of a pod again and again.

extension Pod {
  public static let kind = Kind(Pod.self, name: "Pod", resource: "pods", shortNames: ["po"], categories: ["all"]).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.subresources = [
      Subresource("binding", verbs: ["create"], body: Binding.kind, change: Pod.bind),
      Subresource("log", verbs: ["get"]),
    ]
    $0.prepareForCreate = { value in
      var pod = Pod(json: value)
      pod.status = PodStatus { $0.phase = .pending }
      pod.status.qosClass = QOSClass(of: pod.spec)
      value = pod.json
    }
    $0.validate = { new, old in
      old.map { PodUpdate(from: Pod(json: $0).spec, to: Pod(json: new).spec).problems(at: FieldPath("spec")) } ?? []
    }
    $0.gracePeriod = { Pod(json: $0).gracePeriod }
    $0.columns = PodTable.columns
    $0.selectableFields =
      [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "status.phase", "status.podIP",
        "status.nominatedNodeName",
      ].map { SelectableField($0) }
      + [SelectableField("spec.hostNetwork") { String(Pod(json: $0).spec.hostNetwork ?? false) }]
  }

  /// Whether the pod has ended for good.
  public var isFinished: Bool { self.status.phase?.isTerminal ?? false }

  /// Whether the pod counts among those that run or will run.
  public var isActive: Bool { !isFinished && !isBeingDeleted }

  public var isReady: Bool { self.status.conditions.isTrue("Ready") }

  /// Since when the pod has been ready; nil while it is not.
  public var readySince: Time? { isReady ? self.status.conditions["Ready"]?.lastTransitionTime : nil }

  /// How often its containers were started again, added up.
  public var restartCount: Int { self.status.containerStatuses.reduce(0) { $0 + ($1.restartCount ?? 0) } }

  // A pod that no agent looks after goes at once.
  private var gracePeriod: Int64? {
    guard !(self.spec.nodeName ?? "").isEmpty, !isFinished else { return nil }
    let seconds = self.spec.terminationGracePeriodSeconds ?? 30
    return seconds < 0 ? 1 : seconds
  }
}

extension QOSClass {
  /// Guaranteed when every container may use as much cpu and memory as is set aside for it, BestEffort when nothing is
  /// set aside or limited, Burstable between the two.
  init(of spec: PodSpec) {
    let all = (spec.initContainers + spec.containers).map(\.withRequestsFromLimits.resources)
    let counted = ["cpu", "memory"]
    if all.allSatisfy({ needs in counted.allSatisfy { needs.requests[$0] == nil } }) {
      self = .bestEffort
    } else {
      let isExact = all.allSatisfy { needs in
        counted.allSatisfy { needs.limits[$0] != nil && needs.limits[$0] == needs.requests[$0] }
      }
      self = isExact ? .guaranteed : .burstable
    }
  }
}

// MARK: Binding

extension Binding {
  public static let kind = Kind(Binding.self, name: "Binding", resource: "bindings").with { $0.verbs = ["create"] }

  /// Assigns `pod` to the node of this name.
  public init(_ pod: Pod, to node: String) {
    self.init(name: pod.name, namespace: pod.namespace)
    metadata.uid = pod.uid
    self.target = ObjectReference {
      $0.kind = "Node"
      $0.name = node
    }
  }
}

extension Pod {
  // A pod is bound once: a second binding, or one for an earlier pod of the same name, is refused.
  @Sendable private static func bind(_ value: inout Value, _ body: Value, at now: Time) -> String? {
    var pod = Pod(json: value)
    let binding = Binding(json: body)
    if let uid = binding.metadata.uid, !uid.isEmpty, uid != pod.uid {
      return "Precondition failed: UID in precondition: \(uid), UID in object meta: \(pod.uid)"
    }
    if let node = pod.spec.nodeName, !node.isEmpty {
      return "pod \(pod.name) is already assigned to node \"\(node)\""
    }
    if pod.isBeingDeleted { return "pod \(pod.name) is being deleted, cannot be assigned to a host" }
    guard let node = binding.target.name, !node.isEmpty else { return "target.name: Required value" }
    pod.spec.nodeName = node
    pod.status.conditions.set("PodScheduled", "True", at: now)
    value = pod.json
    return nil
  }
}
