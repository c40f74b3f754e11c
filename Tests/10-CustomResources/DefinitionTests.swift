import ControlLoop
import CustomResources
import KubernetesFacts
import Objects
import Pods
import Simulation
import Store
import Testing

@Suite struct DefinitionTests {
  private let plain = version(schema: schema(spec: cronTabSpec))

  @Test func aKindIsServedAsSoonAsItsNamesAreAccepted() throws {
    let desk = try Desk()
    #expect(desk.create([:]) == #"no kind "CronTab" is registered for version "stable.example.com/v1""#)
    desk.write(.create(definition(versions: [plain]).json))
    #expect(desk.condition("NamesAccepted") == "True NoConflicts: no conflicts found")
    #expect(desk.condition("Established") == "True InitialNamesAccepted: the initial names have been accepted")
    #expect(desk.definition()?.status.storedVersions == ["v1"])
    #expect(desk.definition()?.spec.names.singular == "crontab")
    #expect(desk.definition()?.spec.names.listKind == "CronTabList")
    #expect(desk.create(["spec": ["image": "web", "colour": "red"]]) == nil)
    #expect(desk.object()?["spec"] == ["image": "web", "replicas": 1])
    #expect(desk.object()?["metadata"]?["generation"] == 1)
  }

  /// What one look of the controller makes of a definition.
  private func named(
    _ definition: CustomResourceDefinition, beside others: CustomResourceDefinition...
  ) throws -> CustomResourceDefinition? {
    let plan = try DefinitionController().reconcile(
      definition.key, in: makeView([definition] + others), at: World.epoch)
    return plan.intents.lazy.compactMap { intent in
      if case .updateStatus(let value) = intent { CustomResourceDefinition(json: value) } else { nil }
    }.first
  }

  @Test func namesThatNobodyHasAreAccepted() throws {
    let found = try #require(try named(definition(versions: [plain])))
    #expect(found.status.acceptedNames.json == found.spec.names.json)
    #expect(found.isEstablished && found.status.conditions.isTrue("NamesAccepted"))
  }

  @Test func whatAnotherHasGotIsRefusedAndTheRestAccepted() throws {
    var other = definition("tables", kind: "Table", versions: [plain])
    other.status.acceptedNames = other.spec.names
    let found = try #require(try named(definition(versions: [plain]), beside: other))
    #expect(found.status.acceptedNames.plural == "crontabs" && found.status.acceptedNames.kind == "CronTab")
    #expect(found.status.acceptedNames.shortNames == [], "short names are accepted all together or not at all")
    #expect(found.status.conditions["NamesAccepted"]?.reason == "ShortNamesConflict")
    #expect(found.status.conditions["NamesAccepted"]?.message == #""ct" is already in use"#)
    #expect(!found.isEstablished)
  }

  @Test func whatAnotherOnlyAsksForIsFree() throws {
    let other = definition("tables", kind: "Table", versions: [plain])
    #expect(try named(definition(versions: [plain]), beside: other)?.isEstablished == true)
  }

  @Test func twoDefinitionsDoNotShareAName() throws {
    let desk = try Desk(definition(versions: [plain]))
    desk.write(.create(definition("tables", kind: "Table", shortNames: ["ct"], versions: [plain]).json))
    #expect(desk.condition("NamesAccepted", of: "tables") == #"False ShortNamesConflict: "ct" is already in use"#)
    #expect(desk.condition("Established", of: "tables") == "False NotAccepted: not all names are accepted")
    #expect(desk.create([:], "Table") != nil)
    desk.write(.create(definition("others", kind: "CronTab", shortNames: [], versions: [plain]).json))
    #expect(
      desk.condition("NamesAccepted", of: "others") == #"False ListKindConflict: "CronTabList" is already in use"#)
    desk.write(.delete(CustomResourceDefinition.key("crontabs.stable.example.com"), DeleteOptions()))
    desk.world.run(for: .seconds(5))
    #expect(desk.condition("Established", of: "tables").hasPrefix("True InitialNamesAccepted"))
    #expect(desk.condition("Established", of: "others").hasPrefix("True InitialNamesAccepted"))
  }

