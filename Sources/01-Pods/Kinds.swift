public import Objects

// The other kinds of this chapter, as the API serves them.

extension Namespace {
  public static let kind = Kind(
    Namespace.self, name: "Namespace", resource: "namespaces", shortNames: ["ns"], isNamespaced: false
  ).with {
    $0.hasStatus = true
    $0.verbs.removeAll { $0 == "deletecollection" }
    $0.subresources = [
      Subresource("finalize", verbs: ["update"]) { value, body, _ in
        var namespace = Namespace(json: value)
        namespace.spec.finalizers = Namespace(json: body).spec.finalizers
        value = namespace.json
        return nil
      }
    ]
    $0.prepareForCreate = { value in
      var namespace = Namespace(json: value)
      if !namespace.spec.finalizers.contains(Namespace.finalizer) {
        namespace.spec.finalizers.append(Namespace.finalizer)
      }
      namespace.status.phase = .active
      namespace.metadata.labels[Namespace.nameLabel] = namespace.name
      value = namespace.json
    }
    $0.prepareForUpdate = { value, old in
      var namespace = Namespace(json: value)
      namespace.spec.finalizers = Namespace(json: old).spec.finalizers
      namespace.metadata.labels[Namespace.nameLabel] = namespace.name
      value = namespace.json
    }
    $0.blocksRemoval = { !Namespace(json: $0).spec.finalizers.isEmpty }
    $0.validateName = Names.labelProblems
    $0.selectableFields = [SelectableField("status.phase"), SelectableField("name") { Namespace(json: $0).name }]
    $0.columns = [
      Column("Status", "Active or Terminating.") { value, _ in
        .string(Namespace(json: value).status.phase?.rawValue ?? "")
      },
      .age,
    ]
  }

  /// Stands for everything in the namespace; the ``NamespaceController`` takes it away when that is gone.
  static let finalizer = "kubernetes"

  /// Selectors find a namespace by its name, through this label.
  static let nameLabel = "kubernetes.io/metadata.name"
}

extension Node {
  public static let kind = Kind(
    Node.self, name: "Node", resource: "nodes", shortNames: ["no"], isNamespaced: false
  ).with {
    $0.hasStatus = true
    $0.selectableFields = [
      SelectableField("spec.unschedulable") { String(Node(json: $0).spec.unschedulable ?? false) }
    ]
    $0.columns = NodeTable.columns
  }

  public var isReady: Bool { self.status.conditions.isTrue("Ready") }
}

extension Lease {
  public static let kind = Kind(
    Lease.self, group: "coordination.k8s.io", name: "Lease", resource: "leases"
  ).with {
    $0.columns = [
      Column("Holder", "Who holds the lease.") { lease, _ in .string(Lease(json: lease).spec.holderIdentity ?? "") },
      .age,
    ]
  }
}

extension RecordedEvent {
  public static let kind = Kind(RecordedEvent.self, name: "Event", resource: "events", shortNames: ["ev"]).with {
    $0.selectableFields =
      ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map {
        SelectableField("involvedObject.\($0)")
      } + ["reason", "reportingComponent", "type"].map { SelectableField($0) }
      + [
        SelectableField("source") { value in
          let event = RecordedEvent(json: value)
          return event.source.component ?? event.reportingComponent ?? ""
        }
      ]
    $0.columns = EventTable.columns
  }
}
