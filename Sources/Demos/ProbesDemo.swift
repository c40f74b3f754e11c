import Deployments
import Objects
import Pods
import Probes

extension Demo {
  static let probes = Demo(chapter: "7", title: "ready means that it has answered") {
    let cluster = try SimulatedCluster(through: 7) { pod in
      "\(pod.spec.containers.first?.image ?? "") \(pod.name.suffix(5))"
    }
    func change(_ change: (inout Container) -> Void) {
      cluster.change(Deployment.self, "web") { change(&$0.spec.template.spec.containers[0]) }
    }
    return Play(
      stage: cluster,
      steps: [
        Step(
          "A deployment of two pods, whose program takes ten seconds to come up.",
          ask: "When do they count as ready?",
          answer: "At once. They run, and nobody has asked them anything.",
          note: "This is where chapter 3 stood: it waits for readiness, and readiness was a word without a meaning.",
          length: 4
        ) {
          cluster.create(
            Deployment(name: "web", namespace: "default") {
              $0.spec.replicas = 2
              $0.spec.selector = SimulatedCluster.selector
              $0.spec.template = SimulatedCluster.template
              $0.spec.template.spec = SimulatedCluster.pod("", image: "waking-10").spec
            })
        },
        Step(
          "The template gets a readiness probe, which asks every second.",
          ask: "How long does the roll-out take now, and how many pods are ready meanwhile?",
          answer: "Twenty seconds: one new pod after the other, ten for each. Never fewer than two are ready.",
          note: "Nothing in the deployment's controller has changed. It only believes a better witness.", length: 26
        ) { change { $0.readinessProbe = asking(failures: 2) } },
        Step(
          "Now something breaks: the next version never answers.",
          ask: "How many pods serve after ten minutes?",
          answer: "The same two. One new pod runs and is not ready, and the roll-out stays there.",
          note: "Compare with chapter 3, where only an image that did not exist could stop a roll-out.", length: 12
        ) { change { $0.image = "deaf" } },
        Step(
          "The user goes back and tries another version, which falls ill fifteen seconds after its start.",
          ask: "It has a readiness probe and no other. Who starts it again?",
          answer: "Nobody. Both pods go out of service when they fall ill, and stay like that.",
          note: "Readiness never restarts. Ask what users see now: there are two pods, and none takes a request.",
          length: 30
        ) { change { $0.image = "sick-15" } },
        Step(
          "The template gets a liveness probe too.",
          ask: "Is the application well now?",
          answer: "Most of the time. Each pod is restarted when it falls ill, and waits longer from time to time.",
          note: "A liveness probe treats what nobody has mended. The pauses grow: it is a crash loop like any other.",
          length: 50
        ) { change { $0.livenessProbe = asking(failures: 3) } },
      ])
  }

  private static func asking(failures: Int) -> Probe {
    Probe {
      $0.httpGet = HTTPGetAction { $0.port = .integer(8_080) }
      $0.periodSeconds = 1
      $0.failureThreshold = failures
    }
  }
}