  @Test func whoIsDeletedTakesItsObjectsAlong() throws {
    let desk = try Desk(definition(versions: [plain]))
    #expect(desk.create(["spec": ["image": "web"]]) == nil)
    var held = Object(json: try #require(desk.object()))
    held.metadata.finalizers = ["example.com/slow"]
    desk.write(.update(held.json))
    desk.write(.delete(CustomResourceDefinition.key("crontabs.stable.example.com"), DeleteOptions()))
    desk.world.run(for: .seconds(5))
    #expect(
      desk.condition("Terminating").hasPrefix("True InstanceDeletionInProgress"),
      "without its kind an object can be neither read nor deleted")
    #expect(desk.create([:], name: "two") == "create not allowed while custom resource definition is terminating")
    held = Object(json: try #require(desk.object()))
    held.metadata.finalizers = []
    desk.write(.update(held.json))
    desk.world.run(for: .seconds(5))
    #expect(desk.definition() == nil)
    #expect(desk.object() == nil)
    #expect(desk.world.view.scheme.kind(resource: "crontabs.stable.example.com") == nil)
  }

  @Test func dependentsGoBeforeTheirOwnersKind() throws {
    let desk = try Desk(definition(versions: [plain]))
    #expect(desk.create(["spec": ["image": "web"]]) == nil)
    let owner = Object(json: try #require(desk.object()))
    var space = Pod(name: "dependent", namespace: "default") {
      $0.spec.containers = [Container { ($0.name, $0.image) = ("main", "pause") }]
    }
    space.metadata.ownerReferences = [
      OwnerReference {
        ($0.apiVersion, $0.kind, $0.name, $0.uid) = ("stable.example.com/v1", "CronTab", "one", owner.uid)
      }
    ]
    desk.write(.create(space.json))
    desk.write(.delete(CustomResourceDefinition.key("crontabs.stable.example.com"), DeleteOptions()))
    desk.world.run(for: .seconds(60))
    #expect(desk.definition() == nil)
    #expect(desk.world.view.all(Pod.self).isEmpty)
  }

  @Test func anObjectIsReadInEveryVersion() throws {
    let old = version("v1beta1", schema: schema(spec: cronTabSpec), storage: false)
    let new = version("v1", schema: schema(spec: ["type": "object", "properties": ["image": ["type": "string"]]]))
    let desk = try Desk(definition(versions: [old, new]))
    #expect(desk.create(["spec": ["image": "web", "replicas": 3]], version: "v1beta1") == nil)
    let stored = try #require(desk.object())
    #expect(stored["apiVersion"] == "stable.example.com/v1")
    let scheme = desk.world.view.scheme
    let beta = try #require(scheme.kind(resource: "crontabs.stable.example.com", version: "v1beta1"))
    let stable = try #require(scheme.kind(resource: "crontabs.stable.example.com", version: "v1"))
    #expect(beta.reading(stored)["apiVersion"] == "stable.example.com/v1beta1")
    #expect(beta.reading(stored)["spec"] == ["image": "web", "replicas": 3])
    #expect(stable.reading(stored)["spec"] == ["image": "web"])
    #expect(scheme.kind(resource: "crontabs.stable.example.com")?.version == "v1")
  }

  @Test(arguments: [
    ("v1", "v2"), ("v1beta1", "v1"), ("v1alpha1", "v1beta1"), ("v1beta1", "v1beta2"), ("v9beta1", "v10beta1"),
    ("foo10", "v1alpha1"), ("foo10", "foo1"),
  ])
  func clientsPreferTheLaterVersion(_ pair: (String, String)) {
    #expect(VersionName(pair.0) < VersionName(pair.1), "clients prefer \(pair.1) to \(pair.0)")
    #expect(!(VersionName(pair.1) < VersionName(pair.0)))
  }

  @Test(arguments: [
    (false, "v1 is old", "can only be set for deprecated versions"), (true, "", "must not be an empty string"),
    (true, String(repeating: "!", count: 257), "must be <= 256 characters long"),
    (true, "äb\nc", "must only contain printable UTF-8 characters; non-printable character found at index 3"),
    (true, "v1 is old", nil),
  ])
  func aWarningIsAShortLine(isDeprecated: Bool, warning: String, problem: String?) throws {
    let more: Value = ["deprecated": .bool(isDeprecated), "deprecationWarning": .string(warning)]
    let desk = try Desk()
    let refusal = desk.write(
      .create(definition(versions: [version(schema: schema(spec: cronTabSpec), more)]).json))
    #expect((refusal == nil) == (problem == nil))
    if let problem { #expect(refusal?.hasSuffix(": \(problem)") == true, "\(refusal ?? "")") }
  }

  @Test func aDeprecatedVersionNamesTheOneToUse() throws {
    let names = ["v2beta1", "v1", "v2alpha1"].map { name -> Value in
      version(name, schema: schema(spec: cronTabSpec), storage: name == "v1", ["deprecated": .bool(name != "v2alpha1")])
    }
    let desk = try Desk(definition(versions: names))
    let kinds = desk.definition()?.kinds ?? []
    #expect(
      kinds.map(\.deprecationWarning) == [
        "stable.example.com/v1 CronTab is deprecated", "stable.example.com/v2beta1 CronTab is deprecated", nil,
      ])
    var later = try #require(desk.definition())
    later.spec.versions[0].deprecated = false
    #expect(
      later.kinds.map(\.deprecationWarning) == ["stable.example.com/v1 CronTab is deprecated", nil, nil],
      "who is older is not newer")
    later.spec.versions[1].deprecated = false
    later.spec.versions[0].deprecated = true
    #expect(
      later.kinds.map(\.deprecationWarning) == [
        nil, "stable.example.com/v2beta1 CronTab is deprecated; use stable.example.com/v1 CronTab", nil,
      ])
  }

