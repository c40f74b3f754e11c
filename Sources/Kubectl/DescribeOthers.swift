// The other kinds that `kubectl describe` has a layout for, and one for all the rest.

import Objects

extension Description {
  mutating func deployment(_ object: Value, oldSets: [Value], newSet: Value?) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object)
    line(0, "CreationTimestamp:", object["metadata"]?["creationTimestamp"].longTime ?? "")
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Selector:", selectorText(spec["selector"]))
    func count(_ field: String) -> String { status[field]?.plainText ?? "0" }
    line(
      0, "Replicas:",
      "\(spec["replicas"]?.plainText ?? "0") desired | \(count("updatedReplicas")) updated | "
        + "\(count("replicas")) total | \(count("availableReplicas")) available | \(count("unavailableReplicas")) unavailable"
    )
    line(0, "StrategyType:", spec["strategy"]?["type"].text ?? "")
    line(0, "MinReadySeconds:", spec["minReadySeconds"]?.plainText ?? "0")
    if let rolling = spec["strategy"]?["rollingUpdate"] {
      line(
        0, "RollingUpdateStrategy:",
        "\(rolling["maxUnavailable"]?.plainText ?? "25%") max unavailable, \(rolling["maxSurge"]?.plainText ?? "25%") max surge"
      )
    }
    podTemplate(spec["template"] ?? .emptyObject)
    conditions(object, [("Type", "type"), ("Status", "status"), ("Reason", "reason")])
    line(0, "OldReplicaSets:", setsText(oldSets))
    line(0, "NewReplicaSet:", setsText(newSet.map { [$0] } ?? []))
  }

  private func setsText(_ sets: [Value]) -> String {
    guard !sets.isEmpty else { return "<none>" }
    return sets.map { set in
      let wanted = set["spec"]?["replicas"]?.plainText ?? "0"
      return
        "\(set["metadata"]?["name"].text ?? "") (\(set["status"]?["replicas"]?.plainText ?? "0")/\(wanted) replicas created)"
    }.joined(separator: ", ")
  }

  mutating func replicaSet(_ object: Value, pods: [Value]) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object)
    line(0, "Selector:", selectorText(spec["selector"]))
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    controller(object)
    line(
      0, "Replicas:", "\(status["replicas"]?.plainText ?? "0") current / \(spec["replicas"]?.plainText ?? "0") desired")
    line(0, "Pods Status:", phases(of: pods))
    podTemplate(spec["template"] ?? .emptyObject)
    conditions(object, [("Type", "type"), ("Status", "status"), ("Reason", "reason")])
  }

  func phases(of pods: [Value]) -> String {
    func count(_ phase: String) -> Int { pods.filter { $0["status"]?["phase"]?.string == phase }.count }
    return "\(count("Running")) Running / \(count("Pending")) Waiting / \(count("Succeeded")) Succeeded / "
      + "\(count("Failed")) Failed"
  }

  func selectorText(_ selector: Value?) -> String {
    guard let selector else { return "<unset>" }
    let labels = joinedPairs(selector["matchLabels"])
    let expressions = (selector["matchExpressions"]?.array ?? []).map { rule in
      let (key, values) = (rule["key"].text, rule["values"].strings.joined(separator: ","))
      return switch rule["operator"].text {
      case "Exists": key
      case "DoesNotExist": "!\(key)"
      case "NotIn": "\(key) notin (\(values))"
      default: "\(key) in (\(values))"
      }
    }
    return ((labels == "<none>" ? [] : [labels]) + expressions).joined(separator: ",")
  }

  /// - Parameter hasLimits: Whether the server knows quotas and limits at all.
  mutating func namespace(_ object: Value, hasLimits: Bool) {
    metadata(object, isNamespaced: false)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Status:", object["status"]?["phase"].text ?? "")
    conditions(
      object,
      [("Type", "type"), ("LastTransitionTime", "lastTransitionTime"), ("Reason", "reason"), ("Message", "message")])
    guard hasLimits else { return }
    line(0, "")
    line(0, "No resource quota.")
    line(0, "")
    line(0, "No LimitRange resource.")
  }

  /// Any object: its metadata, then everything else with spaced-out names.
  mutating func generic(_ object: Value) {
    metadata(object)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    var rest = object
    for field in ["name", "namespace", "labels", "annotations", "managedFields"] { rest["metadata"]?[field] = nil }
    nested(rest.members ?? Members(), level: 0)
  }

  private mutating func nested(_ members: Members, level: Int) {
    for (name, value) in members.sorted(by: { $0.name < $1.name }) {
      switch value {
      case .object(let members):
        line(level, "\(name.titled):")
        nested(members, level: level + 1)
      case .array(let elements):
        line(level, "\(name.titled):")
        for element in elements {
          if let members = element.members {
            nested(members, level: level + 1)
          } else {
            line(level + 1, element.plainText)
          }
        }
      default: line(level, "\(name.titled):", value == .null ? "<nil>" : value.plainText)
      }
    }
  }
}

extension String {
  /// "apiVersion" as "API Version", "clusterIP" as "Cluster IP"; what is not made of letters stays as it is.
  var titled: String {
    guard allSatisfy({ $0.isLetter || $0 == "-" }) else { return self }
    var words: [String] = []
    for letter in self {
      if let last = words.last?.last, last.isUppercase == letter.isUppercase, last.isLetter == letter.isLetter {
        words[words.count - 1].append(letter)
      } else {
        words.append(String(letter))
      }
    }
    // The last capital begins the word behind it.
    for place in words.indices.dropLast()
    where words[place].first?.isUppercase == true && words[place + 1].first?.isLowercase == true {
      words[place + 1] = String(words[place].removeLast()) + words[place + 1]
    }
    return words.filter { !$0.isEmpty }.map { word in
      ["API", "URL", "UID", "OSB", "GUID"].contains(word.uppercased())
        ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }.joined(separator: " ")
  }
}
