import ControlLoop
import Objects
import Pods
import Testing

@testable import Configuration

/// Files that pods find, and what becomes of them.
@Suite struct VolumeTests {
  let lab: Lab
  init() throws { lab = try Lab() }

  private let config = volume("config", ["configMap": ["name": "app"]])

  @Test func aKeyBecomesAFile() throws {
    var map = configMap(["app.conf": "color=blue", "empty": ""])
    map.binaryData["logo"] = Base64Text(bytes: "PNG".utf8)
    try lab.create(map)
    try lab.create(secret(["password": "hunter2"]))
    let volumes = [config, volume("keys", ["secret": ["secretName": "app", "defaultMode": 0o400]])]
    try lab.create(pod(volumes: volumes))
    lab.run(for: .seconds(1))
    #expect(lab.isRunning())
    #expect(lab.files("config") == ["app.conf": "color=blue", "empty": "", "logo": "PNG"])
    #expect(lab.modes("config")?.values.allSatisfy { $0 == 0o644 } == true)
    #expect(lab.files("keys") == ["password": "hunter2"])
    #expect(lab.modes("keys") == ["password": 0o400])
    let uid = try #require(lab.pod()?.uid)
    #expect(
      lab.configuration()?.mounts
        == ["config", "keys"].map {
          Mount(
            containerPath: "/etc/\($0)", hostPath: "/pods/\(uid)/\($0)", volumePath: "/pods/\(uid)/\($0)",
            readOnly: true)
        })
  }

  @Test func itemsChooseKeysAndNameFiles() throws {
    try lab.create(configMap(["a": "1", "b": "2", "c": "3"]))
    let items: Value = [["key": "a", "path": "conf.d/first"], ["key": "b", "path": "b", "mode": 0o600]]
    try lab.create(pod(volumes: [volume("config", ["configMap": ["name": "app", "items": items]])]))
    lab.run(for: .seconds(1))
    #expect(lab.files("config") == ["conf.d/first": "1", "b": "2"])
    #expect(lab.modes("config") == ["conf.d/first": 0o644, "b": 0o600])
  }

  @Test func aProjectedVolumeMergesItsSourcesAndTheLaterOneWins() throws {
    try lab.create(configMap(["shared": "map", "map": "1"]))
    try lab.create(secret(["shared": "secret", "secret": "2"]))
    let sources: Value = [
      ["configMap": ["name": "app"]], ["secret": ["name": "app"]],
      ["secret": ["name": "absent", "optional": true]],
      ["downwardAPI": ["items": [["path": "name", "fieldRef": ["fieldPath": "metadata.name"]]]]],
    ]
    try lab.create(pod(volumes: [volume("all", ["projected": ["sources": sources, "defaultMode": 0o440]])]))
    lab.run(for: .seconds(1))
    #expect(
      lab.files("all") == ["shared": "secret", "map": "1", "secret": "2", "name": "web"],
      "of two sources with one key the later wins")
    #expect(lab.modes("all")?.values.allSatisfy { $0 == 0o440 } == true)
  }

  // MARK: What is missing

  @Test(
    arguments: [
      (["configMap": ["name": "late"]], #"configmap "late" not found"#),
      (["secret": ["secretName": "late"]], #"secret "late" not found"#),
      (
        ["configMap": ["name": "here", "items": [["key": "none", "path": "p"]]]],
        "references non-existent config key: none"
      ),
      (
        ["projected": ["sources": [["configMap": ["name": "late"]], ["secret": ["name": "late"]]]]],
        #"[configmap "late" not found, secret "late" not found]"#
      ),
    ] as [(Value, String)])
  func aPodWithoutItsVolumeWaitsAndSaysSo(source: Value, message: String) throws {
    try lab.create(configMap("here", ["a": "1"]))
    try lab.create(pod(volumes: [volume("v", source)]))
    lab.run(for: .seconds(120))
    #expect(lab.waiting()?.reason == "ContainerCreating")
    #expect(lab.warnings() == ["FailedMount: MountVolume.SetUp failed for volume \"v\" : \(message)"])
    #expect(lab.hosts[0].started.isEmpty, "nothing starts before its volumes are there")
    try lab.create(configMap("late", ["none": "1"]))
    try lab.create(secret("late", ["none": "1"]))
    try lab.update(configMap("here", [:])) { $0.data["none"] = "1" }
    lab.run(for: .seconds(1))
    #expect(lab.isRunning())
  }

  @Test func whatIsOptionalMayComeLater() throws {
    let items: Value = [["key": "color", "path": "color"]]
    let source: Value = ["configMap": ["name": "app", "optional": true, "items": items]]
    try lab.create(pod(volumes: [volume("config", source)]))
    lab.run(for: .seconds(1))
    #expect(lab.isRunning())
    #expect(lab.files("config") == [:])
    try lab.create(configMap(["shape": "round"]))
    lab.run(for: .seconds(1))
    #expect(lab.files("config") == [:])
    try lab.update(configMap([:])) { $0.data["color"] = "blue" }
    lab.run(for: .seconds(1))
    #expect(lab.files("config") == ["color": "blue"])
    try lab.delete(configMap([:]))
    lab.run(for: .seconds(1))
    #expect(lab.files("config") == [:])
  }

  // MARK: Changes

  @Test func aChangeReachesTheFilesAndStartsNothing() throws {
    try lab.create(configMap(["color": "blue", "old": "1"]))
    try lab.create(pod(volumes: [config]))
    lab.run(for: .seconds(1))
    try lab.update(configMap([:])) { $0.data = ["color": "red", "new": "2"] }
    lab.run(for: .seconds(1))
    #expect(
      lab.files("config") == ["color": "red", "new": "2"], "a change of the object is another version of the files")
    #expect(lab.hosts[0].started.count == 1, "a change of the object starts nothing")
    #expect(lab.hosts[0].layouts == 2)
    lab.run(for: .seconds(300))
    #expect(lab.hosts[0].layouts == 2)
  }

  @Test func labelsOfAPodReachItsFiles() throws {
    let items: Value = [
      ["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]],
      ["path": "notes", "fieldRef": ["fieldPath": "metadata.annotations"]],
      ["path": "app", "fieldRef": ["fieldPath": "metadata.labels['app']"]],
      ["path": "cpu", "resourceFieldRef": ["containerName": "main", "resource": "limits.cpu"]],
    ]
    try lab.create(pod(volumes: [volume("me", ["downwardAPI": ["items": items]])]))
    lab.run(for: .seconds(1))
    #expect(lab.files("me") == ["labels": "", "notes": "", "app": "", "cpu": "8"])
    try lab.update(pod()) {
      $0.metadata.labels = ["tier": "front", "app": "shop"]
      $0.metadata.annotations["note"] = "\"so\"\nit is"
    }
    lab.run(for: .seconds(1))
    #expect(lab.files("me")?["labels"] == "app=\"shop\"\ntier=\"front\"")
    #expect(lab.files("me")?["notes"] == #"note="\"so\"\nit is""#)
    #expect(lab.files("me")?["app"] == "shop")
    #expect(lab.hosts[0].layouts == 2)
  }

  @Test func aDeletedObjectLeavesTheFilesOfARunningPod() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod(volumes: [config]) { $0.image = "crash-5" })
    lab.run(for: .seconds(1))
    try lab.delete(configMap([:]))
    lab.run(for: .seconds(60))
    #expect(lab.files("config") == ["color": "blue"])
    #expect(lab.hosts[0].started.count > 2, "a pod that has its files goes on without the object")
    #expect(
      lab.warnings().contains(#"FailedMount: MountVolume.SetUp failed for volume "config" : configmap "app" not found"#)
    )
    try lab.create(configMap(["color": "green"]))
    lab.run(for: .seconds(1))
    #expect(lab.files("config") == ["color": "green"])
  }

  @Test func filesGoWithTheirPod() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod(volumes: [config]))
    try lab.create(pod("waits", volumes: [config, volume("late", ["configMap": ["name": "late"]])]))
    lab.run(for: .seconds(1))
    let identities = lab.hosts[0].pods().map(\.identity)
    #expect(identities.count == 2)
    try lab.delete(pod())
    // Without grace the object goes at once, and what the node holds of it follows.
    try lab.perform(.delete(pod("waits").key, DeleteOptions(gracePeriodSeconds: 0)))
    lab.run(for: .seconds(2))
    #expect(lab.view.all(Pod.self).isEmpty)
    #expect(identities.allSatisfy { lab.hosts[0].volumes(of: $0).isEmpty })
    #expect(lab.hosts[0].pods().isEmpty)
  }

  @Test func aRestartedAgentLaysNothingOutAgain() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod(volumes: [config]))
    lab.run(for: .seconds(1))
    lab.group.restart()
    lab.run(for: .seconds(2))
    #expect(lab.hosts[0].layouts == 1)
    #expect(lab.hosts[0].started.count == 1)
  }

  @Test func aHostThatFailsIsAskedAgainAfterAPause() throws {
    try lab.create(configMap(["color": "blue"]))
    lab.hosts[0].fail("no space left on device")
    try lab.create(pod(volumes: [config]))
    lab.run(for: .seconds(25))
    #expect(lab.waiting()?.reason == "ContainerCreating")
    #expect(
      lab.warnings() == [#"FailedMount: MountVolume.SetUp failed for volume "config" : no space left on device"#])
    #expect(
      (2...4).contains(lab.hosts[0].layouts), "what has failed is tried again after a pause, and not at every look")
    lab.hosts[0].fail(nil)
    lab.run(for: .seconds(11))
    #expect(lab.isRunning())
  }

  @Test func anUpdateThatFailsLeavesWhatIsThere() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod(volumes: [config]) { $0.image = "crash-5" })
    lab.run(for: .seconds(1))
    lab.hosts[0].fail("no space left on device")
    try lab.update(configMap([:])) { $0.data["color"] = "red" }
    lab.run(for: .seconds(8))
    #expect(lab.files("config") == ["color": "blue"])
    #expect(lab.hosts[0].started.count == 2, "an update that fails takes nothing away")
    #expect(lab.configuration()?.mounts.count == 1)
    lab.hosts[0].fail(nil)
    lab.run(for: .seconds(11))
    #expect(lab.files("config") == ["color": "red"])
  }

  @Test func aHostThatHasLostAVolumeIsToldAgain() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(pod(volumes: [config]))
    lab.run(for: .seconds(1))
    let identity = try #require(lab.hosts[0].pods().first?.identity)
    lab.hosts[0].removeVolumes(of: identity)
    lab.run(for: .seconds(1))
    #expect(lab.files("config") == ["color": "blue"])
  }

  @Test func noSecretIsToldInAnEvent() throws {
    try lab.create(secret(["password": "hunter2"]))
    try lab.create(
      pod(volumes: [volume("keys", ["secret": ["secretName": "app", "items": [["key": "none", "path": "p"]]]])]) {
        $0.env = [variable("P", ["secretKeyRef": ["name": "app", "key": "nothing"]])]
      })
    lab.run(for: .seconds(20))
    let told =
      lab.view.all(RecordedEvent.self).map(\.json.encodedString) + lab.view.all(Pod.self).map(\.json.encodedString)
    #expect(!told.isEmpty)
    #expect(told.allSatisfy { !$0.contains("hunter2") && !$0.contains("aHVudGVyMg==") })
  }

  // MARK: Parts of volumes

  @Test func aSubPathIsAPartOfTheVolume() throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(
      pod(volumes: [config]) {
        $0.env = [variable("NAME", ["fieldRef": ["fieldPath": "metadata.name"]])]
        $0.volumeMounts = [
          VolumeMount(json: ["name": "config", "mountPath": "/srv/b", "subPathExpr": "$(NAME)/x"]),
          VolumeMount(json: ["name": "config", "mountPath": "/srv", "subPath": "color"]),
        ]
      })
    lab.run(for: .seconds(1))
    let root = "/pods/\(lab.pod()?.uid ?? "")/config"
    #expect(
      lab.configuration()?.mounts == [
        Mount(containerPath: "/srv", hostPath: "\(root)/color", volumePath: root, readOnly: true),
        Mount(containerPath: "/srv/b", hostPath: "\(root)/web/x", volumePath: root, readOnly: true),
      ])
  }

  @Test(arguments: [
    ("$(NOBODY)", #"missing value for "NOBODY""#),
    ("$(UP)/etc", "unable to provision SubPath `../etc`: must not contain '..'"),
    ("$(ROOT)", "unable to provision SubPath `/`: must be a relative path"),
  ])
  func aSubPathStaysInItsVolume(expression: String, message: String) throws {
    try lab.create(configMap(["color": "blue"]))
    try lab.create(
      pod(volumes: [config]) {
        $0.env = [variable("UP", ".."), variable("ROOT", "/")]
        $0.volumeMounts = [
          VolumeMount(json: ["name": "config", "mountPath": "/x", "subPathExpr": .string(expression)])
        ]
      })
    lab.run(for: .seconds(1))
    #expect(lab.waiting()?.reason == "CreateContainerConfigError")
    #expect(lab.waiting()?.message == message)
  }

  // MARK: Many

  @Test func aThousandPodsSeeAChangeWithinASecondAndNobodyElseIsDisturbed() throws {
    let lab = try Lab(nodes: 10)
    try lab.create(configMap(["color": "blue"]))
    try lab.create(configMap("other", ["color": "blue"]))
    for number in 0..<1_000 {
      try lab.create(pod("web-\(number)", on: number % 10, volumes: [config]))
    }
    try lab.create(pod("bystander", volumes: [volume("config", ["configMap": ["name": "other"]])]))
    lab.run(for: .seconds(5))
    try lab.update(configMap([:])) { $0.data["color"] = "red" }
    lab.run(for: .seconds(1))
    #expect((0..<1_000).allSatisfy { lab.files("config", of: "web-\($0)") == ["color": "red"] })
    #expect(lab.hosts.map(\.layouts).reduce(0, +) == 2_001)
  }
}
