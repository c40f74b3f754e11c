import ArgumentParser
import ControlLoop
import Kubectl
import Objects
import Pods
import Scheduling
import Store

/// Shows how the scheduler sees the nodes for one pod: it reads what the scheduler reads, and asks the same functions.
struct ExplainSchedulingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain-scheduling",
    abstract: "Shows what every plugin of the scheduler says of every node, for one pod.")

  @Option(name: .shortAndLong, help: "The pod's namespace.")
  var namespace = "default"

  @Argument(help: "The pod's name.")
  var pod: String

  func run() async throws {
    let cluster = Cluster(layers: Layers.all)
    let store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    // Nothing is placed by what has happened, or by who is alive.
    let kinds = cluster.scheme.kinds.filter { $0.verbs.contains("list") && !["Event", "Lease"].contains($0.name) }
    let lists = try await Kubectl.read(
      kinds.map { $0.group.isEmpty ? "/api/v1/\($0.resource)" : "/apis/\($0.apiVersion)/\($0.resource)" })
    for (kind, list) in zip(kinds, lists) {
      for var value in list["items"]?.array ?? [] {
        (value["apiVersion"], value["kind"]) = (.string(kind.apiVersion), .string(kind.name))
        let object = Object(json: value)
        let key = Key(resource: kind.groupResource, namespace: object.namespace, name: object.name)
        _ = store.commit([Write(key, .put(value), expecting: .absent)])
      }
    }
    let view = cluster.view(of: store.snapshot)
    guard let found = view.object(Pod.self, pod, in: namespace) else {
      throw Failure("there is no pod \"\(pod)\" in the namespace \(namespace).")
    }
    let schedulers = cluster.controllers.compactMap { $0 as? PodScheduler }.flatMap(\.profiles)
    guard let profile = schedulers.first else { throw Failure("this cluster has no scheduler that could be asked.") }
    var state = ClusterState()
    state.update(to: view)
    if let node = found.spec.nodeName, !node.isEmpty { print("\(pod) is on \(node). For another one like it:") }
    print(state.explain(found, by: profile, view))
  }
}
