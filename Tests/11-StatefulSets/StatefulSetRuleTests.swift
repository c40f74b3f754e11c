import Configuration
import ControlLoop
import KubernetesFacts
import Objects
import Pods
import Simulation
import Store
import Testing
import Volumes

@testable import StatefulSets

@Suite struct StatefulSetRuleTests {
  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    #expect(try KubernetesFacts().differences(in: Cluster(layers: layers).scheme) == [])
  }

  private func defaulted(_ json: String) throws -> Value {
    var value = try Value(parsing: json)
    Cluster(layers: layers).scheme.applyDefaults(to: &value, as: StatefulSetSpec.self)
    value["template"] = nil
    return value
  }

  @Test func whatIsNotSaidIsAsKubernetesHasIt() throws {
    #expect(
      try defaulted("{}")
        == Value(
          parsing: """
            {"replicas":1,"serviceName":"","podManagementPolicy":"OrderedReady","revisionHistoryLimit":10,
             "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0,"maxUnavailable":1}},
             "persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"}}
            """))
    #expect(try defaulted(#"{"updateStrategy":{"type":"OnDelete"}}"#)["updateStrategy"] == ["type": "OnDelete"])
    let claims = try defaulted(#"{"volumeClaimTemplates":[{"metadata":{"name":"data"}}]}"#)["volumeClaimTemplates"]
    #expect(
      claims == [
        [
          "metadata": ["name": "data"], "apiVersion": "v1", "kind": "PersistentVolumeClaim",
          "status": ["phase": "Pending"],
        ]
      ])
  }

  private func problems(_ change: (inout StatefulSet) -> Void) throws -> String? {
    let world = try World(layers: layers, seed: 1)
    return world.perform([.create(makeSet(replicas: 1, change).json)]).first?.message
  }

  @Test(arguments: [
    ("replicas", "-1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
    (
      "podManagementPolicy", "\"Chaos\"",
      "spec.podManagementPolicy: Unsupported value: \"Chaos\": supported values: \"OrderedReady\", \"Parallel\""
    ),
    ("selector", "{}", "spec.selector: Invalid value: {}: empty selector is invalid for statefulset"),
    (
      "updateStrategy", #"{"type":"OnDelete","rollingUpdate":{}}"#,
      "spec.updateStrategy.rollingUpdate: Invalid value: {}: only allowed for updateStrategy 'RollingUpdate'"
    ),
    (
      "updateStrategy", #"{"rollingUpdate":{"partition":-1}}"#,
      "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"
    ),
    (
      "updateStrategy", #"{"rollingUpdate":{"maxUnavailable":0}}"#,
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0"
    ),
    (
      "ordinals", #"{"start":-1}"#,
      "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"
    ),
    (
      "persistentVolumeClaimRetentionPolicy", #"{"whenScaled":"Keep"}"#,
      "spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Keep\": "
        + "supported values: \"Delete\", \"Retain\""
    ),
  ])
  func whatMakesNoSenseIsRefused(field: String, json: String, message: String) throws {
    let value = try Value(parsing: json)
    #expect(
      try problems { $0.json["spec"]?[field] = value } == "StatefulSet.apps \"web\" is invalid: \(message)")
  }

  @Test func aTemplateMayMountTheVolumesThatEachPodGets() throws {
    let mount: (inout StatefulSet) -> Void = { set in
      set.spec.template.spec.containers = set.spec.template.spec.containers.map { container in
        var container = container
        container.json["volumeMounts"] = [["name": "data", "mountPath": "/data"]]
        return container
      }
    }
    #expect(
      try problems(mount)
        == "StatefulSet.apps \"web\" is invalid: "
        + "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"data\"")
    #expect(
      try problems { set in
        mount(&set)
        set.spec.volumeClaimTemplates = [claimTemplate()]
      } == nil)
  }

  @Test func podsOfASetRunForGood() throws {
    #expect(
      try problems { $0.spec.template.spec.activeDeadlineSeconds = 5 }
        == "StatefulSet.apps \"web\" is invalid: spec.template.spec.activeDeadlineSeconds: "
        + "Forbidden: activeDeadlineSeconds in StatefulSet is not Supported")
    #expect(
      try problems { $0.spec.template.spec.restartPolicy = .never }
        == "StatefulSet.apps \"web\" is invalid: spec.template.spec.restartPolicy: "
        + "Unsupported value: \"Never\": supported values: \"Always\"")
    #expect(try problems { $0.metadata.name = "we.b" }?.contains("must not contain dots") == true)
  }

  @Test func aMountMayNameAClaimAndNothingElseThatIsNotThere() throws {
    func mounting(_ name: String, _ set: inout StatefulSet) {
      set.spec.volumeClaimTemplates = [claimTemplate()]
      set.spec.template.spec.containers[0].volumeMounts = [
        VolumeMount {
          $0.name = name
          $0.mountPath = "/data"
        }
      ]
    }
    #expect(try problems { mounting("data", &$0) } == nil)
    #expect(
      try problems { mounting("other", &$0) }
        == "StatefulSet.apps \"web\" is invalid: "
        + "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"other\"")
  }

  @Test func whatTellsPodsApartCannotChange() throws {
    let world = try World(makeSet(replicas: 1) { $0.spec.volumeClaimTemplates = [claimTemplate()] })
    let changes: [(inout StatefulSet) -> Void] = [
      { $0.spec.serviceName = "other" }, { $0.spec.podManagementPolicy = .parallel },
      { $0.spec.volumeClaimTemplates[0].spec.resources.requests["storage"] = Quantity(5) },
      {
        $0.spec.selector?.matchExpressions = [
          LabelSelectorRequirement {
            $0.key = "app"; $0.operator = "Exists"
          }
        ]
      },
    ]
    for change in changes {
      #expect(
        world.change(change).map(\.message) == [
          "StatefulSet.apps \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than "
            + "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
            + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        ])
    }
    #expect(
      world.change {
        $0.spec.replicas = 2
        $0.spec.ordinals = StatefulSetOrdinals { $0.start = 3 }
        $0.spec.minReadySeconds = 5
        $0.spec.revisionHistoryLimit = 2
        $0.spec.updateStrategy = StatefulSetUpdateStrategy { $0.type = .onDelete }
        $0.spec.persistentVolumeClaimRetentionPolicy.whenScaled = .delete
      }.isEmpty)
  }

  @Test func theTableSaysHowManyAreReady() {
    var set = makeSet(replicas: 3)
    set.status.readyReplicas = 2
    let table = StatefulSet.kind.table
    #expect(table.map(\.name) == ["Name", "Ready", "Age", "Containers", "Images"])
    #expect(table.map { $0.cell(set.json, now) } == ["web", "2/3", "<unknown>", "main", "pause"])
    #expect(StatefulSet.kind.shortNames == ["sts"])
    #expect(StatefulSet.kind.categories == ["all"])
  }
}
