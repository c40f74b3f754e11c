import Objects

// The cells of nodes and of events.

enum NodeTable {
  static let columns: [Column] = [
    column("Status", "Whether the node is ready and takes new pods.", cell: status),
    column("Roles", "What the node is for, by its labels.", cell: roles),
    .age,
    column("Version", "The agent's version.") { $0.status.nodeInfo.kubeletVersion ?? "" },
    column("Internal-IP", priority: 1, "The node's address in the cluster.") { $0.address("InternalIP") },
    column("External-IP", priority: 1, "The node's address outside.") { $0.address("ExternalIP") },
    column("OS-Image", priority: 1, "The operating system.") { known($0.status.nodeInfo.osImage) },
    column("Kernel-Version", priority: 1, "The kernel.") { known($0.status.nodeInfo.kernelVersion) },
    column("Container-Runtime", priority: 1, "What runs the containers.") {
      known($0.status.nodeInfo.containerRuntimeVersion)
    },
  ]

  @Sendable private static func status(_ node: Node) -> String {
    var words = [node.status.conditions["Ready"].map { $0.status == "True" ? "Ready" : "NotReady" } ?? "Unknown"]
    if node.spec.unschedulable == true { words.append("SchedulingDisabled") }
    return words.joined(separator: ",")
  }

  @Sendable private static func roles(_ node: Node) -> String {
    let prefix = "node-role.kubernetes.io/"
    let roles = node.metadata.labels.compactMap { label in
      if label.name == "kubernetes.io/role" { return label.value.isEmpty ? nil : label.value }
      return label.name.hasPrefix(prefix) && label.name != prefix ? String(label.name.dropFirst(prefix.count)) : nil
    }
    return roles.isEmpty ? "<none>" : Set(roles).sorted().joined(separator: ",")
  }

  private static func known(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? "<unknown>" }

  private static func column(
    _ name: String, priority: Int = 0, _ documentation: String, cell: @escaping @Sendable (Node) -> String
  ) -> Column {
    Column(name, priority: priority, documentation) { value, _ in .string(cell(Node(json: value))) }
  }
}

extension Node {
  fileprivate func address(_ type: String) -> String {
    self.status.addresses.first { $0.type == type }?.address ?? "<none>"
  }
}

enum EventTable {
  static let columns: [Column] = [
    column("Last Seen", "How long ago it last happened.") { $0.age(of: $0.lastSeen, at: $1) },
    column("Type", "Normal or Warning.") { event, _ in event.type ?? "" },
    column("Reason", "What happened, in one word.") { event, _ in event.reason ?? "" },
    column("Object", "What it happened to.") { event, _ in
      let kind = event.involvedObject.kind?.lowercased() ?? ""
      let name = event.involvedObject.name ?? ""
      return name.isEmpty ? kind : "\(kind)/\(name)"
    },
    column("Subobject", priority: 1, "The part that it happened to.") { event, _ in event.involvedObject.fieldPath ?? ""
    },
    column("Source", priority: 1, "Who says so.") { event, _ in event.sourceText },
    column("Message", "What happened.") { event, _ in event.trimmedMessage },
    column("First Seen", priority: 1, "How long ago it first happened.") { $0.age(of: $0.firstSeen, at: $1) },
    Column("Count", type: "string", priority: 1, "How often it happened.") { value, _ in
      let event = RecordedEvent(json: value)
      return .integer(Int64(event.count ?? 1))
    },
    Column("Name", priority: 1, "The event's name.") { value, _ in .string(Object(json: value).name) },
  ]

  private static func column(
    _ name: String, priority: Int = 0, _ documentation: String,
    cell: @escaping @Sendable (RecordedEvent, Time) -> String
  ) -> Column {
    Column(name, priority: priority, documentation) { value, now in .string(cell(RecordedEvent(json: value), now)) }
  }
}

extension RecordedEvent {
  /// When it last happened.
  var lastSeen: Time? { self.lastTimestamp ?? firstSeen }

  fileprivate var firstSeen: Time? { self.firstTimestamp ?? self.eventTime?.time }

  fileprivate func age(of time: Time?, at now: Time) -> String { now.age(since: time) }

  fileprivate var sourceText: String {
    let component = self.source.component ?? self.reportingComponent ?? ""
    guard let host = self.source.host ?? self.reportingInstance, !host.isEmpty else { return component }
    return "\(component), \(host)"
  }

  fileprivate var trimmedMessage: String {
    var text = (self.message ?? "")[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
