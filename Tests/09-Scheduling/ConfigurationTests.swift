import ControlLoop
import Objects
import Pods
import Testing

@testable import Scheduling

@Suite struct ConfigurationTests {
  private func profiles(_ profiles: Value...) throws -> [SchedulerProfile] {
    try SchedulerProfile.profiles(
      from: [
        "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
        "profiles": .array(profiles),
      ], usual: SchedulerProfile())
  }

  @Test func aProfileThatSaysNothingIsTheUsualOne() throws {
    let profile = try #require(try profiles([:]).first)
    #expect(profile.schedulerName == "default-scheduler")
    #expect(
      profile.scorers.map { "\($0.plugin.name) \($0.weight)" } == [
        "TaintToleration 3", "NodeAffinity 2", "NodeResourcesFit 1", "NodeResourcesBalancedAllocation 1",
      ])
    #expect(
      profile.clusterPlugins.map { "\($0.plugin.name) \($0.weight)" } == [
        "VolumeBinding 0", "PodTopologySpread 2", "InterPodAffinity 2", "ImageLocality 1",
      ])
  }

  @Test func aSecondSchedulerMayPackWhereTheFirstSpreads() throws {
    let packing: Value = [
      "schedulerName": "packing",
      "pluginConfig": [
        ["name": "NodeResourcesFit", "args": ["scoringStrategy": ["type": "MostAllocated"]]]
      ],
    ]
    let both = try profiles([:], packing)
    let fixture = try Fixture([someNode("one"), someNode("two"), somePod("a", cpu: 2, on: "two")])
    #expect(both.map { fixture.choice(for: somePod("b", cpu: 2), by: $0) } == ["one", "two"])
  }

  @Test func pluginsAreTurnedOffAndWeighed() throws {
    let profile = try #require(
      try profiles([
        "plugins": [
          "score": ["disabled": [["name": "*"]], "enabled": [["name": "NodeResourcesFit", "weight": 5]]],
          "filter": ["disabled": [["name": "NodePorts"]]],
        ]
      ]).first)
    #expect(profile.scorers.map(\.plugin.name) == ["NodeResourcesFit"])
    #expect(profile.scorers.first?.weight == 5)
    #expect(!profile.filters.contains { $0.name == "NodePorts" })
    #expect(profile.clusterPlugins.allSatisfy { $0.weight == 0 })
  }

  @Test func aCurveSaysHowFullIsGood() {
    let strategy = ScoringStrategy.requestedToCapacityRatio([(0, 0), (50, 100), (100, 0)])
    #expect([0, 25, 50, 75, 100].map { strategy.score(used: $0, of: 100) } == [0, 50, 100, 50, 0])
  }

  @Test func whatMeansNothingIsRefusedWithItsPlace() {
    func problem(_ profile: Value) -> String {
      do {
        _ = try profiles(profile)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(
      problem(["plugins": ["score": ["enabled": [["name": "Foo"]]]]])
        == #"profiles[0].plugins.score.enabled[0].name: plugin "Foo" does not exist"#)
    #expect(
      problem(["pluginConfig": [["name": "InterPodAffinity", "args": ["hardPodAffinityWeight": 101]]]])
        == "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]")
    #expect(throws: ConfigurationError.self) { try profiles([:], [:]) }
    #expect(throws: ConfigurationError.self) {
      try SchedulerProfile.profiles(from: ["kind": "Pod"], usual: SchedulerProfile())
    }
  }
}
