import ControlLoop
import Objects

// How the cluster learns of a node and that its agent lives: a Node, written at the start, every five minutes and when
// it says something wrong; and a Lease, renewed every ten seconds, which is small. (Kubernetes: "Nodes", heartbeats.)

extension NodeAgent {
  static let leaseInterval = Duration.seconds(10)
  private static let leaseSeconds = 40
  private static let statusInterval = Duration.seconds(300)

  /// What to write now. Without a Node in the view there is nothing yet that a lease could belong to.
  func heartbeat(in view: View, at now: Time) -> [Intent] {
    guard let stored = view.object(Node.self, node.name) else {
      statusDue = now + Self.statusInterval
      let new = Node(name: node.name) { $0.metadata.labels = labels }
      return [.create(new.json), .updateStatus(reporting(new, at: now).json)]
    }
    var intents = [lease(of: stored, in: view, at: now)]
    var labelled = stored
    labelled.metadata.labels.merge(labels)
    if labelled != stored { intents.append(.update(labelled.json)) }
    let isSettled = stored.status.conditions.isTrue("Ready") && stored.status.allocatable == stored.status.capacity
    if statusDue <= now || !isSettled {
      statusDue = now + Self.statusInterval
      intents.append(.updateStatus(reporting(labelled, at: now).json))
    }
    return intents
  }

  private func lease(of stored: Node, in view: View, at now: Time) -> Intent {
    let old = view.object(Lease.self, node.name, in: Self.leaseNamespace)
    var lease = old ?? Lease(name: node.name, namespace: Self.leaseNamespace)
    lease.metadata.ownerReferences = [
      OwnerReference {
        $0.apiVersion = Node.kind.apiVersion
        $0.kind = Node.kind.name
        $0.name = stored.name
        $0.uid = stored.uid
      }
    ]
    lease.spec.holderIdentity = node.name
    lease.spec.leaseDurationSeconds = Self.leaseSeconds
    lease.spec.renewTime = MicroTime(now)
    return old == nil ? .create(lease.json) : .update(lease.json)
  }

  private static let leaseNamespace = "kube-node-lease"

  private var labels: Mapping<String> {
    var labels = node.labels
    labels["kubernetes.io/hostname"] = node.name
    labels["kubernetes.io/os"] = node.operatingSystem
    labels["kubernetes.io/arch"] = node.architecture
    return labels
  }

  private func reporting(_ stored: Node, at now: Time) -> Node {
    var stored = stored
    // What somebody else has counted on the machine stays.
    stored.status.capacity.merge(["cpu": node.cpu, "memory": node.memory, "pods": Quantity(Int64(node.pods))])
    stored.status.allocatable = stored.status.capacity
    stored.status.addresses =
      node.addresses.map { address in Self.address("InternalIP", address) } + [Self.address("Hostname", node.name)]
    stored.status.nodeInfo.machineID = node.machineID
    stored.status.nodeInfo.systemUUID = node.machineID
    stored.status.nodeInfo.bootID = node.machineID
    stored.status.nodeInfo.kernelVersion = node.kernelVersion
    stored.status.nodeInfo.osImage = node.osImage
    stored.status.nodeInfo.containerRuntimeVersion = "\(runtime.name)://\(runtime.version)"
    stored.status.nodeInfo.kubeletVersion = node.kubeletVersion
    stored.status.nodeInfo.kubeProxyVersion = ""
    stored.status.nodeInfo.operatingSystem = node.operatingSystem
    stored.status.nodeInfo.architecture = node.architecture
    var conditions = stored.status.conditions
    for (type, status, reason, message) in Self.conditions {
      conditions.set(type, status, reason: reason, message: message, at: now)
    }
    for index in conditions.indices { conditions[index].lastHeartbeatTime = now }
    stored.status.conditions = conditions
    return stored
  }

  private static func address(_ type: String, _ address: String) -> NodeAddress {
    NodeAddress {
      $0.type = type
      $0.address = address
    }
  }

  private static let conditions = [
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
  ]
}
