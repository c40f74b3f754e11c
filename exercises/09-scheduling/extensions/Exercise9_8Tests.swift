import ControlLoop
import Objects
import Pods
import Testing

@testable import Scheduling

@Suite struct Exercise9_8Tests {
  private func choice(_ namespace: String, by profile: SchedulerProfile = SchedulerProfile()) throws -> String {
    let reserved = someNode("one") { $0.metadata.annotations["example.com/reserved-for"] = "red" }
    let pod = somePod("p") { $0.metadata.namespace = namespace }
    return try Fixture([reserved]).choice(for: pod, by: profile)
  }

  @Test func aReservedNodeTakesOnlyItsNamespace() throws {
    #expect(try choice("red") == "one")
    #expect(
      try choice("blue") == "0/1 nodes are available: 1 node(s) were reserved for another namespace.")
  }

  @Test func aNodeThatIsReservedForNobodyTakesEverybody() throws {
    #expect(try Fixture([someNode("one")]).choice(for: somePod("p")) == "one")
    #expect(SchedulerProfile().filters.contains { $0.name == "NodeReservation" })
  }

  @Test func aProfileMayLeaveThePluginOut() throws {
    let profile = try #require(
      try SchedulerProfile.profiles(
        from: [
          "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
          "profiles": [["plugins": ["filter": ["disabled": [["name": "NodeReservation"]]]]]],
        ], usual: SchedulerProfile()
      ).first)
    #expect(try choice("blue", by: profile) == "one")
  }
}
