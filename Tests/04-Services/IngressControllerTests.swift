import ControlLoop
import Objects
import Pods
import Services
import Simulation
import Testing

/// Who serves an ingress, and how one learns where.
@Suite struct IngressControllerTests {
  private func unclassed(_ name: String) -> Ingress {
    ingress(name, rule("a", path("/", to: "a"))) { $0.spec.ingressClassName = nil }
  }

  private func ingress(_ world: World, _ name: String) -> Ingress? {
    world.view.object(Ingress.self, name, in: "default")
  }

  private func ingress(_ name: String, _ rules: IngressRule, change: (inout Ingress) -> Void = { _ in }) -> Ingress {
    ServicesTests.ingress(name, rules, change: change)
  }

  @Test func anIngressWithoutAClassGetsTheDefaultOne() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    world.perform([.create(unclassed("web").json)])
    #expect(ingress(world, "web")?.spec.ingressClassName == "swiftlet")

    var annotated = unclassed("old")
    annotated.metadata.annotations = ["kubernetes.io/ingress.class": "nginx"]
    world.perform([.create(annotated.json)])
    #expect(ingress(world, "old")?.spec.ingressClassName == nil, "it says whose it is, in the old way")

    var cleared = try #require(ingress(world, "web"))
    cleared.spec.ingressClassName = nil
    world.perform([.update(cleared.json)])
    #expect(ingress(world, "web")?.spec.ingressClassName == nil, "only a new ingress is given a class")
  }

  @Test func ofSeveralDefaultClassesTheNewestIsMeant() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    func addDefault(_ name: String) {
      var newer = ingressClass(name, controller: "acme.io/a")
      newer.metadata.annotations = ["ingressclass.kubernetes.io/is-default-class": "true"]
      world.perform([.create(newer.json)])
    }
    addDefault("before-swiftlet")
    world.run(for: .seconds(10))
    world.perform([.create(unclassed("first").json)])
    #expect(ingress(world, "first")?.spec.ingressClassName == "before-swiftlet", "of one moment the first by name")
    addDefault("zebra")
    world.perform([.create(unclassed("second").json)])
    #expect(ingress(world, "second")?.spec.ingressClassName == "zebra")
  }

  @Test func withoutADefaultClassThereIsNone() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    world.perform([.delete(IngressClass.key("swiftlet"), DeleteOptions()), .create(unclassed("web").json)])
    world.run(for: .seconds(10))
    #expect(ingress(world, "web")?.spec.ingressClassName == nil)
    #expect(ingress(world, "web")?.status.loadBalancer.ingress.isEmpty == true)
  }

  @Test func anIngressThatIsServedSaysWhere() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    world.perform([.create(unclassed("web").json)])
    world.run(for: .seconds(10))
    #expect(ingress(world, "web")?.status.loadBalancer.ingress.compactMap(\.ip) == ["127.0.0.1"])
    let event = try #require(world.view.all(RecordedEvent.self).first { $0.involvedObject.name == "web" })
    #expect(event.reason == "Sync" && event.message == "Scheduled for sync")
  }

  @Test func anIngressIsServedAsSoonAsItsClassIsThere() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    world.perform([.create(ingress("web", rule("a", path("/", to: "a"))) { $0.spec.ingressClassName = "late" }.json)])
    world.run(for: .seconds(10))
    #expect(ingress(world, "web")?.status.loadBalancer.ingress.isEmpty == true)
    world.perform([.create(ingressClass("late").json)])
    world.run(for: .seconds(10))
    #expect(ingress(world, "web")?.status.loadBalancer.ingress.isEmpty == false)
  }

  @Test func whatOthersServeIsLeftAlone() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    world.perform([.create(ingressClass("acme", controller: "acme.io/a").json)])
    var theirs = ingress("web", rule("a", path("/", to: "a"))) { $0.spec.ingressClassName = "acme" }
    world.perform([.create(theirs.json)])
    theirs = try #require(ingress(world, "web"))
    theirs.status.loadBalancer.ingress = [IngressLoadBalancerIngress { $0.ip = "192.0.2.1" }]
    world.perform([.updateStatus(theirs.json)])
    world.run(for: .seconds(10))
    #expect(ingress(world, "web")?.status.loadBalancer.ingress.compactMap(\.ip) == ["192.0.2.1"])
  }

  @Test func anIngressWithoutAnAddressIsNoticed() throws {
    let promise = try #require(Layer.services.invariants.first { $0.name == "an ingress that is served says where" })
    let check = promise.makeCheck()
    var web = ServicesTests.ingress("web", rule("a", path("/", to: "a")))
    #expect(check(try ingressView([web]), nil, World.epoch) == nil, "nobody serves it")
    #expect(check(try ingressView([web, ingressClass()]), nil, World.epoch) == "web has no address")
    web.status.loadBalancer.ingress = [IngressLoadBalancerIngress { $0.ip = "127.0.0.1" }]
    #expect(check(try ingressView([web, ingressClass()]), nil, World.epoch) == nil)
  }
}
