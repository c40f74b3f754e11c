import Configuration
import ControlLoop
import Objects
public import Pods
import ReplicaSets
import Services
public import Volumes

// Who a pod of a set is: a number, and all that follows from it. The number says the pod's name, the name its host name
// and its place in DNS, and the names of the claims that are its alone. A successor gets the same, and so becomes the
// same to everybody who asks by name.

/// Labels of a set's pods.
public enum PodLabels {
  public static let name = "statefulset.kubernetes.io/pod-name"
  public static let index = "apps.kubernetes.io/pod-index"
  /// The name of the revision that the pod is made from.
  public static let revision = "controller-revision-hash"
}

extension StatefulSet {
  public func podName(_ ordinal: Int) -> String { "\(name)-\(ordinal)" }

  /// The number of a pod, by its name; nil when the pod is not called as a pod of this set would be.
  public func ordinal(of pod: Pod) -> Int? {
    guard pod.name.hasPrefix(name + "-"), let ordinal = Int(pod.name.dropFirst(name.count + 1)), ordinal >= 0,
      podName(ordinal) == pod.name
    else { return nil }
    return ordinal
  }

  /// The pod with this number, made from a revision.
  func makePod(_ ordinal: Int, from revision: ControllerRevision) -> Pod {
    var noNames = SeededGenerator(seed: 0)
    var pod = Pod(from: revision.template, for: self, names: &noNames)
    pod.metadata.name = podName(ordinal)
    pod.metadata.labels[PodLabels.revision] = revision.name
    pod.spec.hostname = pod.name
    pod.spec.subdomain = (self.spec.serviceName ?? "").isEmpty ? nil : self.spec.serviceName
    let claims = claims(ordinal)
    let others = pod.spec.volumes.filter { volume in !claims.contains { $0.volume == volume.name } }
    pod.spec.volumes = claims.map { Volume($0.volume, claim: $0.claim.name) } + others
    return labelled(pod, ordinal)
  }

  /// The pod with the labels of its number; the same pod when it has them.
  func labelled(_ pod: Pod, _ ordinal: Int) -> Pod {
    var pod = pod
    pod.metadata.labels[PodLabels.name] = podName(ordinal)
    pod.metadata.labels[PodLabels.index] = String(ordinal)
    return pod
  }

  /// Whether the pod with this number has its own claims as volumes. One that has been taken in may not, and a pod's
  /// volumes cannot be changed.
  func hasClaims(_ pod: Pod, _ ordinal: Int) -> Bool {
    claims(ordinal).allSatisfy { volume, claim in
      pod.spec.volumes.contains { $0.name == volume && $0.persistentVolumeClaim?.claimName == claim.name }
    }
  }
}

extension Volume {
  fileprivate init(_ name: String, claim: String) {
    self.init {
      $0.name = name
      $0.persistentVolumeClaim = PersistentVolumeClaimVolumeSource { $0.claimName = claim }
    }
  }
}

// MARK: Claims

extension StatefulSet {
  /// "data-web-0": the claim of a template for the pod with this number.
  public func claimName(_ template: PersistentVolumeClaim, _ ordinal: Int) -> String {
    "\(template.name)-\(podName(ordinal))"
  }

  /// The claims of the pod with this number as they are made, each with the volume that it is for.
  func claims(_ ordinal: Int) -> [(volume: String, claim: PersistentVolumeClaim)] {
    self.spec.volumeClaimTemplates.map { template in
      var claim = template
      claim.metadata.name = claimName(template, ordinal)
      claim.metadata.namespace = namespace
      claim.metadata.labels.merge(self.spec.selector?.matchLabels ?? [:])
      return (template.name, claim)
    }
  }

  /// Whether a claim is one of a pod that the set has, had or may have.
  func mayOwn(_ claim: PersistentVolumeClaim) -> Bool {
    self.spec.volumeClaimTemplates.contains { claim.name.hasPrefix("\($0.name)-\(name)-") }
  }
}
