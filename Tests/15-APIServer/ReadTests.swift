import ControlLoop
import Objects
import Store
import Testing

@testable import APIServer

private let widgets = "/apis/test.io/v1/namespaces/default/widgets"

@Suite struct Paths {
  @Test(arguments: [
    ("/api/v1/realms", "GET", 200), ("/api/v1/realms/x", "GET", 404), ("/apis/test.io/v1/widgets", "GET", 200),
    (widgets, "GET", 200), (widgets + "/a", "GET", 200), (widgets + "/a/status", "GET", 200),
    (widgets + "/a/scale", "GET", 200), (widgets + "/a/nothing", "GET", 404), (widgets + "/a/log", "GET", 404),
    ("/apis/test.io/v2/widgets", "GET", 404), ("/apis/test.io/v1/gadgets", "GET", 404), ("/nothing", "GET", 404),
    ("/apis/test.io/v1/widgets/a", "GET", 404), ("/api/v1/namespaces/default/realms", "GET", 404),
    ("/apis/test.io/v1/namespaces/default/widgets/", "GET", 404),
    ("/apis/test.io/v1/widgets", "POST", 405), (widgets, "PUT", 405), (widgets + "/a", "POST", 405),
    ("/api/v1/realms", "DELETE", 405),
    ("/api/v1/namespaces/default/configmaps", "POST", 404), ("/version", "POST", 405), (widgets + "/a", "OPTIONS", 405),
    (widgets + "/%61", "GET", 200), ("/", "GET", 200),
  ])
  func answer(path: String, method: String, status: Int) async throws {
    let server = try TestServer()
    await server.create("a")
    let answer = await server.send(method, path)
    #expect(answer.status == status)
    if status == 404, !path.hasSuffix("/x") {
      #expect(answer.message == "the server could not find the requested resource")
    }
    if status == 405 { #expect(answer.json["reason"] == "MethodNotAllowed") }
    if status >= 400 { #expect(answer.json["kind"] == "Status") }
  }

  @Test func healthAndVersion() async throws {
    let server = try TestServer()
    #expect(await server.send("GET", "/readyz").text == "ok")
    #expect(await server.send("GET", "/livez/ping").text == "ok")
    #expect(await server.send("GET", "/livez/nothing").status == 404)
    #expect(await server.send("GET", "/healthz?verbose").text == "[+]ping ok\nhealthz check passed\n")
    #expect(await server.send("POST", "/readyz").status == 405)
    #expect(await server.send("GET", "/version").json["gitVersion"] == "v1.36.0+swiftlet")
  }

  @Test func readinessWaitsForItsChecksAndNamesTheOneThatFails() async throws {
    let sick = HealthCheck("storage") {
      await Task.yield()
      return "the disk is full"
    }
    let server = try TestServer(checks: [sick])
    let lines = "[+]ping ok\n[-]storage failed: the disk is full\nreadyz check failed\n"
    for query in ["", "?verbose"] {
      let answer = await server.send("GET", "/readyz" + query)
      #expect(answer.status == 500)
      #expect(answer.text == lines)
    }
    #expect(await server.send("GET", "/readyz/storage").status == 500)
    #expect(await server.send("GET", "/readyz/ping").text == "ok")
    // A server without its storage is of no use, but to start it again would not help.
    #expect(await server.send("GET", "/livez").text == "ok")
  }

  @Test func metricsCountRequestsAndWatches() async throws {
    let server = try TestServer()
    await server.create("a")
    _ = await server.send("GET", widgets + "/b")
    let watch = try await server.watch(widgets + "?watch=1")
    let text = await server.send("GET", "/metrics").text
    for line in [
      #"apiserver_request_total{verb="POST",resource="widgets.test.io",subresource="",code="201"} 1"#,
      #"apiserver_request_total{verb="GET",resource="widgets.test.io",subresource="",code="404"} 1"#,
      #"apiserver_longrunning_requests{verb="WATCH",resource="widgets.test.io"} 1"#,
      #"apiserver_storage_objects{resource="widgets.test.io"} 1"#, "apiserver_storage_revision 2",
    ] { #expect(text.contains(line + "\n")) }
    withExtendedLifetime(watch) {}
  }
}

@Suite struct Lists {
  private func filled() async throws -> TestServer {
    let server = try TestServer()
    for (index, name) in ["a", "b", "c", "d", "e"].enumerated() {
      await server.create(
        name, in: index < 3 ? "default" : "other",
        labels: ["app": index.isMultiple(of: 2) ? "web" : "db", "n": .string(name)],
        spec: ["color": index < 2 ? "red" : "blue"])
    }
    return server
  }

  @Test(arguments: [
    ("/apis/test.io/v1/widgets", ["a", "b", "c", "d", "e"]), (widgets, ["a", "b", "c"]),
    (widgets + "?labelSelector=app=web", ["a", "c"]),
    ("/apis/test.io/v1/widgets?labelSelector=app=web", ["a", "c", "e"]),
    (widgets + "?fieldSelector=metadata.name=b", ["b"]), (widgets + "?fieldSelector=metadata.name!=b", ["a", "c"]),
    ("/apis/test.io/v1/widgets?fieldSelector=metadata.namespace=other", ["d", "e"]),
    ("/apis/test.io/v1/widgets?fieldSelector=metadata.name=d", ["d"]),
    ("/apis/test.io/v1/widgets?fieldSelector=spec.color=blue", ["c", "d", "e"]),
    ("/apis/test.io/v1/widgets?fieldSelector=spec.color==blue,metadata.namespace=default", ["c"]),
    (widgets + "?fieldSelector=spec.color=red&labelSelector=app=db", ["b"]),
    (widgets + "?fieldSelector=metadata.name=b&labelSelector=app=web", []),
    (widgets + "?resourceVersion=0", ["a", "b", "c"]),
    ("/apis/test.io/v1/namespaces/none/widgets", []),
  ])
  func select(path: String, names: [String]) async throws {
    let server = try await filled()
    let answer = await server.send("GET", path)
    #expect(answer.names == names)
    #expect(answer.json["kind"] == "WidgetList")
    #expect(answer.json["apiVersion"] == "test.io/v1")
    #expect(answer.json["metadata"] == ["resourceVersion": "6"])
  }

  @Test(arguments: [
    ("fieldSelector=spec.size=1", 400, "field label not supported: spec.size"),
    ("fieldSelector=nothing", 400, "invalid selector: 'nothing'; can't understand 'nothing'"),
    ("limit=x", 400, "limit: \"x\" is not an integer"),
    ("resourceVersion=x", 400, "invalid resource version: \"x\" is not a number"),
    ("continue=x", 400, "continue key is not valid"),
    (
      "resourceVersionMatch=Exact", 422,
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
        + "resourceVersionMatch is forbidden unless resourceVersion is provided"
    ),
    (
      "resourceVersionMatch=Exact&resourceVersion=0", 422,
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
        + "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
    ),
    ("resourceVersion=99", 504, "Too large resource version: 99, current: 6"),
    ("resourceVersion=1&continue=x", 400, "specifying resource version is not allowed when using continue"),
  ])
  func refuse(query: String, status: Int, message: String) async throws {
    let answer = try await filled().send("GET", "\(widgets)?\(query)")
    #expect(answer.status == status)
    #expect(answer.message == message)
  }

  @Test func pagesShowOneMoment() async throws {
    let server = try await filled()
    let first = await server.send("GET", "/apis/test.io/v1/widgets?limit=2")
    #expect(first.names == ["a", "b"])
    #expect(first.json["metadata"]?["remainingItemCount"] == 3)
    let token = try #require(first.json["metadata"]?["continue"]?.string)
    _ = await server.send("DELETE", widgets + "/c")
    await server.create("bb")
    let second = await server.send("GET", "/apis/test.io/v1/widgets?limit=2&continue=\(token)")
    #expect(second.names == ["c", "d"])
    #expect(second.json["metadata"]?["resourceVersion"] == "6")
    let next = try #require(second.json["metadata"]?["continue"]?.string)
    let third = await server.send("GET", "/apis/test.io/v1/widgets?continue=\(next)")
    #expect(third.names == ["e"])
    #expect(third.json["metadata"] == ["resourceVersion": "6"])
  }

  @Test func pagesWithASelectorDoNotCountTheRest() async throws {
    let answer = try await filled().send("GET", "/apis/test.io/v1/widgets?limit=1&labelSelector=app=web")
    #expect(answer.names == ["a"])
    #expect(answer.json["metadata"]?["remainingItemCount"] == nil)
    #expect(answer.json["metadata"]?["continue"] != nil)
  }

  @Test func aForgottenPageComesWithATokenForTheRestAsItIsNow() async throws {
    var limits = Store.Limits()
    limits.watchedEvents = 4
    let server = try TestServer(limits: limits)
    for name in ["a", "b", "c"] { await server.create(name) }
    let token = try #require(await server.send("GET", widgets + "?limit=1").json["metadata"]?["continue"]?.string)
    for name in ["d", "e", "f", "g", "h"] { await server.create(name) }
    let refusal = await server.send("GET", widgets + "?limit=3&continue=\(token)")
    #expect(refusal.status == 410)
    #expect(refusal.json["reason"] == "Expired")
    let fresh = try #require(refusal.json["metadata"]?["continue"]?.string)
    let rest = await server.send("GET", widgets + "?limit=3&continue=\(fresh)")
    #expect(rest.names == ["b", "c", "d"])
    let again = try #require(rest.json["metadata"]?["continue"]?.string)
    #expect(await server.send("GET", widgets + "?continue=\(again)").names == ["e", "f", "g", "h"])
    #expect(await server.send("GET", widgets + "?resourceVersion=2&resourceVersionMatch=Exact").status == 410)
  }

  @Test func anExactVersionShowsThatMoment() async throws {
    let server = try await filled()
    #expect(await server.send("GET", widgets + "?resourceVersion=3&resourceVersionMatch=Exact").names == ["a", "b"])
    #expect(await server.send("GET", widgets + "?resourceVersion=3&limit=9").names == ["a", "b"])
    #expect(await server.send("GET", widgets + "?resourceVersion=3").names == ["a", "b", "c"])
    #expect(
      await server.send("GET", widgets + "?resourceVersion=3&resourceVersionMatch=NotOlderThan").names == [
        "a", "b", "c",
      ])
  }
}

@Suite struct Representations {
  private static let table =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"

  @Test(arguments: [
    (nil as String?, "WidgetList" as String?), ("application/json", "WidgetList"),
    ("application/json, */*", "WidgetList"),
    ("application/vnd.kubernetes.protobuf,application/json", "WidgetList"), (table, "Table"),
    ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "PartialObjectMetadataList"),
    ("application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io;q=0.9", "Table"),
    ("application/json;as=Table;v=v9;g=meta.k8s.io,*/*", "WidgetList"), ("application/yaml", nil),
    ("text/html;q=0.9", nil),
    ("application/json;q=0", nil),
  ])
  func negotiate(accept: String?, kind: String?) async throws {
    let server = try TestServer()
    let answer = await server.send("GET", widgets, accept: accept)
    #expect(answer.json["kind"]?.string == kind ?? "Status")
    #expect(answer.status == (kind == nil ? 406 : 200))
  }

  @Test func tablesHaveTheColumnsOfTheKind() async throws {
    let server = try TestServer()
    await server.create("a", spec: ["color": "red", "size": 3])
    server.timers.advance(by: .seconds(90))
    let table = await server.send("GET", widgets + "/a", accept: Self.table).json
    #expect(table["columnDefinitions"]?.array?.map { $0["name"] } == ["Name", "Color", "Size"])
    #expect(table["columnDefinitions"]?[0]?["format"] == "name")
    #expect(table["columnDefinitions"]?[2]?["priority"] == 1)
    #expect(table["rows"]?[0]?["cells"] == ["a", "red", 3])
    #expect(table["rows"]?[0]?["object"]?["kind"] == "PartialObjectMetadata")
    #expect(table["rows"]?[0]?["object"]?["spec"] == nil)
    #expect(table["metadata"]?["resourceVersion"] == "2")
    let whole = await server.send("GET", widgets + "?includeObject=Object", accept: Self.table).json
    #expect(whole["rows"]?[0]?["object"]?["spec"]?["size"] == 3)
    let none = await server.send("GET", widgets + "?includeObject=None", accept: Self.table).json
    #expect(none["rows"]?[0]?["object"] == .null)
    #expect(await server.send("GET", widgets + "?includeObject=All", accept: Self.table).status == 400)
    let partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    #expect(await server.send("GET", widgets + "/a", accept: partial).json["metadata"]?["name"] == "a")
    #expect(await server.send("GET", widgets + "/a/scale", accept: Self.table).json["rows"]?[0]?["cells"]?[1] == 1)
  }

  @Test func prettyIsTheSameDocument() async throws {
    let server = try TestServer()
    await server.create("a")
    let plain = await server.send("GET", widgets)
    let pretty = await server.send("GET", widgets + "?pretty=true")
    #expect(pretty.json == plain.json)
    #expect(pretty.text.contains("\n  \"items\": ["))
  }
}

@Suite struct Base64Text {
  @Test func everyLengthComesBack() throws {
    var random = SeededGenerator(seed: 1)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(Base64.urlDecoded(Base64.urlEncoded(bytes)) == bytes)
    }
    #expect(Base64.urlEncoded(Array("light work.".utf8)) == "bGlnaHQgd29yay4")
    #expect(Base64.urlDecoded("a") == nil)
    #expect(Base64.urlDecoded("a+b/") == nil)
  }
}
