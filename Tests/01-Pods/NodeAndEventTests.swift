import ControlLoop
import Objects
import Pods
import Store
import Testing

@Suite struct NodeLifecycleTests {
  @Test func aNodeWhoseLeaseIsRenewedStaysReady() throws {
    let world = try TestCluster()
    try world.addNode("a")
    for _ in 0..<10 {
      try world.renewLease(of: "a")
      world.run(for: .seconds(39))
      #expect(world.view.object(Node.self, "a")?.isReady == true)
    }
  }

  @Test func aNodeWhoseAgentFellSilentIsUnknownAfterFortySeconds() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try world.renewLease(of: "a")
    world.run(for: .seconds(40))
    #expect(world.view.object(Node.self, "a")?.isReady == true)
    world.run(for: .seconds(1))
    let ready = world.view.object(Node.self, "a")?.status.conditions["Ready"]
    #expect(ready?.status == "Unknown")
    #expect(ready?.reason == "NodeStatusUnknown")
    #expect(ready?.message == "Kubelet stopped posting node status.")
    #expect(world.events(about: "a") == ["Normal NodeNotReady x1: Node a status is now: NodeNotReady"])
  }

  @Test func aNodeThatNeverSpokeIsUnknownAfterAMinute() throws {
    let world = try TestCluster()
    try world.create(Node(name: "a"))
    world.run(for: .milliseconds(59_900))
    #expect(world.view.object(Node.self, "a")?.status.conditions == [], "its agent still has time for a first word")
    world.run(for: .seconds(1))
    let conditions = try #require(world.view.object(Node.self, "a")).status.conditions
    #expect(
      conditions.map { "\($0.type ?? "") \($0.status ?? "") \($0.reason ?? "")" }
        == ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map { "\($0) Unknown NodeStatusNeverUpdated" })
    #expect(conditions["Ready"]?.message == "Kubelet never posted node status.")
  }

  @Test func podsOfADeletedNodeAreDeletedAfterAWhile() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try world.create(pod("web"))
    world.settle()
    try world.delete(Node(name: "a"))
    world.run(for: .seconds(39))
    #expect(world.pod("web")?.status.conditions["DisruptionTarget"]?.reason == "DeletionByPodGC")
    world.run(for: .seconds(2))
    #expect(world.pod("web") == nil)
  }

  @Test func aPodThatLostItsNodeFailsBeforeItGoes() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try world.create(pod("web"))
    world.settle()
    try world.delete(Node(name: "a"))
    world.settle()
    let web = try #require(world.pod("web"))
    let since = try #require(web.status.conditions["DisruptionTarget"]?.lastTransitionTime)
    func plan(after seconds: Int64) throws -> Plan {
      try PodGarbageCollector().reconcile(web.key, in: world.view, at: since + .seconds(seconds))
    }
    #expect(try plan(after: 39).intents.isEmpty)
    #expect(try plan(after: 39).wakeAt == since + .seconds(40))
    let intents = try plan(after: 40).intents
    guard case .updateStatus(let failed) = intents.first, case .delete(web.key, let options) = intents.last else {
      Issue.record("whoever counts failures has to see one before the pod is gone: \(intents)")
      return
    }
    #expect(Pod(json: failed).status.phase == .failed)
    #expect(options.gracePeriodSeconds == 0)
  }

  @Test func aPodThatIsToGoBeforeItHasANodeFailsAndGoes() throws {
    let world = try TestCluster()
    var web = pod("web")
    web.metadata.finalizers = ["test/counted"]
    try world.create(web)
    try world.delete(web)
    world.settle()
    web = try #require(world.pod("web"))
    #expect(
      web.status.phase == .failed, "whoever counts ends waits for one, and there is no agent that could report it")
    #expect(try PodGarbageCollector().reconcile(web.key, in: world.view, at: world.now).intents.count == 1)
    try world.update(web) { $0.metadata.finalizers = [] }
    #expect(world.pod("web") == nil)
  }

  @Test func aNodeThatComesBackKeepsItsPods() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try world.create(pod("web"))
    world.settle()
    try world.delete(Node(name: "a"))
    world.run(for: .seconds(20))
    try world.addNode("a")
    world.run(for: .seconds(30))
    #expect(world.pod("web")?.status.conditions["DisruptionTarget"] == nil)
    #expect(world.pod("web")?.isBeingDeleted == false)
  }
}

@Suite struct EventTests {
  private func record(_ note: Note, from source: String = "tester", in world: TestCluster) throws {
    try record([note], from: source, in: world)
  }

  private func record(_ notes: [Note], from source: String = "tester", in world: TestCluster) throws {
    for intent in EventRecorder().intents(for: notes, from: source, in: world.view, at: world.now) {
      try world.perform(intent)
    }
  }

  private func note(_ message: String, about object: some Resource) -> Note {
    Note(type: .normal, reason: "Tested", message: message, about: object.json)
  }

