import Configuration
public import ControlLoop
import Objects
import Pods
import Simulation
import Store

extension Layer {
  /// The shop's kind and its operator. No cluster has it from the start: a shop brings it along.
  public static let discounts = Layer(chapter: 10, name: "Discounts") {
    $0.initialObjects = [CustomResourceDefinition.discounts.json]
    $0.controllers = [DiscountController()]
    $0.invariants = [listed]
    $0.contributions = UserAction.discounts
  }

  private static let listed = Invariant.eventually(
    "the list says what counts, and so does every discount", within: .seconds(300)
  ) { view, now in
    for namespace in view.all(Namespace.self) where !namespace.isBeingDeleted {
      let key = ConfigMap.key("discounts", in: namespace.name)
      let plan = try? DiscountController().reconcile(key, in: view, at: now)
      if plan?.intents.isEmpty != true { return "\(namespace.name) has discounts that nobody has listed" }
    }
    return nil
  }
}

extension CustomResourceDefinition {
  /// What `examples/discounts.yaml` says.
  public static let discounts = CustomResourceDefinition(name: "discounts.shop.example") {
    let columns: [(String, String, String)] = [
      ("Product", "string", ".spec.product"), ("Percent", "integer", ".spec.percent"),
      ("Until", "string", ".spec.until"),
      ("Active", "boolean", ".status.active"), ("Age", "date", ".metadata.creationTimestamp"),
    ]
    let version: Value = [
      "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
      "schema": ["openAPIV3Schema": discountSchema],
      "additionalPrinterColumns": .array(
        columns.map { ["name": .string($0), "type": .string($1), "jsonPath": .string($2)] }),
    ]
    $0.json["spec"] = [
      "group": "shop.example", "scope": "Namespaced",
      "names": ["plural": "discounts", "singular": "discount", "kind": "Discount", "shortNames": ["disc"]],
      "versions": [version],
    ]
  }

  private static let discountSchema: Value = [
    "type": "object", "required": ["spec"],
    "properties": [
      "spec": [
        "type": "object", "required": ["product", "percent"],
        "properties": [
          "product": ["type": "string", "maxLength": 63, "pattern": "^[A-Za-z0-9][-._A-Za-z0-9]*$"],
          "percent": ["type": "integer"], "until": ["type": "string", "format": "date-time"],
        ],
        "x-kubernetes-validations": [
          ["rule": "self.percent >= 1 && self.percent <= 90", "message": "a discount is 1 to 90 percent"],
          [
            "rule": "self.product == oldSelf.product",
            "messageExpression": "'this is a discount on %s and stays one'.format([oldSelf.product])",
          ],
        ],
      ],
      "status": ["type": "object", "properties": ["active": ["type": "boolean"]]],
    ],
  ]
}

// MARK: What users do, for the simulation

extension UserAction {
  fileprivate static let discounts = [
    UserAction("give a discount") { view, random, now in
      let name = "discount-\(random.next() % 5)"
      guard view.object(Discount.self, name, in: "default") == nil else { return [] }
      let discount = Discount(name: name, namespace: "default") {
        $0.json["apiVersion"] = "shop.example/v1"
        $0.spec.product = ["tea", "cake", "cup"].randomElement(using: &random)
        $0.spec.percent = Int.random(in: 1...90, using: &random)
        $0.spec.until = random.next() % 2 == 0 ? now + .seconds(Int64.random(in: -10...120, using: &random)) : nil
      }
      return [.create(discount.json)]
    },
    UserAction("change or end a discount") { view, random, _ in
      guard var discount = view.all(Discount.self).randomElement(using: &random) else { return [] }
      if random.next() % 2 == 0 { return [.delete(discount.key, DeleteOptions())] }
      discount.spec.percent = Int.random(in: 1...90, using: &random)
      return [.update(discount.json)]
    },
    UserAction("spoil the list") { view, random, _ in
      guard var list = view.object(ConfigMap.self, "discounts", in: "default") else { return [] }
      if random.next() % 2 == 0 { return [.delete(list.key, DeleteOptions())] }
      list.data = ["tea": "100"]
      return [.update(list.json)]
    },
  ]
}
