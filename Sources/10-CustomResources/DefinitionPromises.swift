import ControlLoop
import Objects
import Pods
import Simulation
import Store

/// What the layer promises, whatever happens.
enum DefinitionPromises {
  static let all = [served, valid, emptied, named, settled]

  static let served = Invariant.always("no object is stored under a kind that is not served") { view, event, _ in
    guard let key = event?.record.key, view.snapshot.record(key) != nil else { return nil }
    return view.scheme.kind(resource: key.resource) == nil ? "nobody serves \(key)" : nil
  }

  static let valid = Invariant.always("what is written is pruned and valid") { view, event, _ in
    guard let event, event.type == .added || event.type == .modified,
      case let object = Object(json: event.record.value),
      let kind = view.scheme.kind(apiVersion: object.apiVersion, name: object.kindName), let schema = kind.schema
    else { return nil }
    // What was invalid before may stay so; what is new may not be.
    let errors = schema.validate(object.json, replacing: event.previous.map { kind.reading($0.value) })
    if let error = errors.first { return "\(event.record.key): \(error)" }
    let unknown = schema.unknownFields(in: object.json)
    return unknown.first.map { "\(event.record.key) has kept \($0)" }
  }

  static let emptied = Invariant.always("a definition that is gone has no objects") { view, event, _ in
    guard let event, event.type == .deleted,
      event.record.key.resource == CustomResourceDefinition.kind.groupResource,
      case let resource = CustomResourceDefinition(json: event.record.value).resource,
      view.object(CustomResourceDefinition.self, resource) == nil
    else { return nil }
    let count = view.snapshot.count(resource)
    return count == 0 ? nil : "\(count) \(resource) are left"
  }

  static let named = Invariant.always("a name belongs to one definition of its group") { view, event, _ in
    guard event?.record.key.resource == CustomResourceDefinition.kind.groupResource else { return nil }
    var holders: [String: String] = [:]
    for definition in view.all(CustomResourceDefinition.self) {
      for name in Index.acceptedNames.values(definition.json) {
        if let other = holders.updateValue(definition.name, forKey: name), other != definition.name {
          return "\(name) belongs to \(other) and to \(definition.name)"
        }
      }
    }
    return nil
  }

  static let settled = Invariant.eventually(
    "a definition whose names are free is served, and one that is deleted goes", within: .seconds(900)
  ) { view, _ in
    for definition in view.all(CustomResourceDefinition.self) {
      if definition.isBeingDeleted {
        let isHeld = view.snapshot.records(definition.resource).contains {
          !Object(json: $0.value).metadata.finalizers.isEmpty
        }
        if !isHeld { return "\(definition.name) is still there" }
      } else if definition.status.conditions["NamesAccepted"] == nil {
        return "nobody has named \(definition.name)"
      } else if definition.isEstablished, view.scheme.kind(resource: definition.resource) == nil,
        definition.spec.versions.contains(where: { $0.served == true })
      {
        return "\(definition.name) is not served"
      }
    }
    return nil
  }
}

// MARK: What users do, for the simulation

extension UserAction {
  static let definitions = [
    UserAction("bring a kind") { _, random, _ in
      let plural = ["discounts", "coupons", "rebates"].randomElement(using: &random) ?? ""
      let kind = ["Discount", "Coupon"].randomElement(using: &random) ?? ""
      return [.create(CustomResourceDefinition.simulated(plural, kind, percent: 50).json)]
    },
    UserAction("change or delete a kind") { view, random, _ in
      guard var chosen = view.all(CustomResourceDefinition.self).randomElement(using: &random) else { return [] }
      if random.next() % 3 == 0 { return [.delete(chosen.key, DeleteOptions())] }
      let percent = Int64.random(in: 10...90, using: &random)
      let plural = chosen.spec.names.plural ?? ""
      let kind = random.next() % 4 == 0 ? "Coupon" : chosen.spec.names.kind ?? ""
      chosen.json["spec"] = CustomResourceDefinition.simulated(plural, kind, percent: percent).json["spec"]
      return [.update(chosen.json)]
    },
    UserAction("write an object of such a kind") { view, random, _ in
      guard let kind = view.scheme.kinds.filter({ $0.schema != nil }).randomElement(using: &random) else { return [] }
      let key = Key(resource: kind.groupResource, namespace: "default", name: "object-\(random.next() % 5)")
      let old = view.snapshot.record(key)?.value
      var object = Object(json: old ?? ["apiVersion": .string(kind.apiVersion), "kind": .string(kind.name)])
      object.metadata.name = key.name
      object.metadata.namespace = key.namespace
      object.metadata.finalizers = random.next() % 4 == 0 ? ["example.com/slow"] : []
      object.json["spec"] = ["percent": .integer(Int64.random(in: 0...100, using: &random)), "unknown": true]
      return [old == nil ? .create(object.json) : .update(object.json)]
    },
    UserAction("delete an object of such a kind") { view, random, _ in
      let kinds = view.scheme.kinds.filter { $0.schema != nil }
      let keys = kinds.flatMap { view.snapshot.records($0.groupResource).map(\.key) }
      return keys.randomElement(using: &random).map { [.delete($0, DeleteOptions())] } ?? []
    },
  ]
}

extension CustomResourceDefinition {
  fileprivate static func simulated(_ plural: String, _ kind: String, percent: Int64) -> CustomResourceDefinition {
    let group = "shop.example"
    return CustomResourceDefinition(name: "\(plural).\(group)") {
      $0.json["spec"] = [
        "group": .string(group), "scope": "Namespaced",
        "names": ["plural": .string(plural), "kind": .string(kind)],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true,
            "schema": [
              "openAPIV3Schema": [
                "type": "object",
                "properties": [
                  "spec": [
                    "type": "object",
                    "properties": ["percent": ["type": "integer", "maximum": .integer(percent), "default": 5]],
                  ]
                ],
              ]
            ],
          ]
        ],
      ]
    }
  }
}
