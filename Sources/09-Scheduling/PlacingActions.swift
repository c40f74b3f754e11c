import ControlLoop
import Objects
import Pods
import Simulation
import Volumes

// What users do to the scheduler in simulated worlds.

extension UserAction {
  static let placing = [
    UserAction("create a pod with wishes") { view, random, _ in
      let group = "group-\(random.next() % 3)"
      let pod = Pod(name: "wish-\(random.next() % 40)", namespace: "default") {
        $0.metadata.labels = ["group": group]
        $0.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = random.next() % 3 == 0 ? "sleep-5" : "pause"
            $0.resources.requests = ["cpu": Quantity(Int(random.next() % 4)), "memory": Quantity(1 << 30)]
          }
        ]
        wishes[Int(random.next() % UInt64(wishes.count))](&$0, LabelSelector { $0.matchLabels = ["group": group] })
      }
      return [.create(pod.json)]
    },
    UserAction("put a pod on a node by hand") { view, random, _ in
      guard let node = view.all(Node.self).randomElement(using: &random) else { return [] }
      let pod = Pod(name: "by-hand-\(random.next() % 10)", namespace: "default") {
        $0.spec.nodeName = node.name
        $0.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
            $0.resources.requests = ["cpu": Quantity(Int(random.next() % 6))]
            if random.next() % 4 == 0 { $0.ports = [ContainerPort(hostPort: 8080)] }
          }
        ]
      }
      return [.create(pod.json)]
    },
    UserAction("open a gate") { view, random, _ in
      guard var pod = view.all(Pod.self).filter(\.isGated).randomElement(using: &random) else { return [] }
      pod.spec.schedulingGates = []
      return [.update(pod.json)]
    },
    UserAction("give a node a zone") { view, random, _ in
      guard var node = view.all(Node.self).randomElement(using: &random) else { return [] }
      node.metadata.labels["topology.kubernetes.io/zone"] = "zone-\(random.next() % 2)"
      return [.update(node.json)]
    },
  ]

  private static let wishes: [@Sendable (inout Pod, LabelSelector) -> Void] = [
    { _, _ in },
    { pod, _ in pod.spec.nodeSelector = ["kubernetes.io/hostname": "node-2"] },
    { pod, _ in pod.spec.schedulingGates = [PodSchedulingGate { $0.name = "example.com/gate" }] },
    { pod, _ in pod.spec.containers[0].ports = [ContainerPort(hostPort: 8080)] },
    { pod, others in
      pod.spec.affinity = Affinity { $0.podAntiAffinity = PodAntiAffinity(json: apart(others).json) }
    },
    { pod, others in
      pod.spec.topologySpreadConstraints = [
        TopologySpreadConstraint {
          $0.maxSkew = 1
          $0.topologyKey = "kubernetes.io/hostname"
          $0.whenUnsatisfiable = .doNotSchedule
          $0.labelSelector = others
        }
      ]
    },
  ]

  private static func apart(_ others: LabelSelector) -> PodAffinity {
    PodAffinity {
      $0.requiredDuringSchedulingIgnoredDuringExecution = [
        PodAffinityTerm {
          $0.topologyKey = "kubernetes.io/hostname"
          $0.labelSelector = others
        }
      ]
    }
  }
}

extension ContainerPort {
  fileprivate init(hostPort: Int) {
    self.init {
      $0.containerPort = hostPort
      $0.hostPort = hostPort
    }
  }
}