  @Test func theStatusIsWrittenByItself() throws {
    let spec: Value = ["type": "object", "properties": ["size": ["type": "integer"]]]
    let whole = schema(spec: spec, status: ["type": "object", "properties": ["phase": ["type": "string"]]])
    let desk = try Desk(definition(versions: [version(schema: whole, ["subresources": ["status": [:]]])]))
    #expect(desk.create(["spec": ["size": 1], "status": ["phase": "New"]]) == nil)
    #expect(desk.object()?["status"] == nil)
    var object = try #require(desk.object())
    object["status"] = ["phase": "Ready"]
    desk.write(.updateStatus(object))
    #expect(desk.object()?["status"] == ["phase": "Ready"])
    #expect(desk.object()?["metadata"]?["generation"] == 1)
    object = try #require(desk.object())
    object["spec"] = ["size": 2]
    object["status"] = [:]
    desk.write(.update(object))
    #expect(desk.object()?["status"] == ["phase": "Ready"])
    #expect(desk.object()?["metadata"]?["generation"] == 2)
  }

  @Test func whatObjectsAreStoredUnderDoesNotChange() throws {
    let desk = try Desk(definition(versions: [plain]))
    var changed = try #require(desk.definition())
    changed.spec.scope = .cluster
    #expect(
      desk.write(.update(changed.json))?.contains(#"spec.scope: Invalid value: "Cluster": field is immutable"#) == true)
    changed = try #require(desk.definition())
    changed.json["spec"]?["versions"] = [version("v2", schema: schema(spec: cronTabSpec))]
    #expect(
      desk.write(.update(changed.json))?.contains(
        #"status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions"#) == true)
  }

  @Test func aDefinitionIsCheckedWhenItIsWritten() {
    let cluster = Cluster(layers: [.pods, .customResources])
    func problems(_ change: (inout CustomResourceDefinition) -> Void) -> [String] {
      var definition = definition(versions: [plain])
      change(&definition)
      cluster.scheme.applyDefaults(to: &definition.json, as: CustomResourceDefinition.self)
      return CustomResourceDefinition.kind.validate(definition.json, nil).map(\.description)
    }
    #expect(problems { _ in } == [])
    #expect(
      problems { $0.metadata.name = "one" } == [
        #"metadata.name: Invalid value: "one": must be spec.names.plural+"."+spec.group"#
      ])
    #expect(
      problems { $0.spec.conversion = DefinitionConversion { $0.strategy = "Webhook" } } == [
        #"spec.conversion.strategy: Unsupported value: "Webhook": supported values: "None""#
      ])
    #expect(
      problems { $0.spec.versions[0].schema = nil } == [
        "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"
      ])
    #expect(
      problems { $0.spec.names.listKind = "CronTab" } == [
        #"spec.names.listKind: Invalid value: "CronTab": kind and listKind may not be the same"#
      ])
    #expect(
      problems {
        $0.spec.versions[0].additionalPrinterColumns = [
          DefinitionColumn { ($0.name, $0.type, $0.jsonPath) = ("Size", "object", ".spec.size") }
        ]
      } == [
        "spec.versions[0].additionalPrinterColumns[0].type: Invalid value: \"object\": "
          + "must be one of boolean,date,integer,number,string"
      ])
    #expect(
      problems {
        $0.spec.versions[0].subresources = DefinitionSubresources {
          $0.scale = DefinitionScale { ($0.specReplicasPath, $0.statusReplicasPath) = (".spec.size", ".spec.size") }
        }
      } == [
        "spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: \".spec.size\": "
          + "should be a json path under .status"
      ])
    #expect(problems { $0.spec.versions[0].storage = false }.contains { $0.hasSuffix("as storage version") })
  }

  @Test(.enabled(if: KubernetesFacts.arePresent, "the facts of Kubernetes' API are not here"))
  func fieldsAndNumbersAreThoseOfKubernetes() throws {
    let scheme = Cluster(layers: [.pods, .customResources]).scheme
    let differences = try KubernetesFacts().differences(in: scheme)
    #expect(differences == [], "\(differences)")
  }
}
