public import ControlLoop
import Objects
import Simulation
import Store

extension Layer {
  /// Chapter 1.
  public static let pods = Layer(chapter: 1, name: "Pods") {
    $0.kinds = [Namespace.kind, Node.kind, Pod.kind, RecordedEvent.kind, Lease.kind]
    $0.admission = [NamespaceLifecycle.step]
    $0.controllers = [
      NamespaceController(), FirstNodeScheduler(), NodeLifecycleController(), PodGarbageCollector(),
      EventExpiryController(),
    ]
    $0.indexes = [.nodeName, .activeNodeName]
    $0.invariants = [.podsStayOnTheirNode, .namespacesGo, .podsAreReportedHonestly] + NodeAgent.invariants
    $0.initialObjects = ["default", "kube-system", "kube-public", Node.leaseNamespace].map { Namespace(name: $0).json }
    $0.recorder = EventRecorder()
    $0.contributions = UserAction.pods + [NodeAgentGroup.simulatedNodes]
  }
}

// MARK: Promises

extension Invariant {
  /// A pod is placed once. To move it, somebody deletes it and makes another.
  static let podsStayOnTheirNode = Invariant.always("a pod never moves from one node to another") { _, event, _ in
    guard let (old, new) = Pod.change(event), let node = old.spec.nodeName, !node.isEmpty else { return nil }
    return new.spec.nodeName == node ? nil : "\(new.name) moved from \(node) to \(new.spec.nodeName ?? "no node")"
  }

  static let namespacesGo = Invariant.eventually(
    "a deleted namespace ends up empty, and gone", within: .seconds(300)
  ) { view, _ in
    if let namespace = view.all(Namespace.self).first(where: \.isBeingDeleted) {
      return "\(namespace.name) is still there"
    }
    for resource in view.snapshot.resources {
      for record in view.snapshot.records(resource) where !record.key.namespace.isEmpty {
        if view.object(Namespace.self, record.key.namespace) == nil { return "\(record.key) has no namespace" }
      }
    }
    return nil
  }

  /// Where an agent is at work, every pod's status is about its latest spec, and deleted pods go.
  static let podsAreReportedHonestly = Invariant.eventually(
    "the agent of a ready node reports all of its pods", within: .seconds(300)
  ) { view, _ in
    for node in view.all(Node.self) where node.isReady {
      for pod in view.all(Pod.self, where: Index.nodeName.name, is: node.name) {
        // Once the agent has let go, only those who put finalizers there keep the pod.
        let isLetGo = pod.metadata.deletionGracePeriodSeconds == 0 && !pod.metadata.finalizers.isEmpty
        if pod.isBeingDeleted, !isLetGo { return "\(pod.name) is still being deleted" }
        if pod.isFinished { continue }
        if pod.status.observedGeneration != pod.metadata.generation { return "\(pod.name) has not been looked at" }
        if pod.status.containerStatuses.count != pod.spec.containers.count {
          return "\(pod.name) has no word on some of its containers"
        }
      }
    }
    return nil
  }
}

extension Pod {
  // The pod before and after an event that changed it.
  fileprivate static func change(_ event: Event?) -> (old: Pod, new: Pod)? {
    guard let event, event.type == .modified, event.record.key.resource == kind.groupResource,
      let previous = event.previous
    else { return nil }
    return (Pod(json: previous.value), Pod(json: event.record.value))
  }
}

// MARK: What users do, for the simulation

extension UserAction {
  static let pods = [
    UserAction("create a pod") { view, random, _ in
      let namespace = view.all(Namespace.self).randomElement(using: &random)?.name ?? "default"
      let images = ["pause", "sleep-5", "crash-5", "exit-7", "slow-3", "stubborn", "missing"]
      func container(_ name: String, _ images: [String]) -> Container {
        Container {
          $0.name = name
          $0.image = images.randomElement(using: &random)
        }
      }
      let pod = Pod(name: "pod-\(Int.random(in: 0..<50, using: &random))", namespace: namespace) {
        $0.spec.restartPolicy = RestartPolicy.allCases.randomElement(using: &random)
        $0.spec.initContainers = random.next() % 4 == 0 ? [container("first", ["sleep-5", "exit-7", "exit-0"])] : []
        $0.spec.containers = [container("main", images)]
      }
      return [.create(pod.json)]
    },
    UserAction("delete a pod") { view, random, _ in
      view.all(Pod.self).randomElement(using: &random).map { [.delete($0.key, DeleteOptions())] } ?? []
    },
    UserAction("create a namespace") { _, random, _ in
      [.create(Namespace(name: "space-\(Int.random(in: 0..<5, using: &random))").json)]
    },
    UserAction("delete a namespace") { view, random, _ in
      let chosen = view.all(Namespace.self).filter { $0.name.hasPrefix("space-") }.randomElement(using: &random)
      return chosen.map { [.delete($0.key, DeleteOptions())] } ?? []
    },
    UserAction("cordon or uncordon a node") { view, random, _ in
      guard var node = view.all(Node.self).randomElement(using: &random) else { return [] }
      node.spec.unschedulable = node.spec.unschedulable == true ? nil : true
      return [.update(node.json)]
    },
  ]
}
