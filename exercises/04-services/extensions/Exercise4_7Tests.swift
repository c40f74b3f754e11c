import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Services

@Suite struct Exercise4_7Tests {
  private func endpoint(_ value: String?, publishes: Bool = false) throws -> Endpoint {
    let service = storedService { $0.spec.publishNotReadyAddresses = publishes }
    let pod = runningPod("a", ip: "10.244.1.2") {
      $0.metadata.annotations["exercises.swiftlet/out-of-service"] = value
    }
    let plan = try EndpointSliceController().reconcile(
      service.key, in: try makeStore([service, pod]).view, at: World.epoch)
    return plan.createdSlices.first?.endpoints.first ?? Endpoint()
  }

  @Test func aPodOutOfServiceServesAndGetsNoConnections() throws {
    for publishes in [false, true] {
      let endpoint = try endpoint("true", publishes: publishes)
      #expect(endpoint.conditions.serving == true, "it answers whoever calls it by its own address")
      #expect(endpoint.conditions.ready == false, "new connections go elsewhere")
    }
  }

  @Test func itIsNotALastResort() throws {
    var slice = makeSlice()
    slice.endpoints = [try endpoint("true")]
    let view = try makeStore([storedService(), slice]).view
    let rules = ServiceRules(for: storedService().key, in: view, on: ProxyNode(name: "node-1"))
    #expect(rules?.frontends.first?.backends == [], "out of service means nobody, not \"if there is nobody else\"")
  }

  @Test func withoutTheAnnotationNothingChanges() throws {
    for value in [nil, "false", ""] { #expect(try endpoint(value).conditions.ready == true) }
    #expect(try endpoint("true").conditions.ready == false)
  }
}
