import ControlLoop
import Objects
import Store

@testable import Pods

/// How an attempt at a container goes or went.
enum Attempt {
  case isStarting
  case runs
  case ended(Int)
}

extension PodLook {
  /// A look made by hand: a pod, and one attempt at each of the named containers. No runtime, no time that passes.
  /// Containers that run are well, unless `health` is changed.
  init(at pod: Pod, seeing attempts: KeyValuePairs<String, Attempt> = [:]) throws {
    let now = PodLife.start + .seconds(60)
    let identity = PodIdentity(namespace: pod.namespace, name: pod.name, uid: pod.uid)
    let containers = attempts.map { name, attempt in
      ObservedContainer(
        id: ContainerID(podUID: pod.uid, name: name, attempt: 0), runtimeID: "hand://\(name)", image: "nginx",
        imageID: "nginx", state: attempt.state(at: now))
    }
    let observed = ObservedPod(identity: identity, addresses: ["10.0.0.2"], containers: containers)
    let view = Cluster(layers: []).view(of: try Store(storage: MemoryStorage()).snapshot)
    self.init(
      PodSync(), at: pod, isOrphan: false, observed: observed, [:], PodMemory(), in: view, at: now)
    for container in self.containers where container.isRunning { health[container.name] = ContainerHealth() }
  }
}

extension Attempt {
  fileprivate func state(at now: Time) -> ObservedContainer.State {
    let start = now + .seconds(-10)
    return switch self {
    case .isStarting: .creating
    case .runs: .running(startedAt: start)
    case .ended(let code):
      .exited(.init(code: code, reason: code == 0 ? "Completed" : "Error", startedAt: start, finishedAt: now))
    }
  }
}
