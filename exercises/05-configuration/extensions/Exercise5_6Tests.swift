import ControlLoop
import Objects
import Pods
import Testing

@testable import Configuration

@Suite struct Exercise5_6Tests {
  let lab: Lab
  init() throws { lab = try Lab() }

  private func refusal(_ object: some Resource) -> String? {
    do {
      try lab.delete(object)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func protected<T: Resource>(_ object: T) throws -> T {
    var object = object
    object.metadata.annotations["exercises.swiftlet/protected"] = "true"
    try lab.create(object)
    return object
  }

  @Test func whatIsInUseIsNotDeleted() throws {
    let map = try protected(configMap(["color": "blue"]))
    let keys = try protected(secret(["password": "p"]))
    try lab.create(pod("web", volumes: [volume("config", ["configMap": ["name": "app"]])]))
    try lab.create(pod("job") { $0.envFrom = [EnvFromSource(json: ["secretRef": ["name": "app"]])] })
    #expect(refusal(map)?.contains("in use by pod web") == true, "a pod mounts the config map")
    #expect(refusal(keys)?.contains("in use by pod job") == true, "a pod has variables of the secret")
    try lab.delete(pod("web"))
    lab.run(for: .seconds(1))
    #expect(refusal(map) == nil, "the pod that used it is gone")
  }

  @Test func whatNobodyUsesMayGo() throws {
    let map = try protected(configMap(["color": "blue"]))
    try lab.create(pod("web", volumes: [volume("config", ["secret": ["secretName": "app", "optional": true]])]))
    var ended = pod("ended", volumes: [volume("config", ["configMap": ["name": "app"]])]) { $0.image = "exit-0" }
    ended.spec.restartPolicy = .never
    try lab.create(ended)
    lab.run(for: .seconds(2))
    #expect(lab.pod("ended")?.isFinished == true)
    #expect(refusal(map) == nil, "a secret of the same name is another object, and a pod that has ended uses nothing")
  }

  @Test func onlyWhoAsksIsProtected() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod("web", volumes: [volume("config", ["configMap": ["name": "app"]])]))
    #expect(refusal(configMap([:])) == nil, "without the annotation everything is as before")
  }
}
