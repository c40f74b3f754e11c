import ControlLoop
import Objects
import Pods
import Store
import Testing
import Volumes

@testable import Scheduling

@Suite struct PlacingTests {
  @Test func theEmptiestNodeIsBest() throws {
    let fixture = try Fixture([someNode("one"), someNode("two"), somePod("a", cpu: 2, on: "one")])
    #expect(fixture.choice(for: somePod("b")) == "two")
  }

  @Test func ofEqualNodesTheFirstIsTaken() throws {
    #expect(try Fixture([someNode("two"), someNode("one")]).choice(for: somePod("a")) == "one")
  }

  @Test func requestsAreComparedWithRequestsAndFinishedPodsHaveNone() throws {
    let done = somePod("done", cpu: 8, on: "one") { $0.status.phase = .succeeded }
    let fixture = try Fixture([someNode("one"), somePod("a", cpu: 7, on: "one"), done])
    #expect(fixture.choice(for: somePod("b", cpu: 1)) == "one", "a pod that has ended has given its room back")
    #expect(fixture.choice(for: somePod("b", cpu: 2)) == "0/1 nodes are available: 1 Insufficient cpu.")
  }

  @Test func theMessageCountsEveryReason() throws {
    let fixture = try Fixture([
      someNode("one", cpu: 1), someNode("two") { $0.spec.unschedulable = true },
      someNode("three") { $0.spec.taints = [Taint("disk", .noSchedule, value: "slow")] },
      someNode("four") { $0.spec.taints = [Taint("disk", .noSchedule, value: "slow")] }, someNode("five", pods: 0),
    ])
    #expect(
      fixture.choice(for: somePod("a", cpu: 2))
        == "0/5 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) were unschedulable, "
        + "2 node(s) had untolerated taint {disk: slow}.")
    #expect(try Fixture([]).choice(for: somePod("a")) == "no nodes available to schedule pods")
  }

  @Test func whatOnlyOtherPodsTakeAwayIsToldFromWhatIsNotThere() throws {
    var state = ClusterState()
    let fixture = try Fixture([someNode("small", cpu: 1), someNode("full"), somePod("a", cpu: 7, on: "full")])
    state.update(to: fixture.view)
    guard case .nowhere(let diagnosis) = state.choose(for: somePod("b", cpu: 4), by: SchedulerProfile(), fixture.view)
    else {
      Issue.record("it fits")
      return
    }
    #expect(diagnosis.helpedByOthers == ["full"])
    let (profile, pod) = (SchedulerProfile(), somePod("b", cpu: 4))
    let victim = try #require(fixture.view.object(Pod.self, "a", in: "default"))
    #expect(state.rejection(of: pod, on: "full", by: profile, fixture.view)?.reasons == ["Insufficient cpu"])
    #expect(state.rejection(of: pod, on: "full", without: [victim], by: profile, fixture.view) == nil)
    #expect(
      state.rejection(of: pod, on: "full", by: profile, fixture.view) != nil, "the victim has only been thought away")
  }

  @Test func extendedResourcesAreCounted() throws {
    let gpu = someNode("gpu") { $0.status.allocatable["example.com/gpu"] = Quantity(1) }
    func wanting(_ name: String, on node: String? = nil) -> Pod {
      somePod(name, on: node) { $0.spec.containers[0].resources.requests["example.com/gpu"] = Quantity(1) }
    }
    let fixture = try Fixture([someNode("a"), gpu])
    #expect(fixture.choice(for: wanting("one")) == "gpu")
    fixture.put(wanting("one", on: "gpu"))
    #expect(fixture.choice(for: wanting("two")) == "0/2 nodes are available: 2 Insufficient example.com/gpu.")
  }

  @Test func aPortOfANodeIsGivenOnce() throws {
    func listening(_ name: String, on node: String? = nil, at address: String? = nil) -> Pod {
      somePod(name, on: node) {
        $0.spec.containers[0].ports = [
          ContainerPort {
            $0.containerPort = 80
            $0.hostPort = 80
            $0.hostIP = address
          }
        ]
      }
    }
    let fixture = try Fixture([someNode("one"), listening("a", on: "one", at: "127.0.0.1")])
    #expect(
      fixture.choice(for: listening("b"))
        == "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.")
    #expect(fixture.choice(for: listening("b", at: "127.0.0.2")) == "one")
  }

  @Test func preferencesOfNodesAreWeighed() throws {
    let fixture = try Fixture([
      someNode("a"), someNode("b") { $0.metadata.labels["disk"] = "ssd" }, somePod("x", cpu: 3, on: "b"),
    ])
    let pod = somePod("p") {
      let ssd = NodeSelectorTerm {
        $0.matchExpressions = [
          NodeSelectorRequirement {
            $0.key = "disk"
            $0.operator = "Exists"
          }
        ]
      }
      let preferred = PreferredSchedulingTerm {
        $0.weight = 1
        $0.preference = ssd
      }
      $0.spec.affinity = Affinity {
        $0.nodeAffinity = NodeAffinity { $0.preferredDuringSchedulingIgnoredDuringExecution = [preferred] }
      }
    }
    #expect(fixture.choice(for: somePod("plain")) == "a")
    #expect(fixture.choice(for: pod) == "b", "200 for the label outweigh the fuller node")
  }

  @Test func imagesThatAreThereAttract() throws {
    let here = someNode("z") {
      $0.status.images = [
        ContainerImage {
          $0.names = ["pause:latest"]
          $0.sizeBytes = 900 << 20
        }
      ]
    }
    #expect(try Fixture([someNode("a"), here]).choice(for: somePod("p")) == "z")
  }
}

