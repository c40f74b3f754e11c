public import Objects

/// Brings requests from outside to services: by the host and the path that they ask for.
///
/// Users write the spec, the ``IngressController`` writes the status and is woken by changes of ingresses and of their
/// classes. Whoever serves the class asks ``IngressRoutes`` where a request goes.
public struct Ingress: Resource {
  public static let schemaName = "networking.v1.Ingress"
  public static let documentation = "Brings requests from outside to services, by host and path."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<IngressSpec>(2, "Which request goes where.")
    public let status = Part<IngressStatus>(3, "Where requests may be sent to.")
  }
}

public struct IngressSpec: Structure {
  public static let schemaName = "networking.v1.IngressSpec"
  public static let documentation = "Which request goes where."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let ingressClassName = Field<String>(4, "The class, and with it the controller that serves the ingress.")
    public let defaultBackend = Field<IngressBackend>(1, "Where requests go that match no rule.")
    public let tls = List<IngressTLS>(2, "The certificates for HTTPS.", .atomic)
    public let rules = List<IngressRule>(3, "Hosts and paths, and where their requests go.", .atomic)

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let spec = IngressSpec(json: structure)
      var errors: [FieldError] = []
      if spec.rules.isEmpty, spec.defaultBackend == nil {
        errors.append(.invalid(path, .null, "either `defaultBackend` or `rules` must be specified"))
      }
      if let name = spec.ingressClassName {
        errors += Names.subdomainProblems(name).map { .invalid(path["ingressClassName"], .string(name), $0) }
      }
      return errors
    }
  }
}

public struct IngressRule: Structure {
  public static let schemaName = "networking.v1.IngressRule"
  public static let documentation = "Where the requests for one host go."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let host = Field<String>(1, "A name, or *. before one for any one label. None: every host.")
    public let http = Field<HTTPIngressRuleValue>(1, "The paths. None: all go to the default backend.", .inlined(in: 2))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      IngressRules.validate(ruleHost: IngressRule(json: structure).host ?? "", at: path["host"])
    }
  }
}

public struct HTTPIngressRuleValue: Structure {
  public static let schemaName = "networking.v1.HTTPIngressRuleValue"
  public static let documentation = "Where the requests for one host go, by path."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let paths = List<HTTPIngressPath>(1, "The paths, and where their requests go.", .required, .atomic)
  }
}

public struct HTTPIngressPath: Structure {
  public static let schemaName = "networking.v1.HTTPIngressPath"
  public static let documentation = "Where the requests for a path go."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let path = Field<String>(1, "Begins with a slash.")
    public let pathType = Field<PathType>(3, "How the path is compared.", .listedAsRequired)
    public let backend = Part<IngressBackend>(2, "Where the requests go.", .listedAsRequired)

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      IngressRules.validate(HTTPIngressPath(json: structure), at: path)
    }
  }
}

public enum PathType: String, Enumeration {
  /// The very path.
  case exact = "Exact"
  /// The path and everything below it; elements between slashes count as wholes.
  case prefix = "Prefix"
  /// Whatever the controller makes of it; ours reads it as Prefix.
  case implementationSpecific = "ImplementationSpecific"
}

public struct IngressBackend: Structure {
  public static let schemaName = "networking.v1.IngressBackend"
  public static let documentation = "Where requests go: to a service, or to an object that the controller knows."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let service = Field<IngressServiceBackend>(4, "A service of the ingress's namespace.")
    public let resource = Field<TypedLocalObjectReference>(
      3, "Another object of the ingress's namespace.", .atomicMap)

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      IngressRules.validate(IngressBackend(json: structure), at: path)
    }
  }
}

public struct IngressServiceBackend: Structure {
  public static let schemaName = "networking.v1.IngressServiceBackend"
  public static let documentation = "A port of a service."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The service.", .required)
    public let port = Part<ServiceBackendPort>(2, "The service's port, not the pods'.", .atomicMap)
  }
}

public struct ServiceBackendPort: Structure {
  public static let schemaName = "networking.v1.ServiceBackendPort"
  public static let documentation = "A port of a service, by name or by number."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "The port's name.")
    public let number = Field<Int>(2, "The port's number.")
  }
}

public struct TypedLocalObjectReference: Structure {
  public static let schemaName = "core.v1.TypedLocalObjectReference"
  public static let documentation = "An object of the same namespace, of whatever kind."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let apiGroup = Field<String>(1, "The kind's group; none for the core group.")
    public let kind = Field<String>(2, "The kind.", .required)
    public let name = Field<String>(3, "The object's name.", .required)
  }
}

public struct IngressTLS: Structure {
  public static let schemaName = "networking.v1.IngressTLS"
  public static let documentation = "The certificate of some hosts."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let hosts = List<String>(1, "The hosts that the certificate is for. None: every host.", .atomic)
    public let secretName = Field<String>(2, "A secret of the ingress's namespace, with tls.crt and tls.key.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      let tls = IngressTLS(json: structure)
      let secret = tls.secretName ?? ""
      return tls.hosts.enumerated().flatMap { IngressRules.validate(host: $1, at: path["hosts"][$0]) }
        + (secret.isEmpty ? [] : Names.subdomainProblems(secret)).map {
          .invalid(path["secretName"], .string(secret), $0)
        }
    }
  }
}
