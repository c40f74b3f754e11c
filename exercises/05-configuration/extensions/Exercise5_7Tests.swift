import ControlLoop
import Objects
import Pods
import Testing

@testable import Configuration

@Suite struct Exercise5_7Tests {
  let lab: Lab
  init() throws { lab = try Lab() }

  private func begin(asks: Bool = true) throws {
    try lab.create(configMap(["color": "blue", "shape": "round"]))
    var web = pod { $0.env = [variable("COLOR", ["configMapKeyRef": ["name": "app", "key": "color"]])] }
    if asks { web.metadata.annotations["exercises.swiftlet/restart-on-change"] = "true" }
    try lab.create(web)
    lab.run(for: .seconds(2))
  }

  private var starts: Int { lab.hosts[0].started.count }

  @Test func aContainerWithOtherSettingsStartsAgain() throws {
    try begin()
    try lab.update(configMap([:])) { $0.data["color"] = "red" }
    lab.run(for: .seconds(3))
    #expect(starts == 2, "its variables would be others now")
    #expect(lab.environment()["COLOR"] == "red")
    let told = lab.view.all(RecordedEvent.self).compactMap(\.message)
    #expect(told.contains("Container main has other settings, will be restarted"), "the restart says why")
    lab.run(for: .seconds(60))
    #expect(starts == 2, "one change is one restart")
  }

  @Test func whatItDoesNotReadDoesNotConcernIt() throws {
    try begin()
    try lab.update(configMap([:])) { $0.data["shape"] = "square" }
    lab.run(for: .seconds(60))
    #expect(starts == 1, "the container does not read that key")
  }

  @Test func whoDoesNotAskRunsOn() throws {
    try begin(asks: false)
    try lab.update(configMap([:])) { $0.data["color"] = "red" }
    lab.run(for: .seconds(60))
    #expect(starts == 1, "without the annotation a running container keeps its environment")
  }

  @Test func aMissingObjectEndsNothing() throws {
    try begin()
    try lab.delete(configMap([:]))
    lab.run(for: .seconds(60))
    #expect(starts == 1 && lab.isRunning(), "a container that could not start again is not ended")
  }
}
