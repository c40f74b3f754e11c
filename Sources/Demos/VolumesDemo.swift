import Configuration
import ControlLoop
import Objects
import Pods
import Simulation
import Volumes

extension Demo {
  static let volumes = Demo(chapter: "6", title: "data outlives its pod, and says where the next one goes") {
    let cluster = try SimulatedCluster(through: 6, boxesBeside: Self.storage)
    func createPod(_ name: String) {
      var pod = SimulatedCluster.pod(name, image: "db:1")
      pod.spec.volumes = [
        Volume {
          $0.name = "data"
          $0.persistentVolumeClaim = PersistentVolumeClaimVolumeSource { $0.claimName = "data" }
        }
      ]
      cluster.create(pod)
    }
    func close(_ name: String, _ isClosed: Bool) {
      guard var node = cluster.world.view.object(Node.self, name) else { return }
      node.spec.unschedulable = isClosed ? true : nil
      cluster.world.perform([.update(node.json)])
    }
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A user claims 1Gi of storage. The class standard waits for a pod.",
          ask: "On which node will the data be?",
          answer: "Nobody knows yet, and so nothing is made. The claim is Pending, and nothing is wrong.",
          note: "This is the question that beginners ask most about claims. The events say what it waits for.",
          length: 3
        ) {
          cluster.create(
            PersistentVolumeClaim(name: "data", namespace: "default") {
              $0.spec.accessModes = ["ReadWriteOnce"]
              $0.spec.resources.requests["storage"] = Quantity(1 << 30, format: .binarySI)
            })
        },
        Step(
          "A pod comes that uses the claim. The scheduler chooses a node, the volume is made there, the pod follows.",
          note: "Three programs have written to the claim: the scheduler, the provisioner, the binder. In that order.",
          length: 4
        ) { createPod("db-1") },
        Step(
          "The pod is deleted, and another one comes.", ask: "What has become of the data?",
          answer: "Nothing. The claim has it, not the pod.",
          note: "Compare with chapter 1, where everything that a pod had went with it.", length: 5
        ) {
          cluster.delete(Pod.self, "db-1")
          createPod("db-2")
        },
        Step(
          "Now something breaks: node-1 takes no more pods, and somebody deletes the pod. Its successor waits.",
          ask: "Two nodes are free. Why does it not go there?",
          answer: "The data is on node-1. A pod without it would start empty, and nobody would notice at first.",
          note: "kubectl describe pod says: node(s) didn't match PersistentVolume's node affinity. Show it.", length: 5
        ) {
          close("node-1", true)
          cluster.delete(Pod.self, "db-2")
          createPod("db-3")
        },
        Step("The node is back, and so is the pod.", note: "With its data.", length: 3) { close("node-1", false) },
        Step(
          "A user deletes the claim while the pod runs.",
          ask: "What is gone: the data, the claim, or nothing?",
          answer: "Nothing, as long as the pod is there. The claim is Terminating; a finalizer keeps it.",
          note: "Two controllers have no other work than to take such finalizers away in time.", length: 3
        ) { cluster.delete(PersistentVolumeClaim.self, "data") },
        Step(
          "The pod is deleted: the claim goes, then its volume, then the directory.",
          note: "The class says Delete. With Retain the volume would be Released now, and wait for a person.", length: 4
        ) { cluster.delete(Pod.self, "db-3") },
      ])
  }

  private static func storage(in view: View) -> [Scene.Box] {
    let claims = view.all(PersistentVolumeClaim.self).map { claim in
      Scene.Line(
        nil, "\(claim.name)  \(claim.isBeingDeleted ? "Terminating" : claim.status.phase?.rawValue ?? "")")
    }
    let volumes = view.all(PersistentVolume.self).map { volume in
      let node = view.all(Node.self).first(where: volume.isReachable)?.name ?? ""
      return Scene.Line(nil, "\(volume.name.prefix(8))  \(volume.status.phase?.rawValue ?? "")  on \(node)")
    }
    return [Scene.Box(title: "claims", lines: claims), Scene.Box(title: "volumes", lines: volumes)]
  }
}
