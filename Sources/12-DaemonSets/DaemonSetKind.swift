import ControlLoop
import Deployments
public import Objects
import Pods
import ReplicaSets
import Scheduling

extension DaemonSet {
  public var selector: LabelQuery { LabelQuery(self.spec.selector) }

  var isRolling: Bool { self.spec.updateStrategy.type ?? .rollingUpdate == .rollingUpdate }

  /// Whether a new pod is to be available before the old one on its node goes.
  public var surges: Bool { isRolling && self.spec.updateStrategy.rollingUpdate?.maxSurge?.isZero == false }

  /// On how many of `count` nodes a new pod may stand beside the old one.
  func maxSurge(of count: Int) -> Int {
    surges ? self.spec.updateStrategy.rollingUpdate?.maxSurge?.scaled(of: count, roundingUp: true) ?? 0 : 0
  }

  /// On how many of `count` nodes a rolling update may leave no available pod. If neither bound allowed anything, no pod
  /// could ever be replaced.
  func maxUnavailable(of count: Int) -> Int {
    let bound = self.spec.updateStrategy.rollingUpdate?.maxUnavailable?.scaled(of: count, roundingUp: true) ?? 0
    return surges ? bound : max(bound, 1)
  }

  public static let kind = Kind(
    DaemonSet.self, group: "apps", name: "DaemonSet", resource: "daemonsets", shortNames: ["ds"], categories: ["all"]
  ).with {
    $0.hasStatus = true
    $0.countsGenerations = true
    $0.columns =
      [
        column("Desired", "How many nodes should have a pod.") { $0.desiredNumberScheduled },
        column("Current", "How many of them have one.") { $0.currentNumberScheduled },
        column("Ready", "On how many it is ready.") { $0.numberReady },
        column("Up-to-date", "On how many it is made from the current template.") { $0.updatedNumberScheduled },
        column("Available", "On how many it has been ready for minReadySeconds.") { $0.numberAvailable },
        Column("Node Selector", "The labels that a node must have.") { set, _ in
          let selector = DaemonSet(json: set).spec.template.spec.nodeSelector
          let labels = selector.map { "\($0.name)=\($0.value)" }.sorted()
          return .string(labels.isEmpty ? "<none>" : labels.joined(separator: ","))
        },
        .age,
      ]
      + TemplateColumns.columns(
        template: { DaemonSet(json: $0).spec.template }, selector: { DaemonSet(json: $0).spec.selector })
  }

  private static func column(
    _ name: String, _ documentation: String, _ number: @escaping @Sendable (DaemonSetStatus) -> Int?
  ) -> Column {
    Column(name, type: "integer", documentation) { set, _ in
      .integer(Int64(number(DaemonSet(json: set).status) ?? 0))
    }
  }
}
