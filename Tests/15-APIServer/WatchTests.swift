import ControlLoop
import Objects
import Testing

@testable import APIServer
@testable import Store

private let widgets = "/apis/test.io/v1/namespaces/default/widgets"

@Suite struct Watches {
  @Test func changesComeInOrderWithTheirObjects() async throws {
    let server = try TestServer()
    let watch = try await server.watch(widgets + "?watch=true")
    await server.create("a")
    await server.create("b", in: "other")
    _ = await server.send("PATCH", widgets + "/a", ["spec": ["size": 2]], type: "application/merge-patch+json")
    _ = await server.send("DELETE", widgets + "/a")
    #expect(try await watch.next()?["object"]?["metadata"]?["resourceVersion"] == "2")
    #expect(try await watch.next()?["object"]?["spec"]?["size"] == 2)
    let last = try await watch.next()
    #expect(last?["type"] == "DELETED")
    #expect(last?["object"]?["metadata"]?["resourceVersion"] == "5")
  }

  @Test func withoutAVersionWhatExistsComesFirst() async throws {
    let server = try TestServer()
    for name in ["a", "b"] { await server.create(name) }
    for query in ["watch=1", "watch=1&resourceVersion=0", "watch=true&resourceVersion="] {
      #expect(try await server.watch("\(widgets)?\(query)").next(2) == ["ADDED a", "ADDED b"])
    }
  }

  @Test func aVersionResumesAfterIt() async throws {
    let server = try TestServer()
    for name in ["a", "b", "c"] { await server.create(name) }
    #expect(try await server.watch(widgets + "?watch=1&resourceVersion=2").next(2) == ["ADDED b", "ADDED c"])
    let all = try await server.watch("/apis/test.io/v1/widgets?watch=1&resourceVersion=4")
    await server.create("d", in: "other")
    #expect(try await all.next(1) == ["ADDED d"])
  }

  @Test func oneObjectIsWatchedByItsPathOrItsName() async throws {
    let server = try TestServer()
    for name in ["a", "b"] { await server.create(name) }
    for path in [widgets + "/b?watch=1", widgets + "?watch=1&fieldSelector=metadata.name=b"] {
      #expect(try await server.watch(path).next(1) == ["ADDED b"])
    }
  }

  @Test func anObjectThatBeginsOrCeasesToMatchIsAddedOrDeleted() async throws {
    let server = try TestServer()
    let byLabel = try await server.watch(widgets + "?watch=1&labelSelector=app=web")
    let byField = try await server.watch(widgets + "?watch=1&fieldSelector=spec.color=red")
    await server.create("a", labels: ["app": "db"], spec: ["color": "red"])
    func patch(_ body: Value) async {
      _ = await server.send("PATCH", widgets + "/a", body, type: "application/merge-patch+json")
    }
    await patch(["metadata": ["labels": ["app": "web"]]])
    await patch(["spec": ["color": "blue"]])
    await patch(["metadata": ["labels": ["app": nil]]])
    await patch(["spec": ["color": "red"]])
    _ = await server.send("DELETE", widgets + "/a")
    #expect(try await byLabel.next(2) == ["ADDED a", "MODIFIED a"])
    let gone = try await byLabel.next()
    #expect(gone?["type"] == "DELETED")
    // What the client last saw, at the moment when it ceased to match.
    #expect(gone?["object"]?["metadata"]?["labels"] == ["app": "web"])
    #expect(gone?["object"]?["metadata"]?["resourceVersion"] == "5")
    #expect(try await byField.next(5) == ["ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a"])
  }

