// Jobs, CronJobs, StatefulSets, DaemonSets and PriorityClasses, as `kubectl describe` shows them.

import Objects

extension Description {
  mutating func job(_ object: Value) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object)
    line(0, "Selector:", selectorText(spec["selector"]))
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    controller(object)
    if let count = spec["parallelism"] { line(0, "Parallelism:", count.plainText) }
    line(0, "Completions:", spec["completions"]?.plainText ?? "<unset>")
    if let mode = spec["completionMode"] { line(0, "Completion Mode:", mode.plainText) }
    if let isSuspended = spec["suspend"] { line(0, "Suspend:", isSuspended.plainText) }
    if let limit = spec["backoffLimit"] { line(0, "Backoff Limit:", limit.plainText) }
    if let seconds = spec["ttlSecondsAfterFinished"] { line(0, "TTL Seconds After Finished:", seconds.plainText) }
    let start = status["startTime"]?.string.flatMap { Time($0) }
    let end = status["completionTime"]?.string.flatMap { Time($0) }
    if let start { line(0, "Start Time:", start.longText) }
    if let end { line(0, "Completed At:", end.longText) }
    if let start, let end { line(0, "Duration:", (end - start).humanReadable) }
    if let seconds = spec["activeDeadlineSeconds"] { line(0, "Active Deadline Seconds:", "\(seconds.plainText)s") }
    func count(_ field: String) -> String { status[field]?.plainText ?? "0" }
    let ready = status["ready"].map { " (\($0.plainText) Ready)" } ?? ""
    line(
      0, "Pods Statuses:",
      "\(count("active")) Active\(ready) / \(count("succeeded")) Succeeded / \(count("failed")) Failed")
    if spec["completionMode"] == "Indexed" { line(0, "Completed Indexes:", shortened(status["completedIndexes"].text)) }
    podTemplate(spec["template"] ?? .emptyObject)
  }

  // Cut at the first comma behind fifty letters.
  private func shortened(_ indexes: String) -> String {
    guard !indexes.isEmpty else { return "<none>" }
    guard let comma = indexes.dropFirst(50).firstIndex(of: ",") else { return indexes }
    return indexes[...comma] + "..."
  }

  mutating func cronJob(_ object: Value) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    let job = spec["jobTemplate"]?["spec"]
    func text(_ value: Value?, _ unit: String = "") -> String { value.map { $0.plainText + unit } ?? "<unset>" }
    metadata(object)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(0, "Schedule:", spec["schedule"].text)
    line(0, "Concurrency Policy:", spec["concurrencyPolicy"].text)
    line(0, "Suspend:", spec["suspend"].map { $0 == true ? "True" : "False" } ?? "<unset>")
    line(0, "Successful Job History Limit:", text(spec["successfulJobsHistoryLimit"]))
    line(0, "Failed Job History Limit:", text(spec["failedJobsHistoryLimit"]))
    line(0, "Starting Deadline Seconds:", text(spec["startingDeadlineSeconds"], "s"))
    line(0, "Selector:", selectorText(job?["selector"]))
    line(0, "Parallelism:", text(job?["parallelism"]))
    line(0, "Completions:", text(job?["completions"]))
    if let seconds = job?["activeDeadlineSeconds"] { line(0, "Active Deadline Seconds:", "\(seconds.plainText)s") }
    podTemplate(job?["template"] ?? .emptyObject)
    line(0, "Last Schedule Time:", status["lastScheduleTime"] == nil ? "<unset>" : status["lastScheduleTime"].longTime)
    let active = (status["active"]?.array ?? []).map { $0["name"].text }
    line(0, "Active Jobs:", active.isEmpty ? "<none>" : active.joined(separator: ", "))
  }

  mutating func statefulSet(_ object: Value, pods: [Value]) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    metadata(object)
    line(0, "CreationTimestamp:", object["metadata"]?["creationTimestamp"].longTime ?? "")
    line(0, "Selector:", selectorText(spec["selector"]))
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    line(
      0, "Replicas:", "\(spec["replicas"]?.plainText ?? "1") desired | \(status["replicas"]?.plainText ?? "0") total")
    line(0, "Update Strategy:", spec["updateStrategy"]?["type"].text ?? "")
    if let rolling = spec["updateStrategy"]?["rollingUpdate"] {
      if let partition = rolling["partition"] { line(1, "Partition:", partition.plainText) }
      if let most = rolling["maxUnavailable"] { line(1, "MaxUnavailable:", most.plainText) }
    }
    line(0, "Pods Status:", phases(of: pods))
    podTemplate(spec["template"] ?? .emptyObject)
    let claims = spec["volumeClaimTemplates"]?.array ?? []
    guard !claims.isEmpty else { return line(0, "Volume Claims:", "<none>") }
    line(0, "Volume Claims:")
    for claim in claims {
      line(1, "Name:", claim["metadata"]?["name"].text ?? "")
      line(1, "StorageClass:", claim["spec"]?["storageClassName"].text ?? "")
      pairs("Labels:", claim["metadata"]?["labels"], level: 1)
      pairs("Annotations:", claim["metadata"]?["annotations"], level: 1)
      line(1, "Capacity:", claim["spec"]?["resources"]?["requests"]?["storage"]?.plainText ?? "<default>")
      line(1, "Access Modes:", "[\((claim["spec"]?["accessModes"]).strings.joined(separator: " "))]")
    }
  }

  mutating func daemonSet(_ object: Value, pods: [Value]) {
    let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
    line(0, "Name:", object["metadata"]?["name"].text ?? "")
    line(0, "Selector:", selectorText(spec["selector"]))
    let nodes = joinedPairs(spec["template"]?["spec"]?["nodeSelector"])
    line(0, "Node-Selector:", nodes)
    pairs("Labels:", object["metadata"]?["labels"])
    annotations(object)
    func count(_ field: String) -> String { status[field]?.plainText ?? "0" }
    line(0, "Desired Number of Nodes Scheduled: \(count("desiredNumberScheduled"))")
    line(0, "Current Number of Nodes Scheduled: \(count("currentNumberScheduled"))")
    line(0, "Number of Nodes Scheduled with Up-to-date Pods: \(count("updatedNumberScheduled"))")
    line(0, "Number of Nodes Scheduled with Available Pods: \(count("numberAvailable"))")
    line(0, "Number of Nodes Misscheduled: \(count("numberMisscheduled"))")
    line(0, "Pods Status:", phases(of: pods))
    podTemplate(spec["template"] ?? .emptyObject)
  }

  mutating func priorityClass(_ object: Value) {
    metadata(object, isNamespaced: false)
    line(0, "Value:", object["value"]?.plainText ?? "0")
    line(0, "GlobalDefault:", "\(object["globalDefault"] == true)")
    line(0, "PreemptionPolicy:", object["preemptionPolicy"]?.string ?? "PreemptLowerPriority")
    line(0, "Description:", object["description"].text)
    annotations(object)
  }
}
