public import ControlLoop
public import Objects
import Pods

/// A polite deletion of a pod: whoever asks for it leaves room for an answer of no. `kubectl drain` asks so, and
/// chapter 13 will have budgets that answer.
public struct Eviction: Resource {
  public static let schemaName = "policy.v1.Eviction"
  public static let documentation = "Asks a pod to leave its node."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let deleteOptions = Part<DeletionOptions>(2, "How the pod is deleted then.")
  }

  public static let kind = Kind(
    Eviction.self, group: "policy", name: "Eviction", resource: "evictions"
  ).with { $0.verbs = ["create"] }
}

extension Kind {
  /// Pods can be evicted: the object is deleted, and keeps why for as long as it is there.
  @Sendable static func letPodsBeEvicted(_ kind: inout Kind) {
    kind.subresources.append(
      Subresource("eviction", verbs: ["create"], body: Eviction.kind, deletes: true) { value, _, now in
        var pod = Pod(json: value)
        if !pod.isFinished { pod.disrupt(.evicted, at: now) }
        value = pod.json
        return nil
      })
  }
}

/// Why a pod has to go although nothing is wrong with it: the reason of its condition DisruptionTarget, which Jobs and
/// people read.
enum Disruption: String, CaseIterable {
  case evicted = "EvictionByEvictionAPI"
  case tainted = "DeletionByTaintManager"
  case preempted = "PreemptionByScheduler"

  fileprivate var message: String {
    switch self {
    case .evicted: "Eviction API: evicting"
    case .tainted: "Taint manager: deleting due to NoExecute taint"
    case .preempted: "default-scheduler: preempting to accommodate a higher priority pod"
    }
  }
}

extension Pod {
  /// The first reason stays: a pod is driven away once.
  mutating func disrupt(_ disruption: Disruption, at now: Time) {
    guard self.disruption == nil else { return }
    self.status.conditions.set(
      "DisruptionTarget", "True", reason: disruption.rawValue, message: disruption.message, at: now)
  }

  var disruption: Disruption? {
    self.status.conditions["DisruptionTarget"].flatMap { condition in
      condition.status == "True" ? condition.reason.flatMap(Disruption.init(rawValue:)) : nil
    }
  }
}
