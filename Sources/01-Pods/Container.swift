public import Objects

/// One program to run: an image, what to start in it, and with which surroundings.
public struct Container: Structure {
  public static let schemaName = "core.v1.Container"
  public static let documentation = "One program to run in a pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Unique among the pod's containers. Cannot change.", .required)
    public let image = Field<String>(2, "What to run, as a registry names it.")
    public let command = List<String>(3, "What to start instead of the image's entry point.", .atomic)
    public let args = List<String>(4, "Arguments, instead of the image's.", .atomic)
    public let workingDir = Field<String>(5, "The directory to start in; the image's when empty.")
    public let ports = List<ContainerPort>(
      6, "The ports that the container listens on. Says so, opens nothing.",
      .keyed(by: ["containerPort", "protocol"], unique: false), .merge(by: "containerPort"))
    public let env = List<EnvVar>(
      7, "Environment variables; of two with one name the later wins.",
      .keyed(by: ["name"], unique: false), .merge(by: "name"))
    public let resources = Part<ResourceRequirements>(8, "What the container asks of the node and may not exceed.")
    public let restartPolicy = Field<ContainerRestartPolicy>(
      24, "Always, for an init container that stays beside the others: a sidecar.")
    public let terminationMessagePath = Field<String>(
      13, "The file in which the container may leave its last words.", .default("/dev/termination-log"))
    public let terminationMessagePolicy = Field<TerminationMessagePolicy>(
      20, "Whether the log's end serves as last words of a failed container that left none.", .default("File"))
    public let imagePullPolicy = Field<ImagePullPolicy>(
      14, "When to pull the image; Always for the tag latest, IfNotPresent for others, unless it says.")
    public let stdin = Field<Bool>(16, "Whether standard input stays open.")
    public let stdinOnce = Field<Bool>(17, "Whether standard input closes after the first one who attached to it.")
    public let tty = Field<Bool>(18, "Whether the container has a terminal.")

    public static func applyDefaults(to structure: inout Value) {
      var container = Container(json: structure)
      if container.imagePullPolicy == nil, let image = container.image, structure["imagePullPolicy"] == nil {
        container.imagePullPolicy = Container.tag(of: image) == "latest" ? .always : .ifNotPresent
      }
      structure = container.json
    }

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      Container(json: structure).problems(at: path)
    }
  }
}

extension Container {
  /// An init container that keeps running beside the others.
  public var isSidecar: Bool { self.restartPolicy == .always }

  // "latest" when neither a tag nor a digest is named; nil for a digest alone.
  static func tag(of image: String) -> String? {
    let path = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let parts = path.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let colon = parts.first?.firstIndex(of: ":") else { return parts.count > 1 ? nil : "latest" }
    return parts.first.map { String($0[$0.index(after: colon)...]) }
  }

  // A pod on the node's network listens on the node's ports.
  var withHostPorts: Container {
    var container = self
    container.ports = self.ports.map { port in
      var port = port
      if port.hostPort ?? 0 == 0 { port.hostPort = port.containerPort }
      return port
    }
    return container
  }

  // Who limits a resource and asks for none asks for the limit.
  var withRequestsFromLimits: Container {
    guard !self.resources.limits.isEmpty else { return self }
    var container = self
    var requests = self.resources.limits
    requests.merge(self.resources.requests)
    container.resources.requests = requests
    return container
  }
}

public enum ContainerRestartPolicy: String, Enumeration {
  case always = "Always"
}

public enum ImagePullPolicy: String, Enumeration {
  case always = "Always"
  case ifNotPresent = "IfNotPresent"
  case never = "Never"
}

public enum TerminationMessagePolicy: String, Enumeration {
  case file = "File"
  case fallbackToLogsOnError = "FallbackToLogsOnError"
}

public struct ContainerPort: Structure {
  public static let schemaName = "core.v1.ContainerPort"
  public static let documentation = "A port that a container listens on."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "By which services may call the port.")
    public let hostPort = Field<Int>(2, "The node's port that leads to this one.")
    public let containerPort = Field<Int>(3, "1 to 65535.", .listedAsRequired)
    public let `protocol` = Field<TransportProtocol>(4, "TCP, UDP or SCTP.", .default("TCP"))
    public let hostIP = Field<String>(5, "Which of the node's addresses hostPort is on.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      ContainerPort(json: structure).problems(at: path)
    }
  }
}

public enum TransportProtocol: String, Enumeration {
  case tcp = "TCP"
  case udp = "UDP"
  case sctp = "SCTP"
}

public struct EnvVar: Structure {
  public static let schemaName = "core.v1.EnvVar"
  public static let documentation = "An environment variable."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Printable ASCII without an equals sign.", .required)
    public let value = Field<String>(2, "$(NAME) stands for the value of an earlier variable, $$ for a dollar.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      EnvVar(json: structure).problems(at: path)
    }
  }
}

/// Amounts of resources: kept here, given a meaning in chapter 9.
public struct ResourceRequirements: Structure {
  public static let schemaName = "core.v1.ResourceRequirements"
  public static let documentation = "What a container asks of its node and may not exceed."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let limits = Map<Quantity>(1, "The most that the container may use.")
    public let requests = Map<Quantity>(2, "What is set aside for the container.")
  }
}