@Suite struct NeighbourTests {
  let nodes = ["one", "two", "three"].map { name in
    someNode(name) { $0.metadata.labels["zone"] = name == "three" ? "b" : "a" }
  }

  @Test func whoMustBeNearIsNear() throws {
    let fixture = try Fixture(nodes + [somePod("db", on: "three") { $0.metadata.labels = ["app": "db"] }])
    #expect(fixture.choice(for: somePod("p").near(term("zone", app: "db"))) == "three")
    #expect(
      fixture.choice(for: somePod("p").near(term("zone", app: "cache")))
        == "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.")
  }

  @Test func theFirstOfAGroupMayStartIt() throws {
    #expect(try Fixture(nodes).choice(for: somePod("p").near(term("zone"))) == "one")
    #expect(
      try Fixture(nodes).choice(for: somePod("p").near(term("rack")))
        == "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.", "but only where there is a place")
  }

  @Test func whoMustBeAwayIsAwayAndIsLeftAlone() throws {
    let alone = somePod("alone", on: "one").away(from: term())
    let fixture = try Fixture(nodes + [alone])
    #expect(fixture.choice(for: somePod("p")) != "one")
    #expect(fixture.choice(for: somePod("p").away(from: term("zone"))) == "three")
    fixture.put(somePod("b", on: "three"))
    #expect(
      fixture.choice(for: somePod("p").away(from: term("zone")))
        == "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.")
  }

  @Test func likingsCountBothWays() throws {
    let friend = somePod("friend", on: "two") {
      $0.spec.affinity = Affinity {
        $0.podAffinity = PodAffinity {
          $0.preferredDuringSchedulingIgnoredDuringExecution = [
            WeightedPodAffinityTerm {
              $0.weight = 100
              $0.podAffinityTerm = term()
            }
          ]
        }
      }
    }
    #expect(try Fixture(nodes + [friend]).choice(for: somePod("p")) == "two")
  }

  @Test func otherNamespacesCountWhenTheyAreNamed() throws {
    let other = Pod(name: "x", namespace: "other") {
      $0.metadata.labels = ["app": "web"]
      $0.spec.nodeName = "one"
    }
    let space = Namespace(name: "other") { $0.metadata.labels = ["team": "red"] }
    let fixture = try Fixture(nodes + [other, space])
    var away = term("zone")
    #expect(fixture.choice(for: somePod("p").away(from: away)) == "one")
    away.namespaceSelector = LabelSelector { $0.matchLabels = ["team": "red"] }
    #expect(fixture.choice(for: somePod("p").away(from: away)) == "three")
    away.namespaceSelector = nil
    away.namespaces = ["other"]
    #expect(fixture.choice(for: somePod("p").away(from: away)) == "three")
  }
}

@Suite struct SpreadTests {
  let nodes = ["one", "two", "three"].map { name in
    someNode(name) { $0.metadata.labels["zone"] = name == "three" ? "b" : "a" }
  }

  @Test func noPlaceHasMoreThanTheSkewAllows() throws {
    let fixture = try Fixture(nodes + [somePod("a", on: "one")])
    let pod = somePod("p") { $0.spec.topologySpreadConstraints = [spread("zone")] }
    #expect(fixture.choice(for: pod) == "three")
    fixture.put(somePod("x", cpu: 8, on: "three") { $0.metadata.labels = [:] })
    #expect(
      fixture.choice(for: pod)
        == "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match pod topology spread constraints.")
  }

  @Test func aNodeInNoPlaceIsNotUsed() throws {
    let pod = somePod("p") { $0.spec.topologySpreadConstraints = [spread("rack")] }
    #expect(
      try Fixture(nodes).choice(for: pod)
        == "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label).")
  }

  @Test func tooFewPlacesCountAsAnEmptyOne() throws {
    let fixture = try Fixture(nodes + [somePod("a", on: "one"), somePod("b", on: "three")])
    var constraint = spread("zone")
    let pod = somePod("p") { $0.spec.topologySpreadConstraints = [constraint] }
    #expect(fixture.choice(for: pod) == "two")
    constraint.minDomains = 3
    let strict = somePod("p") { $0.spec.topologySpreadConstraints = [constraint] }
    #expect(fixture.choice(for: strict).hasPrefix("0/3"))
  }

  @Test func podsThatLeaveAreNotCounted() throws {
    let leaving = somePod("a", on: "one") { $0.metadata.deletionTimestamp = Time(microseconds: 0) }
    let fixture = try Fixture(nodes + [leaving, somePod("b", on: "three")])
    #expect(fixture.choice(for: somePod("p") { $0.spec.topologySpreadConstraints = [spread("zone")] }) == "two")
  }

  @Test func nodesThatThePodCannotUseCountOnlyIfItSaysSo() throws {
    var constraint = spread("zone")
    func pod() -> Pod {
      somePod("p") {
        $0.spec.nodeSelector = ["zone": "a"]
        $0.spec.topologySpreadConstraints = [constraint]
      }
    }
    let fixture = try Fixture(nodes + [somePod("a", on: "one")])
    #expect(fixture.choice(for: pod()) == "two")
    constraint.nodeAffinityPolicy = .ignore
    #expect(fixture.choice(for: pod()).hasPrefix("0/3"), "zone b is empty and out of reach")
  }

  @Test func softConstraintsPrefer() throws {
    let fixture = try Fixture(
      nodes + [somePod("a", cpu: nil, on: "one"), somePod("b", cpu: 6, on: "three") { $0.metadata.labels = [:] }])
    let pod = somePod("p") { $0.spec.topologySpreadConstraints = [spread("zone", .scheduleAnyway)] }
    #expect(fixture.choice(for: somePod("q")) == "two")
    #expect(fixture.choice(for: pod) == "three")
  }
}
