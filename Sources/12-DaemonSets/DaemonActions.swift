import ControlLoop
import Objects
import Pods
import Scheduling
import Simulation

/// What users do to daemon sets, and to nodes, in simulated worlds.
extension UserAction {
  static let daemonSets = [
    UserAction("create a daemon set") { view, random, _ in
      let name = "daemons-\(random.next() % 3)"
      guard view.object(DaemonSet.self, name, in: "default") == nil else { return [] }
      let set = DaemonSet(name: name, namespace: "default") {
        $0.spec.selector = LabelSelector { $0.matchLabels = ["daemons": name] }
        $0.spec.minReadySeconds = [0, 5].randomElement(using: &random)
        $0.spec.updateStrategy = strategies.randomElement(using: &random) ?? strategies[0]
        $0.spec.template.metadata.labels = ["daemons": name]
        $0.spec.template.spec.nodeSelector = random.next() % 2 == 0 ? ["disk": "ssd"] : [:]
        $0.spec.template.spec.tolerations = random.next() % 2 == 0 ? [Toleration("dedicated")] : []
        $0.spec.template.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
          }
        ]
      }
      return [.create(set.json)]
    },
    UserAction("change the image of a daemon set") { view, random, _ in
      guard var set = view.all(DaemonSet.self).randomElement(using: &random) else { return [] }
      set.spec.template.spec.containers = [
        Container {
          $0.name = "main"
          $0.image = ["pause", "pause:2", "slow-3", "slow-3:2"].randomElement(using: &random)
        }
      ]
      return [.update(set.json)]
    },
    UserAction("delete a daemon set") { view, random, _ in
      guard let set = view.all(DaemonSet.self).randomElement(using: &random) else { return [] }
      let policy = PropagationPolicy.allCases.randomElement(using: &random)
      return [.delete(set.key, DeleteOptions(propagationPolicy: policy))]
    },
    UserAction("label a node, or take its label off") { view, random, _ in
      guard var node = view.all(Node.self).randomElement(using: &random) else { return [] }
      node.metadata.labels["disk"] = node.metadata.labels["disk"] == nil ? "ssd" : nil
      return [.update(node.json)]
    },
    // One node only: the others' pods must have somewhere to go.
    UserAction("taint a node, or take its taint off") { view, random, _ in
      guard var node = view.object(Node.self, "node-3") else { return [] }
      if node.spec.taints.contains(where: { $0.key == "dedicated" }) {
        node.spec.taints.removeAll { $0.key == "dedicated" }
      } else {
        node.spec.taints.append(Taint("dedicated", random.next() % 2 == 0 ? .noSchedule : .noExecute))
      }
      return [.update(node.json)]
    },
  ]

  private static let strategies = [
    rolling(unavailable: 1, surge: 0), rolling(unavailable: 2, surge: 0), rolling(unavailable: 0, surge: 1),
    DaemonSetUpdateStrategy { $0.type = .onDelete },
  ]

  private static func rolling(unavailable: Int, surge: Int) -> DaemonSetUpdateStrategy {
    DaemonSetUpdateStrategy {
      $0.type = .rollingUpdate
      $0.rollingUpdate = RollingUpdateDaemonSet {
        $0.maxUnavailable = .integer(unavailable)
        $0.maxSurge = .integer(surge)
      }
    }
  }
}
