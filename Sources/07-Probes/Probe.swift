public import Objects
public import Pods

/// What chapter 7 adds to a container.
public struct ContainerProbes: Facet {
  public init() {}
  public static let all = named()

  public let livenessProbe = Field<Probe>(10, "Restarts the container when it no longer answers.")
  public let readinessProbe = Field<Probe>(11, "Takes the pod out of its services while it does not answer.")
  public let startupProbe = Field<Probe>(22, "Holds the other two back until it has answered once.")
  public let lifecycle = Field<Lifecycle>(12, "What is done right after the container starts and right before it ends.")
}

extension Container {
  public subscript<D: Declaration>(dynamicMember path: KeyPath<ContainerProbes, D>) -> D.Reading {
    get { ContainerProbes.all[keyPath: path].read(from: json) }
    set { ContainerProbes.all[keyPath: path].write(newValue, to: &json) }
  }
}

/// A question that is put to a running container again and again, and how many answers in a row it takes.
public struct Probe: Structure {
  public static let schemaName = "core.v1.Probe"
  public static let documentation = "How a container is asked whether it is well, and how often."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let exec = Field<ExecAction>(1, "A command in the container that ends with code 0.", .inlined(in: 1))
    public let httpGet = Field<HTTPGetAction>(2, "An HTTP request that is answered with 200 to 399.", .inlined(in: 1))
    public let tcpSocket = Field<TCPSocketAction>(3, "A port that accepts a connection.", .inlined(in: 1))
    public let grpc = Field<GRPCAction>(4, "A gRPC health service that answers SERVING.", .inlined(in: 1))
    public let initialDelaySeconds = Field<Int>(
      2, "How long after the container's start the first question is put.", .atLeast(0))
    public let timeoutSeconds = Field<Int>(3, "How long an answer may take.", .default(1), .atLeast(0))
    public let periodSeconds = Field<Int>(4, "How often it is asked.", .default(10), .atLeast(0))
    public let successThreshold = Field<Int>(
      5, "How many good answers in a row it takes to count as well.", .default(1), .atLeast(0))
    public let failureThreshold = Field<Int>(
      6, "How many bad answers in a row it takes to count as unwell.", .default(3), .atLeast(0))
    public let terminationGracePeriodSeconds = Field<Int64>(
      7, "How long the container may take to end when this probe ends it; the pod's own when empty.")

    /// Nought is no number of seconds to wait for an answer; Kubernetes takes it for "not given".
    public static func applyDefaults(to structure: inout Value) {
      for field in fields where structure[field.name] == 0 {
        if let usual = field.defaultValue { structure[field.name] = usual }
      }
    }
  }
}

public struct ExecAction: Structure {
  public static let schemaName = "core.v1.ExecAction"
  public static let documentation = "A command to run in a container."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let command = List<String>(1, "The program and its arguments. No shell looks at them.", .atomic)
  }
}

public struct HTTPGetAction: Structure {
  public static let schemaName = "core.v1.HTTPGetAction"
  public static let documentation = "An HTTP request."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let path = Field<String>(1, "Path and query.", .default("/"))
    public let port = Field<IntOrString>(
      2, "1 to 65535, or the name of one of the container's ports.", .listedAsRequired)
    public let host = Field<String>(3, "Whom to ask; the pod's address when empty.")
    public let scheme = Field<URIScheme>(4, "HTTP, or HTTPS, whose certificate is not checked.", .default("HTTP"))
    public let httpHeaders = List<HTTPHeader>(5, "To send beside the usual ones.", .atomic)
  }
}

public enum URIScheme: String, Enumeration {
  case http = "HTTP"
  case https = "HTTPS"
}

public struct HTTPHeader: Structure {
  public static let schemaName = "core.v1.HTTPHeader"
  public static let documentation = "A header of an HTTP request."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Letters, digits and dashes.", .listedAsRequired)
    public let value = Field<String>(2, "Anything.", .listedAsRequired)
  }
}

public struct TCPSocketAction: Structure {
  public static let schemaName = "core.v1.TCPSocketAction"
  public static let documentation = "A port to connect to."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let port = Field<IntOrString>(
      1, "1 to 65535, or the name of one of the container's ports.", .listedAsRequired)
    public let host = Field<String>(2, "Whom to connect to; the pod's address when empty.")
  }
}

public struct GRPCAction: Structure {
  public static let schemaName = "core.v1.GRPCAction"
  public static let documentation = "A gRPC health service to ask."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let port = Field<Int>(1, "1 to 65535.", .listedAsRequired)
    public let service = Field<String>(2, "Which of the program's services is meant.", .default(""))
  }
}
