import Configuration
import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import CustomResources

/// An operator: what it plans, and that its plans lead where they should.
@Suite struct DiscountTests {
  private let now = World.epoch

  private func discount(_ name: String, _ product: String, _ percent: Int, until: Duration? = nil) -> Discount {
    Discount(name: name, namespace: "default") {
      $0.metadata.uid = name
      $0.spec.product = product
      $0.spec.percent = percent
      $0.spec.until = until.map { World.epoch + $0 }
    }
  }

  @Test func ofSeveralDiscountsOnAProductTheLargestCounts() {
    let all = [discount("a", "tea", 10), discount("b", "tea", 20), discount("c", "cake", 5), discount("d", "tea", 20)]
    #expect(DiscountController.counting(among: all, at: now).map(\.name) == ["c", "b"])
  }

  @Test func aDiscountCountsUntilItsEndAndNotAtIt() {
    let all = [discount("a", "tea", 10, until: .seconds(60)), discount("b", "tea", 5)]
    for (second, expected) in [(0, "a"), (59, "a"), (60, "b"), (61, "b")] {
      #expect(DiscountController.counting(among: all, at: now + .seconds(second)).map(\.name) == [expected])
    }
  }

  @Test func aListOfSomebodyElseIsLeftAlone() {
    let list = ConfigMap(name: "discounts", namespace: "default") { $0.data = ["tea": "1"] }
    let plan = DiscountController.plan(for: list, in: "default", listing: [discount("a", "tea", 10)])
    #expect(plan.intents.isEmpty && plan.notes.map(\.reason) == ["NotOurs"])
    #expect(DiscountController.plan(for: nil, in: "default", listing: []).intents.isEmpty)
  }

  private let layers: [Layer] = [.pods, .configuration, .customResources, .discounts]

  private func create(_ discounts: Discount..., in world: World) -> [StatusError] {
    world.perform(discounts.map { .create($0.json) })
  }

  private func list(in world: World) -> [String: String] {
    let data = world.view.object(ConfigMap.self, "discounts", in: "default")?.data ?? [:]
    return Dictionary(uniqueKeysWithValues: data.map { ($0.name, $0.value) })
  }

  @Test func theListFollowsTheDiscountsAndTheTime() throws {
    let world = try World(layers: layers, seed: 1)
    world.run(for: .seconds(2))
    #expect(create(discount("a", "tea", 20, until: .seconds(60)), discount("b", "tea", 5), in: world).isEmpty)
    world.run(for: .seconds(2))
    #expect(list(in: world) == ["tea": "20"])
    #expect(world.view.all(Discount.self).map(\.status.active) == [true, false])
    world.run(for: .seconds(60))
    #expect(list(in: world) == ["tea": "5"])
    #expect(world.view.all(Discount.self).map(\.status.active) == [false, true])
    world.perform(world.view.all(Discount.self).map { .delete($0.key, DeleteOptions()) })
    world.run(for: .seconds(2))
    #expect(list(in: world) == [:])
  }

  private func plan(at now: Time, _ objects: any Resource...) throws -> Plan {
    try DiscountController().reconcile(ConfigMap.key("discounts", in: "default"), in: makeView(objects), at: now)
  }

  @Test func onePlanListsWhatCountsAndSaysSoOnEveryDiscount() throws {
    let plan = try plan(at: now, discount("a", "tea", 20), discount("b", "tea", 5))
    var written: [String] = []
    for intent in plan.intents {
      switch intent {
      case .create(let value): written.append("create \(ConfigMap(json: value).data["tea"] ?? "")")
      case .updateStatus(let value):
        let discount = Discount(json: value)
        written.append("\(discount.name) \(discount.status.active ?? false)")
      default: written.append("something else")
      }
    }
    #expect(written == ["create 20", "a true", "b false"])
  }

  @Test func thePlanWakesWhenTheNextDiscountEnds() throws {
    let all = [discount("a", "tea", 1, until: .seconds(90)), discount("b", "cup", 1, until: .seconds(60))]
    #expect(try plan(at: now, all[0], all[1]).wakeAt == now + .seconds(60), "it wakes when the next one ends")
    #expect(try plan(at: now + .seconds(60), all[0], all[1]).wakeAt == now + .seconds(90))
    #expect(try plan(at: now + .seconds(90), all[0], all[1]).wakeAt == nil)
  }

  @Test func whatIsRightIsLeftAsItIs() throws {
    var (tea, cup) = (discount("a", "tea", 20), discount("b", "cup", 5))
    let first = try plan(at: now, tea, cup).intents
    #expect(first.count == 3)
    guard case .create(let list) = first.first else { return #expect(Bool(false), "the list is made first") }
    (tea.status.active, cup.status.active) = (true, true)
    #expect(try plan(at: now, tea, cup, ConfigMap(json: list)).intents.isEmpty)
  }

  @Test func theDefinitionsRulesAreKept() throws {
    let world = try World(layers: layers, seed: 1)
    world.run(for: .seconds(2))
    let refusal = try #require(create(discount("a", "tea", 91), in: world).first)
    #expect("\(refusal)".contains("a discount is 1 to 90 percent"))
    #expect(create(discount("a", "tea", 90), in: world).isEmpty)
    var other = try #require(world.view.object(Discount.self, "a", in: "default"))
    other.spec.product = "cake"
    let second = try #require(world.perform([.update(other.json)]).first)
    #expect("\(second)".contains("this is a discount on tea and stays one"))
  }

  @Test func itsPromiseHoldsInTheSimulator() throws {
    try Search(layers: layers, chapter: 10).run(seeds: 1...20)
  }
}
