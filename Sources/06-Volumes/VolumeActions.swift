import Configuration
import ControlLoop
import Objects
import Pods
import Simulation
import Store

/// What users and administrators do with storage in simulated worlds.
extension UserAction {
  static let volumes = [
    UserAction("create a volume") { _, random, _ in
      let volume = PersistentVolume(name: "disk-\(random.next() % 4)") {
        $0.spec.capacity["storage"] = size(from: &random)
        $0.spec.accessModes = [AccessMode.readWriteOnce.rawValue, AccessMode.readOnlyMany.rawValue]
        $0.spec.storageClassName = ["", "by-hand"].randomElement(using: &random)
        $0.spec.hostPath = HostPathVolumeSource { $0.path = "/data" }
        if random.next() % 4 == 0 {
          $0.spec.claimRef = ObjectReference {
            $0.namespace = "default"
            $0.name = "claim-\(random.next() % 4)"
          }
        }
      }
      return [.create(volume.json)]
    },
    UserAction("create a class") { _, random, _ in
      let isMade = Bool.random(using: &random)
      let storageClass = StorageClass(name: isMade ? "at-once" : "by-hand") {
        $0.provisioner = isMade ? StorageClass.localProvisioner : StorageClass.noProvisioner
        $0.volumeBindingMode = isMade ? .immediate : .waitForFirstConsumer
        $0.allowVolumeExpansion = isMade
      }
      return [.create(storageClass.json)]
    },
    UserAction("create a claim") { view, random, _ in
      let claim = PersistentVolumeClaim(name: "claim-\(random.next() % 4)", namespace: "default") {
        $0.spec.resources.requests["storage"] = size(from: &random)
        $0.spec.accessModes = [AccessMode.allCases.randomElement(using: &random)?.rawValue ?? ""]
        $0.spec.storageClassName = [nil, "", "by-hand", "at-once"].randomElement(using: &random) ?? nil
        if random.next() % 8 == 0 { $0.spec.volumeName = "disk-\(random.next() % 4)" }
      }
      return [.create(claim.json)]
    },
    UserAction("create a pod with storage") { _, random, _ in
      let pod = Pod(name: "user-\(random.next() % 6)", namespace: "default") { pod in
        pod.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = ["pause", "sleep-5"].randomElement(using: &random)
            $0.volumeMounts = [
              VolumeMount {
                $0.name = "data"
                $0.mountPath = "/data"
              }
            ]
          }
        ]
        pod.spec.volumes = [volume(from: &random)]
      }
      return [.create(pod.json)]
    },
    UserAction("fill a volume") { view, random, _ in
      let modest = view.all(Pod.self).filter { pod in
        !pod.sizeLimits.isEmpty && pod.spec.containers.allSatisfy { Pod.simulatedUsage(of: $0.image ?? "") == 0 }
      }
      guard var pod = modest.randomElement(using: &random) else { return [] }
      let image = "fill-\(Int.random(in: 1...4, using: &random))"
      for index in pod.spec.containers.indices { pod.spec.containers[index].image = image }
      return [.update(pod.json)]
    },
    UserAction("let a claim grow") { view, random, _ in
      guard var claim = view.all(PersistentVolumeClaim.self).randomElement(using: &random) else { return [] }
      claim.spec.resources.requests["storage"] = claim.size + size(from: &random)
      return [.update(claim.json)]
    },
    UserAction("delete a claim") { view, random, _ in
      let claim = view.all(PersistentVolumeClaim.self).randomElement(using: &random)
      return claim.map { [.delete($0.key, DeleteOptions())] } ?? []
    },
  ]

  private static func size(from random: inout SeededGenerator) -> Quantity {
    Quantity(Int64.random(in: 1...4, using: &random) << 30, format: .binarySI)
  }

  private static func volume(from random: inout SeededGenerator) -> Volume {
    Volume { volume in
      volume.name = "data"
      switch random.next() % 6 {
      case 0: volume.emptyDir = EmptyDirVolumeSource { $0.sizeLimit = size(from: &random) }
      case 1:
        volume.ephemeral = EphemeralVolumeSource {
          $0.volumeClaimTemplate = PersistentVolumeClaimTemplate {
            $0.spec.accessModes = [AccessMode.readWriteOnce.rawValue]
            $0.spec.resources.requests["storage"] = Quantity(1 << 30, format: .binarySI)
          }
        }
      default:
        volume.persistentVolumeClaim = PersistentVolumeClaimVolumeSource {
          $0.claimName = "claim-\(random.next() % 4)"
        }
      }
    }
  }
}
