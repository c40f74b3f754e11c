import ControlLoop
public import Objects
import Pods

/// A way of running containers: in small virtual machines, for example. What that costs beside the containers it says
/// here, so that pods need not. An administrator writes it; nothing wakes for it, pods are changed on their way in.
public struct RuntimeClass: Resource {
  public static let schemaName = "node.v1.RuntimeClass"
  public static let documentation = "A way of running containers."
  public static let kind = Kind(
    RuntimeClass.self, group: "node.k8s.io", name: "RuntimeClass", resource: "runtimeclasses", isNamespaced: false
  ).with {
    $0.columns = [Column("Handler", "What the node's runtime calls it.") { value, _ in value["handler"] ?? "" }, .age]
  }
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let handler = Field<String>(2, "What the node's runtime calls it. Cannot change.", .required, .immutable)
    public let overhead = Part<Overhead>(3, "What a pod takes beside its containers.")
    public let scheduling = Part<Scheduling>(4, "Where such pods can run.")
  }

  public struct Overhead: Structure {
    public static let schemaName = "node.v1.Overhead"
    public static let documentation = "What a pod takes beside its containers."
    public var json: Value
    public init(json: Value) { self.json = json }

    public struct Fields: Facet {
      public init() {}
      public static let all = named()

      public let podFixed = Map<Quantity>(1, "The same for each pod.")
    }
  }

  public struct Scheduling: Structure {
    public static let schemaName = "node.v1.Scheduling"
    public static let documentation = "Where pods of a runtime class can run."
    public var json: Value
    public init(json: Value) { self.json = json }

    public struct Fields: Facet {
      public init() {}
      public static let all = named()

      public let nodeSelector = Map<String>(1, "Labels of nodes that have the runtime.", .atomicMap)
      public let tolerations = List<Toleration>(2, "Added to the pod's.", .atomic)
    }
  }

  /// Gives a new pod what its class says.
  static let admission = AdmissionStep("RuntimeClass", resource: "pods") { request, object throws(StatusError) in
    guard request.operation == .create, request.subresource == nil else { return }
    var pod = Pod(json: object)
    func refuse(_ why: String) -> StatusError { .forbidden(request.key, "pod rejected: " + why) }
    guard let name = pod.spec.runtimeClassName else {
      if pod.spec.overhead.isEmpty { return }
      throw refuse("Pod Overhead set without corresponding RuntimeClass defined Overhead")
    }
    guard let runtime = request.view.object(RuntimeClass.self, name) else {
      throw refuse("RuntimeClass \"\(name)\" not found")
    }
    let overhead = runtime.overhead.podFixed
    if !pod.spec.overhead.isEmpty, pod.spec.overhead != overhead {
      throw refuse("Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    }
    pod.spec.overhead = overhead
    for (label, value) in runtime.scheduling.nodeSelector {
      if let other = pod.spec.nodeSelector[label], other != value {
        throw refuse(
          "conflict: runtimeClass.scheduling.nodeSelector[\(label)] = \(value); "
            + "pod.spec.nodeSelector[\(label)] = \(other)")
      }
      pod.spec.nodeSelector[label] = value
    }
    pod.spec.tolerations += runtime.scheduling.tolerations.filter { !pod.spec.tolerations.contains($0) }
    object = pod.json
  }
}
