import Configuration
import ControlLoop
import CustomResources
import Objects
import Pods
import Simulation
import Store
import Testing
import ViewFixtures

/// A schema of an object with a spec.
func schema(spec: Value, status: Value? = nil) -> Value {
  var properties: Value = ["spec": spec]
  properties["status"] = status
  return ["type": "object", "properties": properties]
}

/// A version of a definition.
func version(_ name: String = "v1", schema: Value, storage: Bool = true, _ more: Value = [:]) -> Value {
  var version: Value = [
    "name": .string(name), "served": true, "storage": .bool(storage), "schema": ["openAPIV3Schema": schema],
  ]
  for (name, member) in more.members ?? Members() { version[name] = member }
  return version
}

/// A definition of CronTabs, unless names say otherwise.
func definition(
  _ plural: String = "crontabs", kind: String = "CronTab", shortNames: [String] = ["ct"],
  group: String = "stable.example.com", scope: String = "Namespaced", versions: [Value]
) -> CustomResourceDefinition {
  CustomResourceDefinition(name: "\(plural).\(group)") {
    $0.json["spec"] = [
      "group": .string(group), "scope": .string(scope),
      "names": [
        "plural": .string(plural), "kind": .string(kind), "shortNames": .array(shortNames.map(Value.string)),
      ],
      "versions": .array(versions),
    ]
  }
}

let cronTabSpec: Value = [
  "type": "object",
  "properties": [
    "cronSpec": ["type": "string", "pattern": #"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$"#],
    "image": ["type": "string"], "replicas": ["type": "integer", "minimum": 1, "maximum": 10, "default": 1],
  ],
]

/// A view of these objects and nothing else. No controller has looked at them.
func makeView(_ objects: [any Resource]) throws -> View {
  try Cluster(layers: [.pods, .configuration, .customResources]).view(of: objects)
}

/// A cluster of this chapter that people write to.
struct Desk {
  let world: World

  init(_ definitions: CustomResourceDefinition...) throws {
    world = try World(layers: [.pods, .customResources], seed: 1)
    world.settle(within: .seconds(10))
    for definition in definitions { try #require(write(.create(definition.json)) == nil) }
  }

  /// Writes, lets the controllers work, and returns what was refused.
  @discardableResult
  func write(_ intent: Intent) -> String? {
    let refusal = world.perform([intent]).first?.message
    world.settle(within: .seconds(30))
    return refusal
  }

  func create(
    _ content: Value, _ kind: String = "CronTab", name: String = "one", version: String = "v1"
  ) -> String? {
    var object: Value = [
      "apiVersion": .string("stable.example.com/\(version)"), "kind": .string(kind),
      "metadata": ["name": .string(name), "namespace": "default"],
    ]
    for (name, member) in content.members ?? Members() { object[name] = member }
    return write(.create(object))
  }

  func definition(_ plural: String = "crontabs") -> CustomResourceDefinition? {
    world.view.object(CustomResourceDefinition.self, "\(plural).stable.example.com")
  }

  func object(_ name: String = "one", _ plural: String = "crontabs") -> Value? {
    let resource = "\(plural).stable.example.com"
    return world.store.snapshot.record(Key(resource: resource, namespace: "default", name: name))?.value
  }

  func condition(_ type: String, of plural: String = "crontabs") -> String {
    let condition = definition(plural)?.status.conditions[type]
    return "\(condition?.status ?? "") \(condition?.reason ?? ""): \(condition?.message ?? "")"
  }
}