  @Test func initialEventsEndWithABookmark() async throws {
    let server = try TestServer()
    for name in ["a", "b"] { await server.create(name) }
    let query = "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    let watch = try await server.watch(widgets + query)
    #expect(try await watch.next(2) == ["ADDED a", "ADDED b"])
    let bookmark = try await watch.next()
    #expect(bookmark?["type"] == "BOOKMARK")
    #expect(
      bookmark?["object"] == [
        "kind": "Widget", "apiVersion": "test.io/v1",
        "metadata": ["resourceVersion": "3", "annotations": ["k8s.io/initial-events-end": "true"]],
      ])
    await server.create("c")
    #expect(try await watch.next(1) == ["ADDED c"])
    #expect(try await server.watch(widgets + query + "&fieldSelector=metadata.name=x").next(1) == ["BOOKMARK -"])
    let none = try await server.watch(widgets + "?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
    await server.create("d")
    #expect(try await none.next(1) == ["ADDED d"])
  }

  @Test func manyInitialEventsComeInPieces() async throws {
    let server = try TestServer()
    let text = String(repeating: "x", count: 10_000)
    for index in 0..<20 { await server.create("w\(index / 10)\(index % 10)", spec: ["color": .string(text)]) }
    let names = try await server.watch(widgets + "?watch=1").next(20)
    #expect(names == (0..<20).map { "ADDED w\($0 / 10)\($0 % 10)" })
  }

