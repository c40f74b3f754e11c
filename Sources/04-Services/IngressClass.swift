import ControlLoop
public import Objects
import Store

/// Says who serves the ingresses that name it. People who run the cluster write it; nobody reads its status, for it has
/// none.
public struct IngressClass: Resource {
  public static let schemaName = "networking.v1.IngressClass"
  public static let documentation = "Says which controller serves the ingresses of a class."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<IngressClassSpec>(2, "The controller, and what it should know.")
  }
}

public struct IngressClassSpec: Structure {
  public static let schemaName = "networking.v1.IngressClassSpec"
  public static let documentation = "The controller of a class, and what it should know."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let controller = Field<String>(1, "The controller, as a path below a domain. Cannot change.", .immutable)
    public let parameters = Field<IngressClassParametersReference>(2, "An object with settings for the controller.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      problems(ofController: IngressClassSpec(json: structure).controller ?? "", at: path["controller"])
    }

    private static func problems(ofController name: String, at path: FieldPath) -> [FieldError] {
      if name.isEmpty { return [.required(path)] }
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let domain = parts.first, let rest = parts.last, parts.count == 2, !domain.isEmpty, !rest.isEmpty else {
        return [.invalid(path, .string(name), "must be a domain-prefixed path (such as \"acme.io/foo\")")]
      }
      let isTooLong = name.utf8.count > 250
      return (isTooLong ? [FieldError(.tooLong, path, nil, "may not be more than 250 bytes")] : [])
        + Names.subdomainProblems(domain).map { .invalid(path, .string(domain), $0) }
    }
  }
}

public struct IngressClassParametersReference: Structure {
  public static let schemaName = "networking.v1.IngressClassParametersReference"
  public static let documentation = "An object with settings for the controller of a class."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let apiGroup = Field<String>(1, "The kind's group; none for the core group.")
    public let kind = Field<String>(2, "The kind.", .required)
    public let name = Field<String>(3, "The object's name.", .required)
    public let scope = Field<ParametersScope>(4, "Whether the object has a namespace.", .default("Cluster"))
    public let namespace = Field<String>(5, "The object's namespace.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let reference = IngressClassParametersReference(json: structure)
      switch (reference.scope ?? .cluster, reference.namespace) {
      case (.namespace, nil): return [.required(path["namespace"], "`parameters.scope` is set to 'Namespace'")]
      case (.cluster, _?): return [.forbidden(path["namespace"], "`parameters.scope` is set to 'Cluster'")]
      case (.namespace, let name?):
        return Names.labelProblems(name).map { .invalid(path["namespace"], .string(name), $0) }
      case (.cluster, nil): return []
      }
    }
  }
}

public enum ParametersScope: String, Enumeration {
  case cluster = "Cluster"
  case namespace = "Namespace"
}

extension IngressClass {
  public var isDefault: Bool { metadata.annotations[Self.defaultAnnotation] == "true" }

  static let defaultAnnotation = "ingressclass.kubernetes.io/is-default-class"

  public static let kind = Kind(
    IngressClass.self, group: "networking.k8s.io", name: "IngressClass", resource: "ingressclasses", isNamespaced: false
  ).with {
    $0.countsGenerations = true
    $0.columns = [
      Column("Controller", "Who serves the class.") { value, _ in
        .string(IngressClass(json: value).spec.controller ?? "")
      },
      Column("Parameters", "The object with the controller's settings.") { value, _ in
        guard let parameters = IngressClass(json: value).spec.parameters else { return "<none>" }
        let group = parameters.apiGroup.map { "." + $0 } ?? ""
        return .string("\(parameters.kind ?? "")\(group)/\(parameters.name ?? "")")
      },
      .age,
    ]
  }

  /// Gives an ingress that names no class the default one. Of several the newest: whoever made it last meant it.
  /// (Kubernetes: admission plugin DefaultIngressClass.)
  static let admission = AdmissionStep("DefaultIngressClass", resource: Ingress.kind.groupResource) { request, object in
    var ingress = Ingress(json: object)
    guard request.operation != .delete, request.subresource == nil, request.old == nil, ingress.className == nil
    else { return }
    let defaults = request.view.all(IngressClass.self).filter(\.isDefault)
    let created = defaults.compactMap(\.metadata.creationTimestamp).max()
    guard let newest = defaults.first(where: { $0.metadata.creationTimestamp == created }) else { return }
    ingress.spec.ingressClassName = newest.name
    object = ingress.json
  }
}
