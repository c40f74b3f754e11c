import ControlLoop
public import Objects
import Pods

// What a pod may be told about itself, in its environment and in files. (Kubernetes: "Downward API".)

public struct ObjectFieldSelector: Structure {
  public static let schemaName = "core.v1.ObjectFieldSelector"
  public static let documentation = "A field of the pod."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let apiVersion = Field<String>(1, "The version in which the path is written.", .default("v1"))
    public let fieldPath = Field<String>(2, "metadata.name, metadata.labels['app'], status.podIP, …", .required)
  }
}

public struct ResourceFieldSelector: Structure {
  public static let schemaName = "core.v1.ResourceFieldSelector"
  public static let documentation = "A request or a limit of a container."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let containerName = Field<String>(1, "The container; in its own environment it need not be said.")
    public let resource = Field<String>(2, "limits.cpu, requests.memory, …", .required)
    public let divisor = Field<Quantity>(3, "The unit in which the amount is told; rounded up.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      ResourceFieldSelector(json: structure).problems(at: path)
    }
  }
}

/// A field of a pod as `fieldPath` names it: `metadata.name`, `metadata.labels['app']`.
struct PodField: Hashable {
  let path: String
  let key: String?

  init(_ text: String) {
    guard text.hasSuffix("']"), let quote = text.firstIndex(of: "'"), text[..<quote].hasSuffix("[") else {
      (path, key) = (text, nil)
      return
    }
    path = String(text[..<quote].dropLast())
    key = String(text[quote...].dropFirst().dropLast(2))
  }

  /// What the API knows of at all; a part of it may be told to containers.
  static let known = [
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
    "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
    "status.phase", "status.podIP", "status.podIPs",
  ]
}

/// One pod, as it may be told about itself.
struct PodFacts {
  let pod: Pod
  let node: Node?
  let addresses: [String]
  let hostAddresses: [String]

  func text(of selector: ObjectFieldSelector?) -> String {
    let field = PodField(selector?.fieldPath ?? "")
    return switch (field.path, field.key) {
    case ("metadata.name", _): pod.name
    case ("metadata.namespace", _): pod.namespace
    case ("metadata.uid", _): pod.uid
    case ("metadata.labels", let key?): pod.metadata.labels[key] ?? ""
    case ("metadata.annotations", let key?): pod.metadata.annotations[key] ?? ""
    case ("metadata.labels", nil): Self.lines(pod.metadata.labels)
    case ("metadata.annotations", nil): Self.lines(pod.metadata.annotations)
    case ("spec.nodeName", _): pod.spec.nodeName ?? ""
    case ("spec.serviceAccountName", _): pod.spec.json["serviceAccountName"]?.string ?? "default"
    case ("status.hostIP", _): hostAddresses.first ?? ""
    case ("status.hostIPs", _): hostAddresses.joined(separator: ",")
    case ("status.podIP", _): addresses.first ?? ""
    case ("status.podIPs", _): addresses.joined(separator: ",")
    default: ""
    }
  }

  // A line for each, sorted: app="web".
  private static func lines(_ map: Mapping<String>) -> String {
    map.sorted { $0.name < $1.name }.map { "\($0.name)=\(Value.string($0.value).encodedString)" }
      .joined(separator: "\n")
  }

  /// An amount in units of the divisor, rounded up. A limit that is not set is what the node has to give.
  /// - Parameter container: the one that asks, if it is one.
  func amount(of selector: ResourceFieldSelector, for container: Container? = nil) throws(Unresolved) -> String {
    let named = selector.containerName ?? ""
    let all = pod.spec.initContainers + pod.spec.containers
    guard let container = named.isEmpty ? container : all.first(where: { $0.name == named }) else {
      throw Unresolved("container \(named) not found")
    }
    let parts = (selector.resource ?? "").split(separator: ".", maxSplits: 1).map(String.init)
    guard let name = parts.last else { throw Unresolved("unsupported container resource : ") }
    let needs = container.resources
    let amount =
      parts.first == "limits" ? needs.limits[name] ?? node?.status.allocatable[name] : needs.requests[name]
    let unit = selector.divisor.flatMap { $0 == .zero ? nil : $0 } ?? Quantity(1)
    let (count, size) =
      name == "cpu"
      ? (amount?.milliValue ?? 0, max(1, unit.milliValue)) : (amount?.value ?? 0, max(1, unit.value))
    return String(count / size + (count % size > 0 ? 1 : 0))
  }
}

extension PodFacts {
  init(_ context: StageContext) {
    self.init(
      pod: context.pod, node: context.view.object(Node.self, context.pod.spec.nodeName ?? ""),
      addresses: context.observed?.addresses ?? [], hostAddresses: context.hostAddresses)
  }
}
