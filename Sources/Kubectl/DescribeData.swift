// ConfigMaps, Secrets and what storage is made of, as `kubectl describe` shows them.

import Foundation
import Objects

extension Description {
  mutating func configMap(_ object: Value) {
    heading(object)
    line(0, "")
    line(0, "Data")
    line(0, "====")
    for (name, value) in sorted(object["data"]) {
      line(0, "\(name):")
      line(0, "----")
      for text in value.plainText.split(separator: "\n", omittingEmptySubsequences: false) { line(0, String(text)) }
      line(0, "")
    }
    line(0, "")
    line(0, "BinaryData")
    line(0, "====")
    for (name, value) in sorted(object["binaryData"]) { line(0, "\(name): \(bytes(of: value)) bytes") }
    line(0, "")
  }

  /// Sizes only: what is in a secret is nobody's business.
  mutating func secret(_ object: Value) {
    heading(object)
    line(0, "")
    line(0, "Type:", object["type"].text)
    line(0, "")
    line(0, "Data")
    line(0, "====")
    for (name, value) in sorted(object["data"]) { line(0, "\(name):", "\(bytes(of: value)) bytes") }
  }

  mutating func persistentVolume(_ object: Value) {
    let spec = object["spec"] ?? .emptyObject
    line(0, "Name:", object["metadata"]?["name"].text ?? "")
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Finalizers:", finalizers(object))
    line(0, "StorageClass:", spec["storageClassName"].text)
    line(0, "Status:", phase(object))
    let claim = spec["claimRef"].map { "\($0["namespace"].text)/\($0["name"].text)" }
    line(0, "Claim:", claim ?? "")
    line(0, "Reclaim Policy:", spec["persistentVolumeReclaimPolicy"].text)
    line(0, "Access Modes:", accessModes(spec["accessModes"]))
    line(0, "VolumeMode:", spec["volumeMode"]?.string ?? "Filesystem")
    line(0, "Capacity:", spec["capacity"]?["storage"]?.plainText ?? "0")
    line(0, "Node Affinity:", spec["nodeAffinity"] == nil ? "<none>" : "")
    for (index, term) in (spec["nodeAffinity"]?["required"]?["nodeSelectorTerms"]?.array ?? []).enumerated() {
      if index == 0 { line(1, "Required Terms:") }
      let rules = (term["matchExpressions"]?.array ?? []).map { rule in
        "\(rule["key"].text) \(rule["operator"].text.lowercased()) [\(rule["values"].strings.joined(separator: ", "))]"
      }
      line(2, "Term \(index):", rules.joined(separator: " and "))
    }
    line(0, "Message:", object["status"]?["message"].text ?? "")
    line(0, "Source:")
    let known = [
      "hostPath": "HostPath (bare host directory volume)",
      "local": "LocalVolume (a persistent volume backed by local storage on a node)",
    ]
    for (name, source) in spec.members ?? Members() where source["path"] != nil {
      line(1, "Type:", known[name] ?? name)
      line(1, "Path:", source["path"].text)
      if name == "hostPath" { line(1, "HostPathType:", source["type"].text) }
    }
  }

  /// - Parameter users: The pods that use the claim.
  mutating func persistentVolumeClaim(_ object: Value, users: [String]) {
    let spec = object["spec"] ?? .emptyObject
    metadata(object)
    line(0, "StorageClass:", spec["storageClassName"].text)
    line(0, "Status:", phase(object))
    line(0, "Volume:", spec["volumeName"].text)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Finalizers:", finalizers(object))
    line(0, "Capacity:", object["status"]?["capacity"]?["storage"]?.plainText ?? "")
    line(0, "Access Modes:", accessModes(object["status"]?["accessModes"]))
    line(0, "VolumeMode:", spec["volumeMode"]?.string ?? "Filesystem")
    line(0, "Used By:", users.first ?? "<none>")
    for user in users.dropFirst() { line(0, "", user) }
    conditions(
      object,
      [
        ("Type", "type"), ("Status", "status"), ("LastProbeTime", "lastProbeTime"),
        ("LastTransitionTime", "lastTransitionTime"), ("Reason", "reason"), ("Message", "message"),
      ])
  }

  mutating func storageClass(_ object: Value) {
    line(0, "Name:", object["metadata"]?["name"].text ?? "")
    let isDefault = object["metadata"]?["annotations"]?["storageclass.kubernetes.io/is-default-class"] == "true"
    line(0, "IsDefaultClass:", isDefault ? "Yes" : "No")
    annotations(object)
    line(0, "Provisioner:", object["provisioner"].text)
    line(0, "Parameters:", joinedPairs(object["parameters"]))
    line(0, "AllowVolumeExpansion:", object["allowVolumeExpansion"].map { $0 == true ? "True" : "False" } ?? "<unset>")
    let options = object["mountOptions"].strings
    if options.isEmpty { line(0, "MountOptions:", "<none>") } else { line(0, "MountOptions:") }
    for option in options { line(1, option) }
    line(0, "ReclaimPolicy:", object["reclaimPolicy"]?.string ?? "<unset>")
    line(0, "VolumeBindingMode:", object["volumeBindingMode"]?.string ?? "<unset>")
  }

  private mutating func heading(_ object: Value) {
    metadata(object)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
  }

  private func sorted(_ map: Value?) -> [(name: String, value: Value)] {
    (map?.members ?? Members()).sorted { $0.name < $1.name }.map { ($0.name, $0.value) }
  }

  private func bytes(of value: Value) -> Int { Data(base64Encoded: value.plainText)?.count ?? 0 }

  private func phase(_ object: Value) -> String {
    guard let deleted = object["metadata"]?["deletionTimestamp"]?.string else {
      return object["status"]?["phase"].text ?? ""
    }
    return "Terminating (since \(deleted))"
  }

  private func finalizers(_ object: Value) -> String {
    "[\((object["metadata"]?["finalizers"]).strings.joined(separator: " "))]"
  }

  private func accessModes(_ modes: Value?) -> String {
    let short = ["ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"]
    return modes.strings.map { short[$0] ?? $0 }.joined(separator: ",")
  }
}
