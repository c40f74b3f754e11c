import Deployments
import Objects
import Pods
import ReplicaSets

extension Demo {
  static let pods = Demo(chapter: "1", title: "a pod runs on a node, and nobody replaces it") {
    let cluster = try SimulatedCluster(through: 1)
    return Play(
      stage: cluster,
      steps: [
        Step(
          "Three nodes are ready and have nothing to do.",
          note: "Each node has an agent, which looks at the pods that are meant for it. So far there is none.",
          length: 3),
        Step(
          "A user creates the pod web. The scheduler gives it a node, the node's agent starts it.",
          note:
            "Three writers, one object: the user writes the spec, the scheduler the node's name, the agent the status.",
          length: 5
        ) { cluster.create(SimulatedCluster.pod("web", image: "web:1")) },
        Step(
          "The program of another pod crashes five seconds after each start.",
          ask: "Its node starts it again. When, and how often?",
          answer:
            "At once the first time, then after 10 and 20 seconds, and now it waits for 40. It is the same pod all the time.",
          note: "The node heals containers, inside a pod that exists. Remember that for the next step.", length: 55
        ) { cluster.create(SimulatedCluster.pod("crashing", image: "crash-5")) },
        Step(
          "Now something breaks: a user deletes web. It has 30 seconds to end, and ends at once.",
          ask: "What brings web back, and when?",
          answer: "Nothing does. A bare pod has nobody who wants it.",
          note:
            "Let them guess: the node, the scheduler, the API server. Then ask which of these knows that web should exist.",
          length: 22
        ) { cluster.delete(Pod.self, "web") },
      ])
  }

  static let replicaSets = Demo(chapter: "2", title: "a replica set keeps three pods alive") {
    let cluster = try SimulatedCluster(through: 2)
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A user creates a replica set that asks for three pods.",
          note: "The set is two sentences: how many, and what each of them looks like. The controller makes the pods.",
          length: 5
        ) {
          cluster.create(
            ReplicaSet(name: "web", namespace: "default") {
              $0.spec.replicas = 3
              $0.spec.selector = SimulatedCluster.selector
              $0.spec.template = SimulatedCluster.template
            })
        },
        Step(
          "Now something breaks: somebody deletes one of the pods.",
          ask: "How many pods will there be, and with which names?",
          answer: "Three, and one of the names is new. A set heals a number and not a pod.",
          note: "Ask what became of the old pod's data. It is gone with it; chapter 6 will care.", length: 5
        ) { if let pod = cluster.pods.first { cluster.delete(Pod.self, pod.name) } },
        Step(
          "A user takes the label off one pod.",
          ask: "How many pods run now?",
          answer: "Four. The set let one go and made another. The one that was let go runs on and belongs to nobody.",
          note: "This is how one takes a sick pod out of service to look at it while its replacement works.", length: 5
        ) {
          if let pod = cluster.pods.last {
            cluster.change(Pod.self, pod.name) { $0.metadata.labels = ["app": "debug"] }
          }
        },
        Step(
          "The set is scaled to one pod.",
          note:
            "Which ones go is decided by a list of comparisons, and whose loss costs least goes first. Exercise 2.1 asks for it.",
          length: 5
        ) { cluster.change(ReplicaSet.self, "web") { $0.spec.replicas = 1 } },
        Step(
          "The set is deleted, and its pod is collected. The pod that was let go stays.",
          note: "Ownership is written in the pod: an owner reference. Labels only say who might be adopted.", length: 8
        ) { cluster.delete(ReplicaSet.self, "web") },
      ])
  }

  static let deployments = Demo(chapter: "3", title: "a deployment rolls out a change, and back") {
    let cluster = try SimulatedCluster(through: 3) { pod in
      "\(pod.spec.containers.first?.image ?? "") \(pod.name.suffix(5))"
    }
    func setImage(_ image: String) {
      cluster.change(Deployment.self, "web") { $0.spec.template.spec.containers[0].image = image }
    }
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A user creates a deployment of three pods. It makes a replica set, and that makes the pods.",
          note:
            "The number in the middle of a pod's name is a hash of the template: it says which set the pod is from.",
          length: 4
        ) {
          cluster.create(
            Deployment(name: "web", namespace: "default") {
              $0.spec.replicas = 3
              $0.spec.selector = SimulatedCluster.selector
              $0.spec.template = SimulatedCluster.template
            })
        },
        Step(
          "The image changes to slow-2:v2, which takes two seconds to start.",
          ask: "One pod more than three is allowed, and none fewer. What happens first?",
          answer: "One new pod starts. No old one goes before it is ready.",
          note: "Nobody edits a pod here. The deployment makes a second set and moves a number from one to the other.",
          length: 1
        ) { setImage("slow-2:v2") },
        Step(
          "Old pods go as new ones become ready.", note: "Count the dots in each column: never fewer than three.",
          length: 3),
        Step(
          "The roll-out is finished. The old set stays, empty, to go back to.",
          note: "That is the whole history: sets of size nought, each with the template it was made from.", length: 6),
        Step(
          "Now something breaks: the next image does not exist.",
          ask: "How many pods still serve, and will the deployment go back by itself?",
          answer:
            "Three, for as long as you let them. It waits: it cannot know whether you are about to push that image.",
          note:
            "The roll-out stops after one pod, because that one never becomes ready. Ask what maxUnavailable: 3 would do.",
          length: 12
        ) { setImage("missing:3") },
        Step(
          "The user goes back to slow-2:v2. The broken pod is thrown away.",
          note: "Nothing is started. The set of that template is there, with three pods that were never touched.",
          length: 6
        ) { setImage("slow-2:v2") },
      ])
  }
}
