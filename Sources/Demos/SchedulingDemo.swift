import ControlLoop
import Objects
import Pods
import Scheduling
import Simulation

extension Demo {
  static let scheduling = Demo(chapter: "9", title: "the scheduler looks at requests, not at load") {
    let cluster = try SimulatedCluster(
      through: 9,
      describe: { pod in
        let cpu = pod.requests["cpu"].map { "\($0) cpu" } ?? ""
        let why = pod.status.conditions["PodScheduled"].flatMap { $0.status == "False" ? $0.reason : nil }
        return [pod.name, cpu, why ?? ""].filter { !$0.isEmpty }.joined(separator: "  ")
      })
    return Play(
      stage: cluster,
      steps: [
        Step(
          "Three nodes with eight processors each. Three pods come, and each asks for five.",
          ask: "Where do they go?",
          answer: "One to each node: of the nodes that have room the emptiest is best.",
          note: "Chapter 1 would have put all of them on the first node. Ask who noticed that then.", length: 4
        ) { for number in 1...3 { cluster.create(pod("web-\(number)", cpu: 5)) } },
        Step(
          "A fourth pod asks for four. None of the three does anything: all nodes are idle.",
          ask: "Does it run?",
          answer: "No. Five of eight are promised on each node, and three are left.",
          note: "A request is a promise, and the scheduler adds up promises. Nobody measures anything.", length: 4
        ) { cluster.create(pod("large", cpu: 4)) },
        Step(
          "Somebody deletes web-2.",
          ask: "Who tells the fourth pod?",
          answer: "Nobody. A deletion calls the scheduler, and it looks at all who wait.",
          note: "The pod was never tried again in between: no other event could have helped it.", length: 6
        ) { cluster.delete(Pod.self, "web-2") },
        Step(
          "Four pods that do not bear each other on one node, and ask for nothing.",
          ask: "There are three nodes. What happens to the fourth?",
          answer: "It waits, although every node has room: a required wish is a rule, and not a preference.",
          note: "In practice this is a Deployment whose fourth replica hangs. `preferred…` is what its author wanted.",
          length: 5
        ) { for number in 1...4 { cluster.create(alone("cache-\(number)")) } },
        Step(
          "Now something breaks: node-2 is taken out of use for repairs, and cache-5 comes after cache-1 has gone.",
          ask: "How many of the caches run at the end?",
          answer:
            "Two. On node-2 there is room and no cache any more, but it takes nobody. Both that wait go on waiting.",
          note: "A cordon keeps new pods away and drives nobody off: large runs on. Taints of the second half do that.",
          length: 6
        ) {
          if var node = cluster.world.view.object(Node.self, "node-2") {
            node.spec.unschedulable = true
            cluster.world.perform([.update(node.json)])
          }
          cluster.delete(Pod.self, "cache-1")
          cluster.create(alone("cache-5"))
        },
      ])
  }

  private static func pod(_ name: String, cpu: Int) -> Pod {
    var pod = SimulatedCluster.pod(name, image: "pause")
    pod.spec.containers[0].resources.requests = ["cpu": Quantity(cpu)]
    return pod
  }

  private static func alone(_ name: String) -> Pod {
    var pod = SimulatedCluster.pod(name, image: "pause")
    pod.metadata.labels = ["app": "cache"]
    let others = PodAffinityTerm {
      $0.topologyKey = "kubernetes.io/hostname"
      $0.labelSelector = LabelSelector { $0.matchLabels = ["app": "cache"] }
    }
    pod.spec.affinity = Affinity {
      $0.podAntiAffinity = PodAntiAffinity { $0.requiredDuringSchedulingIgnoredDuringExecution = [others] }
    }
    return pod
  }
}
