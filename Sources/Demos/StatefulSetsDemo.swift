import ControlLoop
import Objects
import Pods
import Simulation
import StatefulSets
import Volumes

extension Demo {
  static let statefulSets = Demo(chapter: "11", title: "each pod is somebody, and so is its successor") {
    let cluster = try SimulatedCluster(through: 11, boxesBeside: Self.claims)
    func change(_ change: (inout StatefulSet) -> Void) { cluster.change(StatefulSet.self, "db", change) }
    func setImage(_ image: String) { change { $0.spec.template.spec.containers[0].image = image } }
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A set of three, whose program takes three seconds to come up.",
          ask: "When do the second and the third pod come?",
          answer: "When the one before is ready. Each number has its name, and a claim that bears it.",
          note: "Point at the names and the claims. Nobody has chosen them: both follow from a number.", length: 14
        ) {
          cluster.create(
            StatefulSet(name: "db", namespace: "default") {
              $0.spec.replicas = 3
              $0.spec.serviceName = "db"
              $0.spec.selector = SimulatedCluster.selector
              $0.spec.template = SimulatedCluster.template
              $0.spec.template.spec.containers[0].image = "slow-3"
              $0.spec.volumeClaimTemplates = [
                PersistentVolumeClaim(name: "data") {
                  $0.spec.accessModes = ["ReadWriteOnce"]
                  $0.spec.resources.requests["storage"] = Quantity(1 << 30, format: .binarySI)
                }
              ]
            })
        },
        Step(
          "Somebody deletes db-1.", ask: "Who comes, and with which data?",
          answer: "db-1, with those of db-1. To everybody who asks by name nothing has happened but a pause.",
          note: "A Deployment's new pod has a new name. Compare with chapter 2.", length: 7
        ) { cluster.delete(Pod.self, "db-1") },
        Step(
          "A new version.", ask: "Which pod is replaced first?",
          answer: "The last. The first, from which the others may copy, comes last.",
          note: "One at a time, and each new one is waited for. Kubernetes: RollingUpdate.", length: 18
        ) { setImage("slow-3:2") },
        Step(
          "Now something breaks: the next version does not exist. The user notices, and puts the old one back.",
          ask: "The template is good again. How long until the set is?",
          answer: "For ever. The set waits for db-2 to become ready, and db-2 is made from the broken template.",
          note: "Kubernetes calls this forced rollback. A parallel set would mend itself.", length: 10
        ) {
          setImage("missing")
          cluster.world.run(for: .seconds(4))
          setImage("slow-3:2")
        },
        Step(
          "Somebody who has understood deletes db-2.", note: "The only thing that helps, and it has to be a person.",
          length: 7
        ) { cluster.delete(Pod.self, "db-2") },
        Step(
          "The set is scaled to one.", ask: "What becomes of the claims?",
          answer: "They stay. Scaled up again, db-1 and db-2 find what they had written.",
          note: "persistentVolumeClaimRetentionPolicy says otherwise, if asked to.", length: 6
        ) { change { $0.spec.replicas = 1 } },
      ])
  }

  private static func claims(in view: View) -> [Scene.Box] {
    let lines = view.all(PersistentVolumeClaim.self).map { claim in
      Scene.Line(nil, "\(claim.name)  \(claim.status.phase?.rawValue ?? "")")
    }
    return [Scene.Box(title: "claims", lines: lines)]
  }
}
