import Configuration
public import ControlLoop
public import Objects
public import Store

/// Keeps a list of the discounts that count, for the programs of the shop: the ConfigMap `discounts` of each namespace,
/// with percents by product. Of several discounts on one product, the largest counts.
///
/// This is what people call an operator: a controller for a kind that the cluster has not been born with.
public struct DiscountController: Controller {
  public let name = "discount-operator"

  public init() {}

  public var triggers: [Trigger] {
    [
      .on(Discount.self) { discount, _ in [ConfigMap.key("discounts", in: discount.namespace)] },
      .on(ConfigMap.self) { list, _ in list.name == "discounts" ? [list.key] : [] },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    let discounts = view.all(Discount.self, in: key.namespace)
    let counting = Self.counting(among: discounts, at: now)
    var plan = Self.plan(for: view[ConfigMap.self, key], in: key.namespace, listing: counting)
    for var discount in discounts {
      let isActive = counting.contains { $0.uid == discount.uid }
      if discount.status.active != isActive {
        discount.status.active = isActive
        plan.updateStatus(discount)
      }
      if let end = discount.spec.until, end > now { plan.wake(at: end) }
    }
    return plan
  }
}

extension DiscountController {
  /// One discount for each product, by product: the largest of those that have not ended.
  static func counting(among discounts: [Discount], at now: Time) -> [Discount] {
    var counting: [String: Discount] = [:]
    for discount in discounts where !discount.isBeingDeleted && discount.spec.until ?? .distantFuture > now {
      let other = counting[discount.product]
      if other == nil || discount.percent > other?.percent ?? 0 { counting[discount.product] = discount }
    }
    return counting.values.sorted { $0.product < $1.product }
  }

  private static let mark = "app.kubernetes.io/managed-by"

  /// Makes the list, or corrects it. A list that somebody else has made under this name is left alone.
  static func plan(for list: ConfigMap?, in namespace: String, listing discounts: [Discount]) -> Plan {
    var plan = Plan()
    var data = Mapping<String>()
    for discount in discounts { data[discount.product] = String(discount.percent) }
    switch list {
    case nil where !discounts.isEmpty:
      plan.create(
        ConfigMap(name: "discounts", namespace: namespace) {
          $0.metadata.labels[mark] = "discount-operator"
          $0.data = data
        })
    case var list? where list.metadata.labels[mark] == "discount-operator" && !list.isBeingDeleted:
      if list.data != data {
        list.data = data
        plan.update(list)
      }
    case let list? where !discounts.isEmpty:
      plan.record(.warning, "NotOurs", "\(list.name) was made by somebody else, so no discount counts", about: list)
    default: break
    }
    return plan
  }
}

extension Discount {
  var product: String { self.spec.product ?? "" }
  var percent: Int { self.spec.percent ?? 0 }
}
