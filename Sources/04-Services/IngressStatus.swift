public import Objects

public struct IngressStatus: Structure {
  public static let schemaName = "networking.v1.IngressStatus"
  public static let documentation = "Where requests may be sent to."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let loadBalancer = Part<IngressLoadBalancerStatus>(1, "The addresses at which the controller listens.")
  }
}

public struct IngressLoadBalancerStatus: Structure {
  public static let schemaName = "networking.v1.IngressLoadBalancerStatus"
  public static let documentation = "The addresses at which an ingress is served."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ingress = List<IngressLoadBalancerIngress>(1, "One entry for each address.", .atomic)
  }
}

public struct IngressLoadBalancerIngress: Structure {
  public static let schemaName = "networking.v1.IngressLoadBalancerIngress"
  public static let documentation = "An address at which an ingress is served."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ip = Field<String>(1, "An IP address.")
    public let hostname = Field<String>(2, "A name, where there is one and no address.")
    public let ports = List<IngressPortStatus>(4, "The ports at this address.", .atomic)
  }
}

public struct IngressPortStatus: Structure {
  public static let schemaName = "networking.v1.IngressPortStatus"
  public static let documentation = "A port at which an ingress is served."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let port = Field<Int>(1, "The port's number.", .listedAsRequired)
    public let `protocol` = Field<String>(2, "TCP.", .listedAsRequired)
    public let error = Field<String>(3, "Why the port is not served.")
  }
}

extension Ingress {
  /// The class that the ingress asks for; the annotation is how that was said before the field was there.
  public var className: String? { self.spec.ingressClassName ?? metadata.annotations[Self.classAnnotation] }

  static let classAnnotation = "kubernetes.io/ingress.class"

  public static let kind = Kind(
    Ingress.self, group: "networking.k8s.io", name: "Ingress", resource: "ingresses", shortNames: ["ing"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.validate = { new, old in old == nil ? Ingress(json: new).contradiction : [] }
    $0.columns = [
      column("Class", "The class that serves it.") { $0.spec.ingressClassName ?? "<none>" },
      column("Hosts", "The hosts that its rules name.", cell: hosts),
      column("Address", "Where requests may be sent to.") {
        Set($0.status.loadBalancer.ingress.compactMap { $0.ip ?? $0.hostname }).sorted().joined(separator: ",")
      },
      column("Ports", "80, and 443 where there is a certificate.") { $0.spec.tls.isEmpty ? "80" : "80, 443" },
      .age,
    ]
  }

  private var contradiction: [FieldError] {
    guard let annotation = metadata.annotations[Self.classAnnotation], let name = self.spec.ingressClassName,
      annotation != name
    else { return [] }
    return [
      .invalid(
        FieldPath("annotations")[Self.classAnnotation], .string(annotation),
        "must match `ingressClassName` when both are specified")
    ]
  }

  @Sendable private static func hosts(_ ingress: Ingress) -> String {
    let rules = ingress.spec.rules
    let shown = rules.indices.filter { !(rules[$0].host ?? "").isEmpty }.prefix(3)
    let hasMore = shown.count == 3 && shown.last != rules.indices.last
    return shown.isEmpty
      ? "*"
      : shown.map { rules[$0].host ?? "" }.joined(separator: ",") + (hasMore ? " + \(rules.count - 3) more..." : "")
  }

  private static func column(
    _ name: String, _ documentation: String, cell: @escaping @Sendable (Ingress) -> String
  ) -> Column {
    Column(name, documentation) { value, _ in .string(cell(Ingress(json: value))) }
  }
}