  @Test func bookmarksComeEachMinuteAndTheWatchEndsInTime() async throws {
    let server = try TestServer()
    let watch = try await server.watch(widgets + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90")
    await server.create("z", in: "other")
    server.timers.advance(by: .seconds(60))
    let bookmark = try await watch.next()
    #expect(bookmark?["type"] == "BOOKMARK")
    #expect(bookmark?["object"]?["metadata"] == ["resourceVersion": "2"])
    server.timers.advance(by: .seconds(30))
    #expect(try await watch.next(1) == ["BOOKMARK -"])
    #expect(try await watch.next() == nil)
    #expect(try await watch.next() == nil)
    let silent = try await server.watch(widgets + "?watch=1&timeoutSeconds=10")
    server.timers.advance(by: .seconds(10))
    #expect(try await silent.next() == nil)
  }

  @Test func timeWakesAWatchThatSleeps() async throws {
    let server = try TestServer()
    let watch = try await server.watch(widgets + "?watch=1&timeoutSeconds=5")
    async let end = watch.next()
    // However late the watch falls asleep, the alarm rings again.
    let ringing = Task {
      while !Task.isCancelled {
        server.timers.advance(by: .seconds(1))
        await Task.yield()
      }
    }
    #expect(try await end == nil)
    ringing.cancel()
  }

  @Test func aForgottenPlaceIsExpired() async throws {
    var limits = Store.Limits()
    limits.watchedEvents = 4
    let server = try TestServer(limits: limits)
    await server.create("a")
    let slow = try await server.watch(widgets + "?watch=1&resourceVersion=2")
    for index in 0..<9 { await server.create("b\(index)") }
    let event = try await slow.next()
    #expect(event?["type"] == "ERROR")
    #expect(event?["object"]?["code"] == 410)
    #expect(event?["object"]?["reason"] == "Expired")
    #expect(try await slow.next() == nil)
    // So it is for one that only begins there: what went wrong is the first event.
    let late = await server.send("GET", widgets + "?watch=1&resourceVersion=2")
    #expect(late.status == 200)
    #expect(late.json["type"] == "ERROR")
    #expect(late.json["object"]?["code"] == 410)
    #expect(late.json["object"]?["reason"] == "Expired")
    #expect(late.json["object"]?["message"] == "too old resource version: 2 (7)")
    #expect(late.text.hasSuffix("}\n"))
  }

  @Test func aBusyWatchRestsAndThenSendsWhatHasCome() async throws {
    let server = try TestServer()
    let watch = try await server.stream(widgets + "?watch=1&resourceVersion=1")
    await server.create("a")
    #expect(try await watch.next()?.lines.count == 1)
    let log = server.store.log(of: Widget.kind.groupResource)
    async let rest = watch.next()
    while log.sleepers == 0 { await Task.yield() }
    await server.create("b")
    // Woken too soon after its last write: more may come.
    while server.server.rests.count == 0 { await Task.yield() }
    for name in ["c", "d"] { await server.create(name) }
    server.timers.advance(by: .milliseconds(10))
    #expect(try await rest?.lines.count == 3)
    server.timers.advance(by: .milliseconds(10))
    // Quiet again: the next change is sent as soon as it comes.
    async let next = watch.next()
    while log.sleepers == 0 { await Task.yield() }
    await server.create("e")
    #expect(try await next?.lines.count == 1)
  }

  @Test func oneBellWakesAllWhoRest() async throws {
    let timers = TestTimers()
    let rests = Rests()
    async let one: Void = rests.take(until: timers.now + .milliseconds(5), timers)
    async let two: Void = rests.take(until: timers.now + .milliseconds(9), timers)
    while rests.count < 2 { await Task.yield() }
    timers.advance(by: .milliseconds(9))
    await one
    await two
    #expect(rests.count == 0)
    #expect(timers.waiting == 0)
  }

  @Test(arguments: [
    ("sendInitialEvents=true", 422), ("resourceVersionMatch=NotOlderThan", 422), ("resourceVersion=x", 400),
    ("sendInitialEvents=true&resourceVersionMatch=Exact", 422), ("labelSelector=a=b=c", 400), ("timeoutSeconds=x", 400),
    ("resourceVersion=99&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", 504),
  ])
  func refuse(query: String, status: Int) async throws {
    let server = try TestServer()
    let error = await #expect(throws: NoStream.self) { try await server.watch("\(widgets)?watch=1&\(query)") }
    #expect(error?.status == status)
  }

  @Test func tablesNameTheirColumnsOnce() async throws {
    let server = try TestServer()
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
    for name in ["a", "b"] { await server.create(name, spec: ["color": "red"]) }
    let watch = try await server.watch(widgets + "?watch=1&allowWatchBookmarks=true", accept: table)
    let first = try await watch.next()?["object"]
    #expect(first?["columnDefinitions"]?.array?.count == 3)
    #expect(first?["rows"]?[0]?["cells"]?[0] == "a")
    let second = try await watch.next()?["object"]
    #expect(second?["columnDefinitions"] == .null)
    #expect(second?["rows"]?[0]?["object"]?["metadata"]?["name"] == "b")
    server.timers.advance(by: .seconds(60))
    #expect(try await watch.next()?["object"]?["rows"]?[0]?["object"]?["metadata"]?["resourceVersion"] == "3")
    let partial = try await server.watch(
      widgets + "?watch=1", accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
    #expect(try await partial.next()?["object"]?["kind"] == "PartialObjectMetadata")
  }

  @Test func cancellationEndsTheWait() async throws {
    let server = try TestServer()
    let watch = try await server.watch(widgets + "?watch=1")
    let task = Task { try await watch.next() }
    task.cancel()
    #expect(try await task.value == nil)
  }

  @Test func watchersShareTheBytesOfAnEvent() async throws {
    let server = try TestServer()
    let record = Record(key: Widget.key("a", in: "default"), value: ["metadata": ["name": "a"]], revision: 7)
    func line(_ type: String, _ form: Form) -> [UInt8] {
      server.server.frames.line(type, record, Presentation(of: Widget.kind, as: form))
    }
    for form in [Form.object, .metadata] {
      let (one, two) = (line("ADDED", form), line("ADDED", form))
      #expect(one.withUnsafeBytes { $0.baseAddress } == two.withUnsafeBytes { $0.baseAddress })
      #expect(line("MODIFIED", form) != one)
    }
    #expect(line("ADDED", .object) == Array("{\"type\":\"ADDED\",\"object\":".utf8) + record.bytes + Array("}\n".utf8))
    #expect(try Value(parsing: line("ADDED", .metadata))["object"]?["kind"] == "PartialObjectMetadata")
  }
}
