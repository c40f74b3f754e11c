import DaemonSets
import Objects
import Pods
import Scheduling

extension Demo {
  static let daemonSets = Demo(chapter: "12", title: "one on every machine") {
    let cluster = try SimulatedCluster(
      through: 12, nameInTimeline: { "\($0.daemonNode ?? "") \($0.spec.containers.first?.image ?? "")" },
      describe: { $0.spec.containers.first?.image ?? "" })
    func change(_ change: (inout DaemonSet) -> Void) { cluster.change(DaemonSet.self, "agent", change) }
    func change(node: String, _ change: (inout Node) -> Void) { cluster.change(Node.self, node, change) }
    return Play(
      stage: cluster,
      steps: [
        Step(
          "node-3 is closed for maintenance. A user creates a daemon set.",
          ask: "How many pods does it make?",
          answer: "Three. A closed node takes no new pods, and a daemon goes there all the same.",
          note: "Nobody has written a number. The controller makes pods, each for one node; the scheduler places them.",
          length: 5
        ) {
          change(node: "node-3") { $0.spec.unschedulable = true }
          cluster.create(
            DaemonSet(name: "agent", namespace: "default") {
              $0.spec.selector = SimulatedCluster.selector
              $0.spec.template = SimulatedCluster.template
              $0.spec.template.spec.containers[0].image = "slow-2:v1"
            })
        },
        Step(
          "The template gets a new image.",
          ask: "In which order do the nodes get it, and how many daemons are missing meanwhile?",
          answer: "One node after the other, a daemon at a time: the old pod ends, then the new one starts.",
          note: "maxUnavailable is 1, unless you say otherwise. Each machine goes without for a moment.", length: 12
        ) { change { $0.spec.template.spec.containers[0].image = "slow-2:v2" } },
        Step(
          "The set may not leave a machine alone any more: maxSurge 1 in place of maxUnavailable 1. And a new image.",
          ask: "How many pods are there while it rolls out?",
          answer: "Four. The new pod starts beside the old one, which goes when the new one is ready.",
          note: "Only for daemons that get along with each other: two that want one port of the machine do not.",
          length: 12
        ) {
          change {
            $0.spec.updateStrategy.rollingUpdate = RollingUpdateDaemonSet {
              $0.maxUnavailable = .integer(0)
              $0.maxSurge = .integer(1)
            }
            $0.spec.template.spec.containers[0].image = "slow-2:v3"
          }
        },
        Step(
          "Now something breaks: the next version cannot be pulled.",
          ask: "On how many machines are logs collected now?",
          answer: "On all three. The new pod never becomes ready, so the old one stays, and the roll-out stands.",
          note: "Compare with maxUnavailable: one machine would pay for the mistake.",
          length: 8
        ) { change { $0.spec.template.spec.containers[0].image = "missing:v4" } },
        Step(
          "The image is put right, and node-1 is set aside for a database: a taint with the effect NoExecute.",
          ask: "What becomes of node-1's daemon?",
          answer: "It goes, and none comes back. The daemon tolerates trouble, but this is nobody's trouble.",
          note: "A set that should run there says so with a toleration, and nothing else has to change.", length: 14
        ) {
          change { $0.spec.template.spec.containers[0].image = "slow-2:v5" }
          change(node: "node-1") { $0.spec.taints.append(Taint("dedicated", .noExecute, value: "db")) }
        },
      ])
  }
}
