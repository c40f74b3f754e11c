import ArgumentParser
import ControlLoop
import Foundation
import Objects
import Pods
import SQLiteStorage
import Scheduling
import Store

/// Shows how the scheduler sees the nodes for one pod. It reads the cluster's data and asks nobody.
struct ExplainSchedulingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain-scheduling",
    abstract: "Shows what every plugin of the scheduler says of every node, for one pod.")

  @OptionGroup var data: DataDirectoryOption

  @Option(name: .shortAndLong, help: "The pod's namespace.")
  var namespace = "default"

  @Argument(help: "The pod's name.")
  var pod: String

  func run() throws {
    let cluster = Cluster(layers: Layers.all)
    let store = try Store(storage: SQLiteStorage(path: data.directory.database.path), indexes: cluster.indexes)
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
