import ControlLoop
import Objects
import Pods
import Services
import Simulation
import Store
import Testing

@Suite struct Exercise4_9Tests {
  @Test func theLaterOneIsTold() throws {
    let first = ingress("first", age: 60, rule("web.example.com", path("/cart", to: "a"), path("/", to: "a")))
    let second = ingress(
      "second", rule("web.example.com", path("/cart/", .implementationSpecific, to: "b"), path("/own", to: "b")),
      rule("web.example.com", path("/", to: "b"), path("/cart", .exact, to: "b")),
      rule("*.example.com", path("/cart", to: "b")))
    let plan = try plan(for: second, among: [first, second])
    #expect(
      plan.notes.filter { $0.type == .warning }.map { "\($0.reason): \($0.message)" } == [
        #"Conflict: default/first already has host "web.example.com" and path "/cart/""#,
        #"Conflict: default/first already has host "web.example.com" and path "/""#,
      ])
    #expect(plan.intents.count == 1, "it gets its address all the same: /own is served")
  }

  @Test func whoHasItsWayIsToldNothing() throws {
    let first = ingress("first", age: 60, rule("web.example.com", path("/cart", to: "a")))
    let second = ingress("second", rule("web.example.com", path("/cart", to: "b")))
    #expect(try plan(for: first, among: [first, second]).notes.allSatisfy { $0.type == .normal })
    // The second rule of one ingress for the same path loses to its first, which is nobody's conflict.
    let twice = ingress("twice", rule("a", path("/", to: "a")), rule("a", path("/", to: "b")))
    #expect(try plan(for: twice, among: [twice]).notes.allSatisfy { $0.type == .normal })
  }

  @Test func whatOthersServeIsNoConflict() throws {
    let theirs = ingress("theirs", age: 60, rule("web.example.com", path("/", to: "a"))) {
      $0.spec.ingressClassName = "other"
    }
    let ours = ingress("ours", rule("web.example.com", path("/", to: "b")))
    #expect(try plan(for: ours, among: [theirs, ours]).notes.allSatisfy { $0.type == .normal })
    #expect(try plan(for: theirs, among: [theirs, ours]).notes.isEmpty)
  }

  private func plan(for ingress: Ingress, among all: [Ingress]) throws -> Plan {
    let view = try ingressView(all + [ingressClass(), ingressClass("other", controller: "acme.io/ingress")])
    return try IngressController().reconcile(ingress.key, in: view, at: World.epoch)
  }
}