  @Test func theSameAgainIsCountedAndNotToldAgain() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.schedulerName = "nobody" })
    let stored = try #require(world.pod("web"))
    for _ in 0..<3 {
      try record(note("once", about: stored), in: world)
      world.run(for: .seconds(10))
    }
    try record(note("twice", about: stored), in: world)
    try record(note("twice", about: stored), from: "another", in: world)
    #expect(
      world.events(about: "web").sorted() == [
        "Normal Tested x1: twice", "Normal Tested x1: twice", "Normal Tested x3: once",
      ], "three times the same is one event with a count of 3; another source or another sentence makes another event")
    let event = try #require(world.view.all(RecordedEvent.self).first { $0.count == 3 })
    #expect(event.name.hasPrefix("web."))
    #expect(event.name.count == 20)
    #expect(event.lastTimestamp == event.firstTimestamp.map { $0 + .seconds(20) })
    #expect(event.involvedObject.uid == stored.uid)
    #expect(event.source.component == "tester")
  }

  @Test func whatIsSaidTwiceAtOnceIsCountedToo() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.schedulerName = "nobody" })
    let stored = try #require(world.pod("web"))
    let notes = ["twice", "once", "twice"].map { note($0, about: stored) }
    try record(notes, in: world)
    #expect(world.events(about: "web").sorted() == ["Normal Tested x1: once", "Normal Tested x2: twice"])
    try record(notes, in: world)
    #expect(world.events(about: "web").sorted() == ["Normal Tested x2: once", "Normal Tested x4: twice"])
  }

  @Test func anEventSaysWhatHappenedToWhomAndWhoSaysSo() throws {
    let world = try TestCluster()
    try world.addNode("one")
    try world.create(pod("web"))
    world.settle()
    let stored = try #require(world.pod("web"))
    var pulled = note("an image", about: stored)
    pulled.fieldPath = "spec.containers{main}"
    try record(pulled, from: "kubelet", in: world)
    let event = try #require(world.view.all(RecordedEvent.self).first { $0.message == "an image" })
    var content = event.json
    content["metadata"] = nil
    #expect(
      content == [
        "apiVersion": "v1", "kind": "Event", "type": "Normal", "reason": "Tested", "message": "an image", "count": 1,
        "firstTimestamp": world.now.asValue, "lastTimestamp": world.now.asValue,
        "source": ["component": "kubelet", "host": "one"], "reportingComponent": "kubelet",
        "involvedObject": [
          "kind": "Pod", "apiVersion": "v1", "namespace": "default", "name": "web", "uid": stored.uid.asValue,
          "resourceVersion": (stored.metadata.resourceVersion ?? "").asValue, "fieldPath": "spec.containers{main}",
        ],
      ])
  }

  @Test func ofAnObjectToWhichMuchHappensNotEverythingIsTold() throws {
    let world = try TestCluster()
    for name in ["web", "web.other"] { try world.create(pod(name) { $0.spec.schedulerName = "nobody" }) }
    let (stored, other) = (try #require(world.pod("web")), try #require(world.pod("web.other")))
    try record((0..<20).map { note("\($0)", about: stored) }, in: world)
    // The limit holds within one plan and across plans; what was told already is still counted.
    try record((0..<30).map { note("\($0)", about: stored) } + [note("hello", about: other)], in: world)
    #expect(world.events(about: "web").count == 25)
    #expect(world.events(about: "web").count { $0.contains(" x2: ") } == 20)
    #expect(world.events(about: "web.other") == ["Normal Tested x1: hello"])
    world.run(for: .seconds(299))
    try record(note("too early", about: stored), in: world)
    world.run(for: .seconds(1))
    try record([note("now", about: stored), note("too many", about: stored)], in: world)
    try record(note("too many again", about: stored), in: world)
    #expect(world.events(about: "web").count == 26)
    #expect(world.events(about: "web").contains("Normal Tested x1: now"))
  }

  @Test func eventsOfObjectsWithoutANamespaceAreInDefault() throws {
    let world = try TestCluster()
    try world.addNode("a")
    try record(note("hello", about: #require(world.view.object(Node.self, "a"))), in: world)
    #expect(world.view.all(RecordedEvent.self, in: "default").map(\.message) == ["hello"])
  }

  @Test func whereNothingNewCanBeMadeNobodyIsTold() throws {
    let world = try TestCluster()
    try record(note("hello", about: pod("web", in: "nowhere")), in: world)
    #expect(world.view.all(RecordedEvent.self).isEmpty)
  }

  @Test func anEventGoesAnHourAfterItLastHappened() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.schedulerName = "nobody" })
    let stored = try #require(world.pod("web"))
    try record(note("hello", about: stored), in: world)
    world.run(for: .seconds(3_000))
    try record(note("hello", about: stored), in: world)
    world.run(for: .seconds(3_500))
    #expect(world.events(about: "web").count == 1)
    world.run(for: .seconds(200))
    #expect(world.events(about: "web").isEmpty)
  }

  @Test func theTableSaysWhenWhatAndToWhom() throws {
    let world = try TestCluster()
    try world.create(pod("web") { $0.spec.schedulerName = "nobody" })
    var about = note(" hello\n", about: try #require(world.pod("web")))
    about.fieldPath = "spec.containers{main}"
    try record(about, in: world)
    world.run(for: .seconds(75))
    let event = try #require(world.view.all(RecordedEvent.self).first)
    let cells = RecordedEvent.kind.table.dropLast().map { column in
      let cell = column.cell(event.json, world.now)
      return cell.string ?? cell.encodedString
    }
    #expect(
      cells == ["75s", "Normal", "Tested", "pod/web", "spec.containers{main}", "tester", "hello", "75s", "1"])
  }
}
