import ControlLoop
import KubernetesFacts
import Objects
import Pods
import Scheduling
import Simulation
import Testing

@testable import DaemonSets

/// Names, defaults, validation and columns: what Kubernetes has.
@Suite struct DaemonSetRuleTests {
  @Test(arguments: [
    (#"{"selector":{"matchLabels":null}}"#, ": empty selector is invalid for daemonset"),
    (#"{"selector":{"matchLabels":{"app":"other"}}}"#, "`selector` does not match template `labels`"),
    (#"{"minReadySeconds":-1}"#, "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"),
    (#"{"revisionHistoryLimit":-1}"#, "spec.revisionHistoryLimit: Invalid value: -1"),
    (#"{"template":{"spec":{"restartPolicy":"Never"}}}"#, #"restartPolicy: Unsupported value: "Never": supported"#),
    (
      #"{"template":{"spec":{"activeDeadlineSeconds":5}}}"#,
      "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"
    ),
    (#"{"updateStrategy":{"type":"Recreate"}}"#, #"Unsupported value: "Recreate": supported values:"#),
    (
      #"{"updateStrategy":{"rollingUpdate":{"maxSurge":1}}}"#,
      "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"
    ),
    (
      #"{"updateStrategy":{"rollingUpdate":{"maxUnavailable":0}}}"#,
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"
    ),
    (#"{"updateStrategy":{"rollingUpdate":{"maxUnavailable":"101%"}}}"#, "must not be greater than 100%"),
    (#"{"updateStrategy":{"rollingUpdate":{"maxUnavailable":"many"}}}"#, "a valid percent string must be"),
  ])
  func aSetThatCannotWorkIsRefused(_ patch: String, _ message: String) throws {
    let patch = try Value(parsing: Array(patch.utf8))
    var set = makeSet().json
    set["spec"]?["updateStrategy"] = nil
    set["spec"] = set["spec"]?.merged(with: patch)
    let refusals = try World(layers: layers, seed: 1).perform([.create(set)])
    #expect(refusals.first?.message.contains(message) == true, "\(refusals)")
  }

  @Test func whatIsNotSaidIsFilledIn() throws {
    let world = try World(layers: layers, seed: 1)
    var set = makeSet().json
    set["spec"]?["updateStrategy"] = nil
    world.perform([.create(set)])
    let spec = try #require(world.set?.spec)
    #expect(spec.updateStrategy.type == .rollingUpdate && spec.revisionHistoryLimit == 10)
    #expect(spec.updateStrategy.rollingUpdate?.maxUnavailable == .integer(1))
    #expect(spec.updateStrategy.rollingUpdate?.maxSurge == .integer(0))
    #expect(world.set?.metadata.generation == 1)
  }

  @Test func aSurgeMakesDoWithoutUnavailability() throws {
    let world = try World(layers: layers, seed: 1)
    let refusals = world.perform([.create(makeSet(unavailable: 0, surge: 2).json)])
    #expect(refusals.isEmpty && world.set?.surges == true)
    #expect(storedSet { $0.spec.updateStrategy.type = .onDelete }.surges == false)
    #expect(storedSet { $0.spec.updateStrategy.rollingUpdate?.maxSurge = .string("0%") }.surges == false)
  }

  @Test func theSelectorCannotChange() throws {
    let world = try World(layers: layers, seed: 1)
    world.perform([.create(makeSet().json)])
    var set = try #require(world.set)
    set.spec.selector?.matchLabels["tier"] = "x"
    set.spec.template.metadata.labels["tier"] = "x"
    #expect(world.perform([.update(set.json)]).first?.message.contains("field is immutable") == true)
  }

  @Test func theTableIsKubernetes() {
    let set = makeSet {
      $0.metadata.creationTimestamp = now - .seconds(300)
      $0.spec.template.spec.nodeSelector = ["kubernetes.io/os": "linux", "disk": "ssd"]
      $0.status.desiredNumberScheduled = 5
      $0.status.currentNumberScheduled = 4
      $0.status.numberReady = 3
      $0.status.updatedNumberScheduled = 2
      $0.status.numberAvailable = 1
    }
    let columns = DaemonSet.kind.table
    #expect(
      columns.map(\.name) == [
        "Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age", "Containers",
        "Images", "Selector",
      ])
    #expect(
      columns.map { $0.cell(set.json, now) } == [
        "agent", 5, 4, 3, 2, 1, "disk=ssd,kubernetes.io/os=linux", "5m", "main", "agent:2", "app=agent",
      ])
    #expect(columns.map { $0.cell(makeSet().json, now) }[6] == "<none>")
  }

  @Test func theKindIsKubernetes() {
    #expect(DaemonSet.kind.apiVersion == "apps/v1" && DaemonSet.kind.resource == "daemonsets")
    #expect(DaemonSet.kind.shortNames == ["ds"] && DaemonSet.kind.categories == ["all"])
    #expect(DaemonSet.kind.hasStatus && DaemonSet.kind.scale == nil, "its size is the number of nodes")
  }

  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    #expect(try KubernetesFacts().differences(in: Cluster(layers: layers).scheme) == [])
  }
}

extension Value {
  /// The value with another's members in it, member by member.
  fileprivate func merged(with patch: Value) -> Value {
    guard case .object(let members) = patch, case .object = self else { return patch }
    var merged = self
    for (name, value) in members { merged[name] = (self[name] ?? .null).merged(with: value) }
    return merged
  }
}
