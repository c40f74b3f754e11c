import Configuration
import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Services
import Simulation
import Store
import ViewFixtures

@testable import Volumes

/// The layers under test.
let layers: [Layer] = [.pods, .replicaSets, .deployments, .services, .configuration, .volumes]

// MARK: Objects

func makeClaim(
  _ name: String = "data", size: String = "1Gi", modes: [AccessMode] = [.readWriteOnce],
  class storageClass: String? = "",
  _ change: (inout PersistentVolumeClaim) -> Void = { _ in }
) -> PersistentVolumeClaim {
  PersistentVolumeClaim(name: name, namespace: "default") {
    $0.spec.accessModes = modes.map(\.rawValue)
    $0.spec.resources.requests["storage"] = try? Quantity(size)
    $0.spec.storageClassName = storageClass
    change(&$0)
  }
}

func makeVolume(
  _ name: String = "disk", size: String = "1Gi", modes: [AccessMode] = [.readWriteOnce],
  class storageClass: String? = nil,
  _ change: (inout PersistentVolume) -> Void = { _ in }
) -> PersistentVolume {
  PersistentVolume(name: name) {
    $0.spec.capacity["storage"] = try? Quantity(size)
    $0.spec.accessModes = modes.map(\.rawValue)
    $0.spec.storageClassName = storageClass
    $0.spec.hostPath = HostPathVolumeSource { $0.path = "/data/\(name)" }
    change(&$0)
  }
}

/// A directory of one node.
func makeLocalVolume(_ name: String, on node: String, size: String = "1Gi", class storageClass: String)
  -> PersistentVolume
{
  makeVolume(name, size: size, class: storageClass) {
    $0.spec.hostPath = nil
    $0.spec.local = LocalVolumeSource { $0.path = "/disks/\(name)" }
    $0.spec.nodeAffinity = VolumeNodeAffinity { $0.required = NodeSelector(hostname: node) }
  }
}

func makeClass(
  _ name: String, provisioner: String = StorageClass.localProvisioner, mode: VolumeBindingMode = .immediate,
  _ change: (inout StorageClass) -> Void = { _ in }
) -> StorageClass {
  StorageClass(name: name) {
    $0.provisioner = provisioner
    $0.volumeBindingMode = mode
    change(&$0)
  }
}

/// A pod that mounts these volumes, each at a path of its name.
func makePod(_ name: String = "web", volumes: [Volume], _ change: (inout Pod) -> Void = { _ in }) -> Pod {
  Pod(name: name, namespace: "default") { pod in
    pod.spec.volumes = volumes
    pod.spec.containers = [
      Container { container in
        container.name = "main"
        container.image = "pause"
        container.volumeMounts = volumes.map { volume in
          VolumeMount {
            $0.name = volume.name
            $0.mountPath = "/\(volume.name ?? "")"
          }
        }
      }
    ]
    change(&pod)
  }
}

func makePod(_ name: String = "web", using claim: String, _ change: (inout Pod) -> Void = { _ in }) -> Pod {
  makePod(name, volumes: [.claim(claim)], change)
}

extension Volume {
  static func claim(_ name: String, readOnly: Bool? = nil) -> Volume {
    Volume {
      $0.name = "data"
      $0.persistentVolumeClaim = PersistentVolumeClaimVolumeSource {
        $0.claimName = name
        $0.readOnly = readOnly
      }
    }
  }

  static func ephemeral(_ name: String = "scratch", class storageClass: String? = nil) -> Volume {
    Volume {
      $0.name = name
      $0.ephemeral = EphemeralVolumeSource {
        $0.volumeClaimTemplate = PersistentVolumeClaimTemplate {
          $0.metadata.labels["kind"] = "scratch"
          $0.spec = makeClaim(class: storageClass).spec
        }
      }
    }
  }

  static func hostPath(_ path: String, _ type: HostPathType = .unset) -> Volume {
    Volume {
      $0.name = "host"
      $0.hostPath = HostPathVolumeSource {
        $0.path = path
        $0.type = type
      }
    }
  }

  static func emptyDir(_ name: String = "cache", medium: String? = nil, limit: String? = nil) -> Volume {
    Volume {
      $0.name = name
      $0.emptyDir = EmptyDirVolumeSource {
        $0.medium = medium
        $0.sizeLimit = limit.flatMap { try? Quantity($0) }
      }
    }
  }
}

// MARK: Worlds

/// A cluster with three simulated nodes, in which everything that was written has had its effect.
func makeWorld(_ objects: [any Resource] = []) throws -> World {
  let world = try World(layers: layers, seed: 1)
  world.run(for: .seconds(3))
  try world.create(objects)
  return world
}

extension World {
  /// Throws the first refusal.
  func create(_ objects: [any Resource]) throws {
    for object in objects { try act(.create(object.json)) }
    run(for: .seconds(5))
  }

  func act(_ intent: Intent) throws {
    if let refusal = perform([intent]).first { throw refusal }
  }

  /// Why the wish is refused; nil when it is not.
  func refusal(_ intent: Intent) -> String? { perform([intent]).first?.message }

  func delete(_ object: some Resource) throws {
    try act(.delete(object.key, DeleteOptions()))
    run(for: .seconds(40))
  }

  /// Changes the object as it is stored now.
  func change<T: Resource>(_ object: T, _ change: (inout T) -> Void) throws {
    guard var stored = view[T.self, object.key] else { throw StatusError.notFound(object.key) }
    change(&stored)
    try act(.update(stored.json))
    run(for: .seconds(5))
  }

  func claim(_ name: String = "data") -> PersistentVolumeClaim? {
    view.object(PersistentVolumeClaim.self, name, in: "default")
  }

  func volume(_ name: String = "disk") -> PersistentVolume? { view.object(PersistentVolume.self, name) }

  func pod(_ name: String = "web") -> Pod? { view.object(Pod.self, name, in: "default") }

  /// "Warning FailedBinding: …", each once, in the order in which they were first told.
  func told(about object: some Resource) -> [String] {
    view.all(RecordedEvent.self).filter {
      $0.involvedObject.name == object.name && $0.involvedObject.kind == type(of: object).kind.name
    }
    .sorted { ($0.firstTimestamp ?? now, $0.name) < ($1.firstTimestamp ?? now, $1.name) }
    .map { "\($0.type ?? "") \($0.reason ?? ""): \($0.message ?? "")" }
  }
}

/// A view of these objects and nothing else, each with an identity.
func makeView(_ objects: [any Resource]) throws -> View {
  let named = objects.map { object in
    var object = object
    if object.uid.isEmpty { object.metadata.uid = "uid-" + object.name }
    return object
  }
  return try Cluster(layers: layers).view(of: named)
}
