import ControlLoop
import KubernetesFacts
import Objects
import Pods
import Scheduling
import Simulation
import Testing
import Volumes

@Suite struct WishTests {
  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    let differences = try KubernetesFacts().differences(in: Cluster(layers: layers).scheme)
    #expect(differences == [])
  }

  @Test func whatCannotBeMeantIsRefusedInKubernetesWords() throws {
    let half = try Quantity("1500m")
    #expect(
      problems { $0.topologySpreadConstraints = [TopologySpreadConstraint()] } == [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
        #"spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway""#,
      ])
    #expect(
      problems { $0.schedulingGates = [PodSchedulingGate { $0.name = "a b" }] }.first?.hasPrefix(
        #"spec.schedulingGates[0]: Invalid value: "a b""#) == true)
    #expect(
      problems {
        $0.containers[0].resources.requests = ["cpu": Quantity(2)];
        $0.containers[0].resources.limits = ["cpu": Quantity(1)]
      } == [
        #"spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#
      ])
    #expect(
      problems { $0.containers[0].resources.limits = ["example.com/gpu": half] } == [
        #"spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer"#,
        #"spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer"#,
      ])
    #expect(
      problems { $0.containers[0].resources.limits = ["gpu": Quantity(1)] }.first
        == #"spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified"#
    )
  }

  @Test func aStartThatNeedsMoreCountsAndNothingCountsTwice() throws {
    let pod = Pod(name: "web", namespace: "default") {
      $0.spec.initContainers = [
        container("proxy", cpu: 1) { $0.restartPolicy = .always }, container("migrate", cpu: 4),
        container("warm", cpu: 2),
      ]
      $0.spec.containers = [container("a", cpu: 1), container("b", cpu: 1)]
      $0.spec.overhead = ["cpu": Quantity(1)]
    }
    #expect(pod.requests["cpu"] == Quantity(6), "at the start 1 + 4, later 1 + 1 + 1, and 1 beside it")
    var heavy = pod
    heavy.spec.containers[0].resources.requests["cpu"] = Quantity(5)
    #expect(heavy.requests["cpu"] == Quantity(8), "later 1 + 5 + 1, and 1 beside it: more than the start")
  }

  @Test func gatesAreShownAndCanOnlyBeTakenAway() throws {
    let world = try World(layers: layers, seed: 1)
    let pod = Pod(name: "web", namespace: "default") {
      $0.spec.containers = [container("main", cpu: 1)]
      $0.spec.schedulingGates = [PodSchedulingGate { $0.name = "example.com/quota" }]
      $0.spec.nodeSelector = ["disk": "ssd"]
    }
    #expect(world.perform([.create(pod.json)]).isEmpty)
    world.run(for: .seconds(10))
    var stored = try #require(world.view.object(Pod.self, "web", in: "default"))
    #expect(stored.status.conditions["PodScheduled"]?.reason == "SchedulingGated")
    #expect(stored.spec.nodeName == nil)
    var changed = stored
    changed.spec.schedulingGates.append(PodSchedulingGate { $0.name = "example.com/other" })
    #expect(
      world.perform([.update(changed.json)]).first?.message.contains(
        "only deletion is allowed, but found new scheduling gate 'example.com/other'") == true)
    changed = stored
    changed.spec.nodeSelector = [:]
    #expect(
      world.perform([.update(changed.json)]).first?.message.contains(
        "only additions to spec.nodeSelector are allowed (no mutations or deletions)") == true)
    stored.spec.nodeSelector = ["disk": "ssd", "kubernetes.io/os": "linux"]
    stored.spec.schedulingGates = []
    #expect(world.perform([.update(stored.json)]).isEmpty)
    #expect(world.view.object(Pod.self, "web", in: "default")?.status.conditions["PodScheduled"] == nil)
  }

  @Test func whatAVendorCountsOnANodeStaysAndCanBeAskedFor() throws {
    let world = try World(layers: layers, seed: 1)
    world.run(for: .seconds(30))
    var node = try #require(world.view.object(Node.self, "node-2"))
    node.status.capacity["example.com/gpu"] = Quantity(1)
    #expect(world.perform([.updateStatus(node.json)]).isEmpty)
    for name in ["one", "two"] {
      let pod = Pod(name: name, namespace: "default") {
        $0.spec.containers = [container("main", cpu: 1) { $0.resources.limits = ["example.com/gpu": Quantity(1)] }]
      }
      #expect(world.perform([.create(pod.json)]).isEmpty)
      world.run(for: .seconds(400))
    }
    #expect(world.view.object(Node.self, "node-2")?.status.allocatable["example.com/gpu"] == Quantity(1))
    #expect(world.view.object(Pod.self, "one", in: "default")?.spec.nodeName == "node-2")
    let second = try #require(world.view.object(Pod.self, "two", in: "default"))
    #expect(
      second.status.conditions["PodScheduled"]?.message?.hasPrefix(
        "0/3 nodes are available: 3 Insufficient example.com/gpu.") == true)
  }

  @Test func labelsToBeMatchedStandInTheSelector() throws {
    let world = try World(layers: layers, seed: 1)
    let pod = Pod(name: "web", namespace: "default") {
      $0.metadata.labels = ["version": "7"]
      $0.spec.containers = [container("main", cpu: 1)]
      $0.spec.topologySpreadConstraints = [
        TopologySpreadConstraint {
          $0.maxSkew = 1
          $0.topologyKey = "zone"
          $0.whenUnsatisfiable = .doNotSchedule
          $0.labelSelector = LabelSelector()
          $0.matchLabelKeys = ["version"]
        }
      ]
    }
    #expect(world.perform([.create(pod.json)]).isEmpty)
    let selector = world.view.object(Pod.self, "web", in: "default")?.spec.topologySpreadConstraints.first?
      .labelSelector
    #expect(LabelQuery(selector).description == "version in (7)")
  }

  @Test func aNodeMatchesBySelectorAndByRequiredAffinity() {
    let node = Node(name: "one") { $0.metadata.labels = ["disk": "ssd", "zone": "a"] }
    let pod = Pod(name: "web", namespace: "default") {
      $0.spec.nodeSelector = ["disk": "ssd"]
      $0.spec.affinity = Affinity {
        $0.nodeAffinity = NodeAffinity {
          $0.requiredDuringSchedulingIgnoredDuringExecution = NodeSelector(hostname: "one")
        }
      }
    }
    #expect(!pod.matchesNodeAffinity(node))
    var labelled = node
    labelled.metadata.labels["kubernetes.io/hostname"] = "one"
    #expect(pod.matchesNodeAffinity(labelled))
    labelled.metadata.labels["disk"] = nil
    #expect(!pod.matchesNodeAffinity(labelled))
  }

  private func problems(_ change: (inout PodSpec) -> Void) -> [String] {
    var pod = Pod(name: "web", namespace: "default") { $0.spec.containers = [container("main", cpu: nil)] }
    change(&pod.spec)
    let scheme = Cluster(layers: layers).scheme
    scheme.applyDefaults(to: &pod.json, as: Pod.self)
    return scheme.validate(pod.json, as: Pod.self).map(\.description)
  }
}
