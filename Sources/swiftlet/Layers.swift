import Configuration
import ControlLoop
import CustomResources
import DaemonSets
import Deployments
import Jobs
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import StatefulSets
import Volumes

/// The architecture of the cluster: its layers, in the order of the chapters.
enum Layers {
  static let all: [Layer] = [
    .pods,
    .replicaSets,
    .deployments,
    .services,
    .configuration,
    .volumes,
    .probes,
    .jobs,
    .scheduling,
    .customResources,
    .statefulSets,
    .daemonSets,
  ]

  /// The layers of the chapters up to this one.
  static func through(_ chapter: Int) -> [Layer] { all.filter { $0.chapter <= chapter } }

  static var lastChapter: Int { all.last?.chapter ?? 0 }
}
