import Configuration
public import ControlLoop
public import Objects
import Pods
public import Store

/// A pod's use of a claim: by name, or of one that is made for it.
struct PodClaim: Sendable, Hashable {
  var volume: String
  var key: Key
  /// Made for the pod from a template.
  var isEphemeral = false
  var isReadOnly = false
}

extension Pod {
  var claims: [PodClaim] {
    self.spec.volumes.compactMap { volume in
      let name = volume.name ?? ""
      if let source = volume.persistentVolumeClaim {
        let key = PersistentVolumeClaim.key(source.claimName ?? "", in: namespace)
        return PodClaim(volume: name, key: key, isReadOnly: source.readOnly ?? false)
      }
      guard volume.ephemeral != nil else { return nil }
      let key = PersistentVolumeClaim.key("\(self.name)-\(name)", in: namespace)
      return PodClaim(volume: name, key: key, isEphemeral: true)
    }
  }
}

extension PersistentVolumeClaim {
  /// What is wrong when a pod takes a claim for its own that somebody else has made; nil when it is its own.
  func ownershipProblem(for pod: Pod) -> String? {
    guard controller?.uid != pod.uid else { return nil }
    return "PVC \(longName) was not created for pod \(pod.namespace)/\(pod.name) (pod is not owner)"
  }
}

extension View {
  /// The pods that use a claim, or would if it were theirs.
  func candidates(for claim: PersistentVolumeClaim) -> [Pod] {
    all(Pod.self, where: Index.claims.name, is: claim.longName)
  }

  /// The pods that use a claim.
  func users(of claim: PersistentVolumeClaim) -> [Pod] {
    candidates(for: claim).filter { pod in
      claim.controller?.uid == pod.uid || pod.claims.contains { $0.key == claim.key && !$0.isEphemeral }
    }
  }
}

extension Index {
  /// Every pod under the claims that it uses.
  static let claims = Index(name: "claims", resource: Pod.kind.groupResource) {
    Pod(json: $0).claims.map { "\($0.key.namespace)/\($0.key.name)" }
  }
}

/// Makes the claims that pods bring with them. They belong to their pod: the garbage collector takes them with it.
public struct EphemeralVolumeController: Controller {
  public let name = "ephemeral_volume"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Pod.self) { pod, _ in pod.claims.contains(where: \.isEphemeral) ? [pod.key] : [] },
      .on(PersistentVolumeClaim.self) { claim, view in view.candidates(for: claim).map(\.key) },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let pod = view[Pod.self, key], pod.isActive else { return .nothing }
    var plan = Plan()
    for use in pod.claims where use.isEphemeral {
      if let claim = view[PersistentVolumeClaim.self, use.key] {
        guard let problem = claim.ownershipProblem(for: pod) else { continue }
        plan.record(.warning, "FailedBinding", "ephemeral volume \(use.volume): \(problem)", about: pod)
      } else if let template = pod.spec.volumes.first(where: { $0.name == use.volume })?.ephemeral?.volumeClaimTemplate
      {
        plan.create(PersistentVolumeClaim(from: template, for: pod, named: use.key.name))
      }
    }
    return plan
  }
}

extension PersistentVolumeClaim {
  fileprivate init(from template: PersistentVolumeClaimTemplate, for pod: Pod, named name: String) {
    self.init(name: name, namespace: pod.namespace) {
      $0.metadata.labels = template.metadata.labels
      $0.metadata.annotations = template.metadata.annotations
      $0.metadata.ownerReferences = [OwnerReference(controller: pod)]
      $0.spec = template.spec
    }
  }
}
