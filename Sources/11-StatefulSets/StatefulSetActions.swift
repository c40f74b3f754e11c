import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Volumes

/// What users do to stateful sets in simulated worlds.
extension UserAction {
  static let statefulSets = [
    UserAction("create a stateful set") { view, random, _ in
      let name = "db-\(random.next() % 3)"
      guard view.object(StatefulSet.self, name, in: "default") == nil else { return [] }
      let set = StatefulSet(name: name, namespace: "default") {
        $0.spec.replicas = Int(random.next() % 4)
        $0.spec.serviceName = name
        $0.spec.selector = LabelSelector { $0.matchLabels = ["set": name] }
        $0.spec.podManagementPolicy = PodManagementPolicy.allCases.randomElement(using: &random)
        $0.spec.template.metadata.labels = ["set": name]
        $0.spec.template.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
          }
        ]
        $0.spec.persistentVolumeClaimRetentionPolicy.whenDeleted = ClaimRetention.allCases.randomElement(using: &random)
        $0.spec.persistentVolumeClaimRetentionPolicy.whenScaled = ClaimRetention.allCases.randomElement(using: &random)
        $0.spec.volumeClaimTemplates = random.next() % 2 == 0 ? [] : [claimTemplate]
        $0.spec.updateStrategy.type = random.next() % 5 == 0 ? .onDelete : .rollingUpdate
        $0.spec.minReadySeconds = random.next() % 3 == 0 ? 5 : nil
      }
      return [.create(set.json)]
    },
    changing("scale a stateful set") { set, random in set.spec.replicas = Int(random.next() % 5) },
    changing("change a stateful set's image") { set, random in
      let image = ["pause", "pause:2", "slow-3", "crash-5", "exit-7", "missing"].randomElement(using: &random)
      set.spec.template.spec.containers = set.spec.template.spec.containers.map { container in
        var container = container
        container.image = image
        return container
      }
    },
    changing("change a stateful set's bounds") { set, random in
      guard set.spec.updateStrategy.type != .onDelete else { return }
      set.spec.updateStrategy.rollingUpdate = RollingUpdateStatefulSetStrategy {
        $0.partition = Int(random.next() % 3)
        $0.maxUnavailable = .integer(1 + Int(random.next() % 2))
      }
    },
    UserAction("delete a pod of a stateful set") { view, random, _ in
      let pods = view.all(Pod.self).filter { $0.controller?.kind == StatefulSet.kind.name }
      return pods.randomElement(using: &random).map { [.delete($0.key, DeleteOptions())] } ?? []
    },
    UserAction("delete a stateful set") { view, random, _ in
      guard let set = view.all(StatefulSet.self).randomElement(using: &random) else { return [] }
      let policy = PropagationPolicy.allCases.randomElement(using: &random)
      return [.delete(set.key, DeleteOptions(propagationPolicy: policy))]
    },
  ]

  private static func changing(
    _ name: String, _ change: @escaping @Sendable (inout StatefulSet, inout SeededGenerator) -> Void
  ) -> UserAction {
    UserAction(name) { view, random, _ in
      guard var set = view.all(StatefulSet.self).randomElement(using: &random) else { return [] }
      change(&set, &random)
      return [.update(set.json)]
    }
  }

  private static let claimTemplate = PersistentVolumeClaim(name: "data") {
    $0.spec.accessModes = [AccessMode.readWriteOnce.rawValue]
    $0.spec.resources.requests["storage"] = Quantity(1)
  }
}
