import ControlLoop
import CustomResources
import Objects
import Pods
import Simulation
import Store

extension Demo {
  static let customResources = Demo(chapter: "10", title: "a kind that was not there when the cluster was built") {
    let shop = try Shop()
    return Play(
      stage: shop,
      steps: [
        Step(
          "The shop writes a discount.", ask: "Where does it go?",
          answer: "Nowhere. There is no kind of that name, and nothing is stored of which nobody knows what it is.",
          note: "Show the refusal. A ConfigMap would have taken it, whatever it said.", length: 2
        ) { shop.write("spring", percent: 20) },
        Step(
          "It defines the kind, and writes the discount again.",
          note: "Nobody was restarted. The definition is an object, and a controller has accepted its names.", length: 3
        ) {
          shop.define("discounts", kind: "Discount", most: 60)
          shop.pass()
          shop.write("spring", percent: 20)
        },
        Step(
          "Two more discounts: one with a color, one of 400 percent.", ask: "What is stored?",
          answer: "The first one, without its color. The second is refused in a sentence that names the field.",
          note: "Refused and dropped are two things: a wrong value is an error, an unknown field is not kept.",
          length: 3
        ) {
          shop.write("summer", percent: 30)
          shop.write("winter", percent: 400)
        },
        Step(
          "The schema gets a field with a default.", ask: "Which discounts have it now?",
          answer: "All of them, for whoever reads. In the store, none: nobody has written since.",
          note: "Defaults are filled in at reading, too. That is why a new field with a default breaks nobody.",
          length: 3
        ) {
          shop.define("discounts", kind: "Discount", most: 60, more: ["rounded": ["type": "boolean", "default": true]])
        },
        Step(
          "Somebody else brings coupons, and wants the kind Discount for them.", ask: "Who gets the name?",
          answer: "Whoever has it. The newcomer waits, and says so in a condition.",
          note: "Within a group a name belongs to one definition. The store itself refuses the second.", length: 3
        ) { shop.define("coupons", kind: "Discount", most: 10) },
        Step(
          "Now something breaks: the definition is deleted while somebody holds the summer discount with a finalizer.",
          ask: "What is left after a minute?",
          answer: "The definition, the summer discount, and the coupons that still wait for their name.",
          note: "The kind is served until its last object is gone, so that the holder can let go.", length: 5
        ) {
          shop.hold("summer", true); shop.delete("discounts")
        },
        Step(
          "The holder lets go.",
          note: "The object, the definition and the kind go, in this order. Then the name is free.", length: 4
        ) { shop.hold("summer", false) },
      ])
  }
}

/// The stage of chapter 10: definitions, and the objects of their kinds.
private final class Shop: Stage {
  private let world: World
  private var refusals: [String] = []

  init() throws {
    world = try World(layers: [.pods, .customResources], seed: 10)
    world.run(for: .seconds(2))
  }

  let legend: [(symbol: Character, meaning: String)] = [("·", "waiting"), ("●", "there"), ("○", "ending")]
  let unit = "one second"

  func pass() { world.run(for: .seconds(1)) }

  private var definitions: [CustomResourceDefinition] { world.view.all(CustomResourceDefinition.self) }

  private var objects: [(record: Record, kind: Kind)] {
    world.view.scheme.kinds.filter { $0.schema != nil }.flatMap { kind in
      world.store.snapshot.records(kind.groupResource).map { ($0, kind) }
    }
  }

  var scene: Scene {
    Scene(boxes: [
      Scene.Box(
        title: "definitions",
        lines: definitions.map { definition in
          let condition =
            definition.status.conditions.first { $0.status == "False" } ?? definition.status.conditions.last
          return Scene.Line(
            symbol(of: definition), "\(definition.spec.names.plural ?? "")  \(condition?.message ?? "")")
        }),
      Scene.Box(
        title: "objects",
        lines: objects.map { record, kind in
          let shown = kind.reading(record.value)
          return Scene.Line(
            symbol(of: Object(json: shown)), "\(record.key.name)  \((shown["spec"] ?? .null).encodedString)")
        }),
      Scene.Box(title: "refused", lines: refusals.map { Scene.Line(nil, $0) }),
    ])
  }

  var column: [(name: String, symbol: Character)] {
    definitions.map { ($0.spec.names.plural ?? "", symbol(of: $0)) }
      + objects.map { ($0.record.key.name, symbol(of: Object(json: $0.record.value))) }
  }

  private func symbol(of definition: CustomResourceDefinition) -> Character {
    definition.isBeingDeleted ? "○" : definition.isEstablished ? "●" : "·"
  }

  private func symbol(of object: Object) -> Character { object.isBeingDeleted ? "○" : "●" }
}

// MARK: What users do

extension Shop {
  func define(_ plural: String, kind: String, most: Int64, more: Value = [:]) {
    var properties: Value = ["percent": ["type": "integer", "minimum": 1, "maximum": .integer(most)]]
    for (name, schema) in more.members ?? Members() { properties[name] = schema }
    let name = "\(plural).shop.example"
    var definition = world.view.object(CustomResourceDefinition.self, name) ?? CustomResourceDefinition(name: name)
    let isNew = definition.uid.isEmpty
    definition.json["spec"] = [
      "group": "shop.example", "scope": "Namespaced",
      "names": ["plural": .string(plural), "kind": .string(kind)],
      "versions": [
        [
          "name": "v1", "served": true, "storage": true,
          "schema": [
            "openAPIV3Schema": [
              "type": "object", "properties": ["spec": ["type": "object", "properties": properties]],
            ]
          ],
        ]
      ],
    ]
    perform(isNew ? .create(definition.json) : .update(definition.json))
  }

  func write(_ name: String, percent: Int64) {
    perform(
      .create([
        "apiVersion": "shop.example/v1", "kind": "Discount",
        "metadata": ["name": .string(name), "namespace": "default"],
        "spec": ["percent": .integer(percent), "color": "red"],
      ]))
  }

  func hold(_ name: String, _ isHeld: Bool) {
    let key = Key(resource: "discounts.shop.example", namespace: "default", name: name)
    guard let value = world.store.snapshot.record(key)?.value else { return }
    var object = Object(json: value)
    object.metadata.finalizers = isHeld ? ["shop.example/holder"] : []
    perform(.update(object.json))
  }

  func delete(_ plural: String) {
    perform(.delete(CustomResourceDefinition.key("\(plural).shop.example"), DeleteOptions()))
  }

  private func perform(_ intent: Intent) {
    // The value is said twice otherwise, and terminals are narrow.
    refusals = world.perform([intent]).map { $0.message.split(separator: ": ").last.map(String.init) ?? "" }
  }
}
