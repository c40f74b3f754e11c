import ControlLoop
import Objects
import Pods
import Scheduling
import Testing
import Volumes

@testable import DaemonSets

/// Which nodes a set is for.
@Suite struct FateTests {
  @Test func withoutConditionsEveryNodeIsToHaveAPod() {
    #expect(storedSet().fate(on: makeNode()) == .runs)
  }

  @Test func aNodeWithoutTheLabelsIsNotForTheSet() {
    let set = storedSet { $0.spec.template.spec.nodeSelector = ["disk": "ssd"] }
    #expect(set.fate(on: makeNode(labels: ["disk": "ssd"])) == .runs)
    #expect(set.fate(on: makeNode(labels: ["disk": "hdd"])) == .goes, "a pod that is there goes, too")
  }

  @Test func aTemplateThatNamesItsNodeIsForThatNode() {
    let set = storedSet { $0.spec.template.spec.nodeName = "node-2" }
    #expect(set.fate(on: makeNode("node-2")) == .runs && set.fate(on: makeNode("node-1")) == .goes)
  }

  @Test func requiredAffinityCounts() {
    let set = storedSet {
      $0.spec.template.spec.affinity = Affinity {
        $0.nodeAffinity = NodeAffinity {
          $0.requiredDuringSchedulingIgnoredDuringExecution = NodeSelector(hostname: "node-2")
        }
      }
    }
    #expect(set.fate(on: makeNode("node-2", labels: ["kubernetes.io/hostname": "node-2"])) == .runs)
    #expect(set.fate(on: makeNode("node-1", labels: ["kubernetes.io/hostname": "node-1"])) == .goes)
  }

  @Test(arguments: [
    (TaintEffect.noSchedule, Fate.stays), (.noExecute, .goes), (.preferNoSchedule, .runs),
  ])
  func aTaintKeepsNewPodsOffAndDrivesOthersOutByItsEffect(effect: TaintEffect, fate: Fate) {
    let node = makeNode(taints: [Taint("dedicated", effect, value: "db")])
    #expect(
      storedSet().fate(on: node) == fate,
      "NoSchedule keeps new pods off and leaves the others alone, NoExecute does not, PreferNoSchedule does neither")
    let tolerant = storedSet { $0.spec.template.spec.tolerations = [Toleration("dedicated")] }
    #expect(tolerant.fate(on: node) == .runs)
  }

  @Test(arguments: [
    Taint(TaintKey.notReady, .noExecute), Taint(TaintKey.unreachable, .noExecute),
    Taint(TaintKey.diskPressure, .noSchedule), Taint(TaintKey.memoryPressure, .noSchedule),
    Taint(TaintKey.pidPressure, .noSchedule), Taint(TaintKey.unschedulable, .noSchedule),
  ])
  func aNodeInTroubleKeepsItsDaemons(taint: Taint) {
    #expect(storedSet().fate(on: makeNode(taints: [taint])) == .runs)
  }

  @Test func onlyAPodOfTheHostsNetworkDoesWithoutTheClusters() {
    let node = makeNode(taints: [Taint(TaintKey.networkUnavailable, .noSchedule)])
    #expect(storedSet().fate(on: node) == .stays)
    #expect(storedSet { $0.spec.template.spec.hostNetwork = true }.fate(on: node) == .runs)
  }

  // MARK: The pod for a node

  private func pod(_ set: DaemonSet, for node: String = "node-1") -> Pod {
    var names = SeededGenerator(seed: 1)
    return set.makePod(for: node, revision: "hash", names: &names)
  }

  @Test func aPodIsForOneNodeAndHasNoneYet() {
    let pod = pod(storedSet(), for: "node-2")
    #expect(pod.daemonNode == "node-2")
    #expect(pod.spec.nodeName == nil, "to place it is the scheduler's business")
    #expect(pod.matchesNodeAffinity(makeNode("node-2")) && !pod.matchesNodeAffinity(makeNode("node-1")))
  }

  @Test func thePodToleratesWhatDaemonsTolerate() {
    let pod = pod(storedSet { $0.spec.template.spec.tolerations = [Toleration("dedicated")] })
    #expect(
      pod.spec.tolerations.compactMap(\.key) == [
        "dedicated", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable",
        "node.kubernetes.io/disk-pressure", "node.kubernetes.io/memory-pressure", "node.kubernetes.io/pid-pressure",
        "node.kubernetes.io/unschedulable",
      ])
    let tolerant = storedSet {
      $0.spec.template.spec.tolerations = [Toleration(TaintKey.unschedulable, effect: .noSchedule)]
    }
    #expect(self.pod(tolerant).spec.tolerations.count == 6, "what is said already is not said again")
  }

  @Test func theTemplatesOwnConditionIsReplacedAndTheRestKept() {
    let set = storedSet {
      $0.spec.template.spec.affinity = Affinity { affinity in
        affinity.nodeAffinity = NodeAffinity {
          $0.requiredDuringSchedulingIgnoredDuringExecution = NodeSelector(hostname: "node-2")
          $0.preferredDuringSchedulingIgnoredDuringExecution = [PreferredSchedulingTerm { $0.weight = 7 }]
        }
        affinity.podAffinity = PodAffinity {
          $0.requiredDuringSchedulingIgnoredDuringExecution = [PodAffinityTerm { $0.topologyKey = "zone" }]
        }
      }
    }
    let affinity = pod(set).spec.affinity
    let terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
    #expect(terms.count == 1, "terms are alternatives: one for this node beside the template's would be no condition")
    #expect(affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution.first?.weight == 7)
    #expect(affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution.count == 1)
  }

  @Test func thePodSaysWhoseItIsAndOfWhichTemplate() {
    let pod = pod(storedSet())
    #expect(pod.metadata.labels["controller-revision-hash"] == "hash" && pod.metadata.labels["app"] == "agent")
    #expect(pod.controller?.uid == "set" && pod.name.hasPrefix("agent-"))
  }

  @Test func aPodThatIsOnANodeIsThereWhateverItWasMadeFor() {
    var pod = makePod("a", of: storedSet(), on: "node-2")
    #expect(pod.daemonNode == "node-2")
    pod.spec.nodeName = nil
    #expect(pod.daemonNode == nil, "it was made for no node")
  }
}
