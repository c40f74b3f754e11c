import Configuration
import ControlLoop
import Objects
import Pods
import Services
import Simulation
import Store
import Testing
import Volumes

@testable import StatefulSets

@Suite struct PodIdentityTests {
  private let set = storedSet {
    $0.spec.serviceName = "db"
    $0.spec.volumeClaimTemplates = [claimTemplate(), claimTemplate("log")]
  }

  @Test func aPodsNumberIsInItsName() {
    func ordinal(_ name: String) -> Int? { set.ordinal(of: Pod(name: name, namespace: "default")) }
    #expect(ordinal("web-0") == 0)
    #expect(ordinal("web-12") == 12)
    for name in ["web", "web-", "web-x", "web-01", "web--1", "web-1-2", "webs-1", "db-1"] {
      #expect(ordinal(name) == nil, "a number is one name and no other: \(name)")
    }
  }

  @Test func aNumberSaysAllAboutAPod() {
    var revision = new
    var template = template("v2")
    template.spec.volumes = [
      Volume { $0.name = "data" },
      Volume {
        $0.name = "tmp"
        $0.emptyDir = EmptyDirVolumeSource()
      },
    ]
    revision.data = ControllerRevision.patch(for: template)
    let pod = set.makePod(4, from: revision)
    #expect(pod.name == "web-4")
    #expect(pod.metadata.generateName == "web-")
    #expect(pod.namespace == "default")
    #expect(pod.controller?.uid == set.uid)
    #expect(pod.spec.hostname == "web-4")
    #expect(pod.spec.subdomain == "db")
    let labels = [
      ("app", "web"), ("controller-revision-hash", revision.name), ("statefulset.kubernetes.io/pod-name", "web-4"),
      ("apps.kubernetes.io/pod-index", "4"),
    ]
    for (name, value) in labels { #expect(pod.metadata.labels[name] == value) }
    #expect(pod.spec.volumes.map(\.name) == ["data", "log", "tmp"])
    #expect(
      pod.spec.volumes.map { $0.persistentVolumeClaim?.claimName } == ["data-web-4", "log-web-4", nil])
    #expect(pod.spec.containers.first?.image == "v2")
  }

  @Test func aSetWithoutAServiceGivesNoSubdomain() {
    let set = storedSet { $0.spec.serviceName = "" }
    #expect(set.makePod(0, from: new).spec.subdomain == nil)
  }

  @Test func aClaimHasTheLabelsOfItsTemplateAndOfTheSelector() {
    let set = storedSet {
      $0.spec.volumeClaimTemplates = [claimTemplate()]
      $0.spec.volumeClaimTemplates[0].metadata.labels = ["tier": "disk", "app": "?"]
    }
    let claims = set.claims(2)
    #expect(claims.map(\.volume) == ["data"])
    #expect(claims.map(\.claim.name) == ["data-web-2"])
    #expect(claims.first?.claim.namespace == "default")
    #expect(claims.first?.claim.metadata.labels == ["tier": "disk", "app": "web"])
  }

  @Test func aPodFindsItsStorageAgainOnAnyLife() throws {
    let world = try World(
      makeSet(replicas: 2) {
        $0.spec.volumeClaimTemplates = [claimTemplate()]
        $0.spec.template.spec.containers[0].volumeMounts = [
          VolumeMount {
            $0.name = "data"
            $0.mountPath = "/data"
          }
        ]
      })
    world.run(for: .seconds(30))
    #expect(world.names == ["web-0", "web-1"])
    let before = try #require(world.claims.first)
    #expect(world.claims.map(\.name) == ["data-web-0", "data-web-1"])
    #expect(world.claims.allSatisfy { $0.status.phase == .bound })
    let first = try #require(world.pod(0))
    world.delete(0)
    world.run(for: .seconds(60))
    let second = try #require(world.pod(0))
    #expect(first.uid != second.uid)
    #expect(second.isReady)
    #expect(world.claims.first?.uid == before.uid)
    #expect(world.claims.first?.spec.volumeName == before.spec.volumeName)
  }

  @Test func aPodHasItsNameInDNS() throws {
    let world = try World(makeSet(replicas: 2))
    let service = Service(name: "web", namespace: "default") {
      $0.spec.clusterIP = "None"
      $0.spec.selector = ["app": "web"]
      $0.spec.ports = [ServicePort { $0.port = 80 }]
    }
    world.perform([.create(service.json)])
    world.run(for: .seconds(30))
    let address = try #require(world.pod(1)?.status.podIP)
    let query = DNSMessage(id: 1, asking: DNSName("web-1.web.default.svc.cluster.local"), .a)
    let answer = ClusterDNS().answer(to: query, in: world.view)
    #expect(answer?.answers.map(\.data) == IPv4Address(address).map { [.a($0)] })
  }
}
