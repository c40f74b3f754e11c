import ControlLoop
import Objects
import Store
import Testing

@testable import APIServer

private let widgets = "/apis/test.io/v1/namespaces/default/widgets"
private let merge = "application/merge-patch+json"

@Suite struct Creations {
  @Test func anObjectIsCompletedAndStored() async throws {
    let server = try TestServer()
    let answer = await server.send(
      "POST", widgets + "?fieldManager=me&fieldValidation=Strict", ["metadata": ["name": "a"], "spec": ["size": 1]])
    #expect(answer.status == 201)
    #expect(answer.json["kind"] == "Widget")
    #expect(answer.json["metadata"]?["namespace"] == "default")
    #expect(answer.json["metadata"]?["generation"] == 1)
    #expect(answer.json["spec"]?["color"] == "grey")
    #expect(await server.send("GET", widgets + "/a").bytes == answer.bytes)
    let again = await server.send("POST", widgets, ["metadata": ["name": "a"]])
    #expect(again.status == 409)
    #expect(again.message == "widgets.test.io \"a\" already exists")
    #expect(again.json["details"] == ["name": "a", "group": "test.io", "kind": "widgets"])
  }

  @Test func aGeneratedNameIsTriedAgain() async throws {
    let server = try TestServer()
    for _ in 0..<20 {
      let answer = await server.send("POST", widgets, ["metadata": ["generateName": "a-"]])
      #expect(answer.status == 201)
      #expect(answer.json["metadata"]?["name"]?.string?.hasPrefix("a-") == true)
    }
  }

  @Test func aDryRunWritesNothing() async throws {
    let server = try TestServer()
    let answer = await server.send("POST", widgets + "?dryRun=All", ["metadata": ["name": "a"]])
    #expect(answer.status == 201)
    #expect(answer.json["metadata"]?["uid"]?.string?.isEmpty == false)
    #expect(await server.send("GET", widgets + "/a").status == 404)
    await server.create("a")
    #expect(await server.send("POST", widgets + "?dryRun=All", ["metadata": ["name": "a"]]).status == 409)
    #expect(
      await server.send("PATCH", widgets + "/a?dryRun=All", ["spec": ["size": 9]], type: merge).json["spec"]?["size"]
        == 9)
    #expect(await server.send("DELETE", widgets + "/a?dryRun=All").json["status"] == "Success")
    #expect(await server.send("DELETE", widgets + "/a", ["dryRun": ["All"]]).json["status"] == "Success")
    #expect(await server.send("GET", widgets + "/a").json["spec"]?["size"] == nil)
    let refused = await server.send("POST", widgets + "?dryRun=Some", ["metadata": ["name": "a"]])
    #expect(refused.status == 422)
    #expect(refused.json["details"]?["causes"]?[0]?["field"] == "dryRun")
  }

  @Test(arguments: [
    (#"{"kind":"Realm","metadata":{"name":"a"}}"#, 400, "Realm in version \"v1\" cannot be handled as a Widget"),
    (
      #"{"apiVersion":"test.io/v2","metadata":{"name":"a"}}"#, 400,
      "the API version in the data (test.io/v2) does not match the expected API version (test.io/v1)"
    ),
    (
      #"{"metadata":{"name":"a","namespace":"other"}}"#, 400,
      "the namespace of the provided object does not match the namespace sent on the request"
    ),
    (
      #"{"metadata":{"name":"a","resourceVersion":"1"}}"#, 400,
      "resourceVersion should not be set on objects to be created"
    ),
    (
      #"{"metadata":{}}"#, 422,
      "Widget.test.io \"\" is invalid: metadata.name: Required value: name or generateName is required"
    ),
    (
      #"{"metadata":{"name":"a"},"spec":{"size":"big"}}"#, 400,
      "Widget cannot be handled as a Widget: spec.size: Invalid value: \"big\": must be a 32-bit integer"
    ),
    (
      #"{"metadata":{"name":"a"},"spec":{"size":-1}}"#, 422,
      "Widget.test.io \"a\" is invalid: spec.size: Invalid value: -1: must be greater than or equal to 0"
    ),
    (#"[]"#, 400, "the object provided is unrecognized (must be of type Widget): the body is not an object"),
  ])
  func refuse(body: String, status: Int, message: String) async throws {
    let answer = try await TestServer().send("POST", widgets, bytes: Array(body.utf8))
    #expect(answer.status == status)
    #expect(answer.message == message)
  }

  @Test func anObjectThatIsTooLargeIsRefused() async throws {
    var limits = Store.Limits()
    limits.objectBytes = 2_000
    let server = try TestServer(limits: limits)
    let text = String(repeating: "x", count: 3_000)
    let answer = await server.send("POST", widgets, ["metadata": ["name": "a"], "spec": ["color": .string(text)]])
    #expect(answer.status == 413)
    #expect(answer.json["reason"] == "RequestEntityTooLarge")
  }

  @Test func bodiesAreReadByTheirMediaType() async throws {
    let server = try TestServer()
    #expect(await server.send("POST", widgets, bytes: Array("name: y".utf8), type: "application/yaml").status == 201)
    #expect(
      await server.send("POST", widgets, ["metadata": ["name": "j"]], type: "application/json; charset=utf-8").status
        == 201)
    #expect(await server.send("POST", widgets, ["metadata": ["name": "n"]], type: nil).status == 201)
    let refused = await server.send("POST", widgets, ["metadata": ["name": "x"]], type: "text/plain")
    #expect(refused.status == 415)
    #expect(
      refused.message.hasPrefix(
        "the body of the request was in an unknown format - accepted media types include: application/json"))
    #expect(await server.send("POST", widgets, bytes: Array(#"{"a":"#.utf8)).status == 400)
    #expect(await server.send("POST", widgets, bytes: []).status == 400)
    #expect(await server.send("POST", "/api/v1/realms", ["metadata": ["name": "r"]]).status == 201)
    let manager = String(repeating: "m", count: 129)
    #expect(await server.send("POST", widgets + "?fieldManager=\(manager)", ["metadata": ["name": "x"]]).status == 422)
  }
}

@Suite struct Updates {
  @Test func anUpdateNeedsItsNameAndAnUpToDateVersion() async throws {
    let server = try TestServer()
    var object = await server.create("a", spec: ["size": 1])
    object["spec"]?["size"] = 2
    let updated = await server.send("PUT", widgets + "/a", object)
    #expect(updated.status == 200)
    #expect(updated.json["metadata"]?["generation"] == 2)
    let stale = await server.send("PUT", widgets + "/a", object)
    #expect(stale.status == 409)
    #expect(
      stale.message == "Operation cannot be fulfilled on widgets.test.io \"a\": "
        + "the object has been modified; please apply your changes to the latest version and try again")
    #expect(await server.send("PUT", widgets + "/a", ["metadata": ["name": "a"], "spec": ["size": 3]]).status == 200)
    #expect(
      await server.send("PUT", widgets + "/b", object).message
        == "the name of the object (a) does not match the name on the URL (b)")
    #expect(await server.send("PUT", widgets + "/b", ["metadata": ["name": "b"]]).status == 404)
    #expect(await server.send("PUT", widgets + "/a", ["spec": ["size": 3]]).status == 400)
  }

  @Test func anUpdateThatChangesNothingIsNoUpdate() async throws {
    let server = try TestServer()
    let object = await server.create("a")
    #expect(await server.send("PUT", widgets + "/a", object).json == object)
    #expect(server.store.snapshot.revision == 2)
  }

  @Test func statusAndSpecAreWrittenApart() async throws {
    let server = try TestServer()
    await server.create("a", spec: ["size": 1])
    let both: Value = ["metadata": ["name": "a"], "spec": ["size": 2], "status": ["phase": "Done"]]
    let status = await server.send("PUT", widgets + "/a/status", both).json
    #expect(status["status"] == ["phase": "Done"])
    #expect(status["spec"]?["size"] == 1)
    let main = await server.send("PUT", widgets + "/a", ["metadata": ["name": "a"], "spec": ["size": 3]]).json
    #expect(main["status"] == ["phase": "Done"])
    #expect(main["spec"]?["size"] == 3)
    let patched = await server.send("PATCH", widgets + "/a/status", ["status": ["replicas": 1]], type: merge).json
    #expect(patched["status"] == ["phase": "Done", "replicas": 1])
    #expect(await server.send("GET", widgets + "/a/status").json == patched)
    let remark: Value = ["metadata": ["annotations": ["seen": "yes"], "finalizers": ["test/no"]]]
    let remarked = await server.send("PATCH", widgets + "/a/status", remark, type: merge).json
    #expect(remarked["metadata"]?["annotations"] == ["seen": "yes"] && remarked["metadata"]?["finalizers"] == nil)
    #expect(await server.send("DELETE", widgets + "/a/status").status == 405)
    #expect(await server.send("PUT", "/api/v1/realms/x/status", both).status == 404)
  }

  @Test(arguments: [
    ("application/merge-patch+json", #"{"spec":{"size":2,"color":null}}"#),
    ("application/strategic-merge-patch+json", #"{"spec":{"size":2,"$retainKeys":["size"]}}"#),
    (
      "application/json-patch+json",
      #"[{"op":"replace","path":"/spec/size","value":2},{"op":"remove","path":"/spec/color"}]"#
    ),
  ])
  func allPatchesDoTheSame(type: String, patch: String) async throws {
    let server = try TestServer()
    await server.create("a", spec: ["size": 1, "color": "red", "replicas": 1])
    let answer = await server.send("PATCH", widgets + "/a", bytes: Array(patch.utf8), type: type)
    #expect(answer.status == 200)
    #expect(answer.json["spec"]?["size"] == 2)
    // The default comes back.
    #expect(answer.json["spec"]?["color"] == "grey")
  }

  @Test(
    arguments: [
      (merge, #"{"metadata":{"name":"b"}}"#, 400, "the name of the object (b) does not match the name on the URL (a)"),
      (
        merge, #"{"metadata":{"namespace":"b"}}"#, 400,
        "the namespace of the provided object does not match the namespace sent on the request"
      ),
      (
        merge, #"{"metadata":{"resourceVersion":"1"}}"#, 409,
        "Operation cannot be fulfilled on widgets.test.io \"a\": "
          + "the object has been modified; please apply your changes to the latest version and try again"
      ),
      (merge, "[]", 400, "a merge patch must be an object"), (merge, "{", 400, nil),
      (merge, #"{"spec":{"size":-2}}"#, 422, nil),
      (
        "application/json-patch+json", #"[{"op":"test","path":"/spec/size","value":5}]"#, 422,
        "the server rejected our request due to an error in our request: test \"/spec/size\": test failed"
      ),
      ("application/apply-patch+yaml", "{}", 415, nil),
      (
        "application/json", "{}", 415,
        "the body of the request was in an unknown format - accepted media types include: "
          + "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json"
      ),
    ] as [(String, String, Int, String?)])
  func refuse(type: String, patch: String, status: Int, message: String?) async throws {
    let server = try TestServer()
    await server.create("a", spec: ["size": 1])
    let answer = await server.send("PATCH", widgets + "/a", bytes: Array(patch.utf8), type: type)
    #expect(answer.status == status)
    if let message { #expect(answer.message == message) }
    #expect(await server.send("GET", widgets + "/a").json["spec"]?["size"] == 1)
  }

  @Test func patchesCheckTheirFieldsToo() async throws {
    let server = try TestServer()
    await server.create("a")
    let strict = await server.send("PATCH", widgets + "/a?fieldValidation=Strict", ["spec": ["foo": 1]], type: merge)
    #expect(strict.status == 422)
    #expect(strict.message.hasSuffix("strict decoding error: unknown field \"spec.foo\""))
    let warned = await server.send("PATCH", widgets + "/a", ["spec": ["foo": 1]], type: merge)
    #expect(warned.headers("Warning") == [#"299 - "unknown field \"spec.foo\"""#])
    #expect(await server.send("PATCH", widgets + "/z", ["spec": [:]], type: merge).status == 404)
    #expect(await server.send("PATCH", widgets + "/a?force=true", ["spec": [:]], type: merge).status == 422)
  }

  @Test func manyPatchersAtOnceLoseNothing() async throws {
    let server = try TestServer()
    await server.create("a")
    await withTaskGroup { group in
      for index in 0..<6 {
        group.addTask {
          let answer = await server.send(
            "PATCH", widgets + "/a", ["metadata": ["labels": ["l\(index)": "x"]]], type: merge)
          #expect(answer.status == 200)
        }
      }
    }
    #expect(await server.send("GET", widgets + "/a").json["metadata"]?["labels"]?.members?.count == 6)
  }

  @Test func aScaleIsReadAndWritten() async throws {
    let server = try TestServer()
    await server.create("a", spec: ["replicas": 3, "selector": ["matchLabels": ["app": "web"]]])
    _ = await server.send("PATCH", widgets + "/a/status", ["status": ["replicas": 2]], type: merge)
    var scale = await server.send("GET", widgets + "/a/scale").json
    #expect(scale["kind"] == "Scale")
    #expect(scale["apiVersion"] == "autoscaling/v1")
    #expect(scale["spec"] == ["replicas": 3])
    #expect(scale["status"] == ["replicas": 2, "selector": "app=web"])
    scale["spec"] = ["replicas": 5]
    #expect(await server.send("PUT", widgets + "/a/scale", scale, type: nil).json["spec"] == ["replicas": 5])
    #expect(await server.send("PUT", widgets + "/a/scale", scale).status == 409)
    #expect(
      await server.send("PATCH", widgets + "/a/scale", ["spec": ["replicas": 0]], type: merge).json["spec"] == [
        "replicas": 0
      ])
    let refused = await server.send("PATCH", widgets + "/a/scale", ["spec": ["replicas": -1]], type: merge)
    #expect(
      refused.message
        == "Scale.autoscaling \"a\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0")
    #expect(await server.send("GET", widgets + "/a").json["spec"]?["replicas"] == 0)
    #expect(await server.send("GET", widgets + "/b/scale").status == 404)
  }

  @Test func aKindSaysWhatItsSubresourcesChange() async throws {
    let server = try TestServer()
    await server.create("a", spec: ["color": "blue"])
    #expect(await server.send("POST", widgets + "/a/paint", ["spec": ["color": "red"]]).status == 201)
    #expect(await server.send("GET", widgets + "/a").json["spec"]?["color"] == "red")
    let refused = await server.send("POST", widgets + "/a/paint", ["spec": ["color": "green"]])
    #expect(refused.status == 409)
    #expect(refused.message == "Operation cannot be fulfilled on widgets.test.io/paint \"a\": red stays")
    #expect(await server.send("PUT", widgets + "/a/paint", ["spec": [:]]).status == 405)
    #expect(await server.send("GET", widgets + "/a/paint").status == 405)
  }
}

@Suite struct Deletions {
  @Test func anObjectThatGoesAtOnceIsReported() async throws {
    let server = try TestServer()
    let uid = await server.create("a")["metadata"]?["uid"]
    let answer = await server.send("DELETE", widgets + "/a", ["propagationPolicy": "Background"])
    #expect(answer.status == 200)
    #expect(answer.json["status"] == "Success")
    #expect(answer.json["details"] == ["name": "a", "group": "test.io", "kind": "widgets", "uid": uid ?? .null])
    let again = await server.send("DELETE", widgets + "/a")
    #expect(again.status == 404)
    #expect(again.message == "widgets.test.io \"a\" not found")
  }

  @Test func anObjectThatHasToWaitIsMarked() async throws {
    let server = try TestServer()
    await server.create("a", spec: ["grace": 30])
    let marked = await server.send("DELETE", widgets + "/a").json
    #expect(marked["kind"] == "Widget")
    #expect(marked["metadata"]?["deletionGracePeriodSeconds"] == 30)
    #expect(await server.send("DELETE", widgets + "/a").json == marked)
    #expect(await server.send("DELETE", widgets + "/a?gracePeriodSeconds=0").json["status"] == "Success")
    await server.create("b")
    let orphaned = await server.send("DELETE", widgets + "/b", ["orphanDependents": true]).json
    #expect(orphaned["metadata"]?["finalizers"] == ["orphan"])
    #expect(await server.send("PATCH", widgets + "/b", ["metadata": ["finalizers": nil]], type: merge).status == 200)
    #expect(await server.send("GET", widgets + "/b").status == 404)
  }

  @Test func preconditionsAreChecked() async throws {
    let server = try TestServer()
    let uid = await server.create("a")["metadata"]?["uid"] ?? .null
    #expect(await server.send("DELETE", widgets + "/a", ["preconditions": ["uid": "x"]]).status == 409)
    #expect(await server.send("DELETE", widgets + "/a", ["preconditions": ["resourceVersion": "9"]]).status == 409)
    #expect(
      await server.send("DELETE", widgets + "/a", ["preconditions": ["uid": uid, "resourceVersion": "2"]]).status == 200
    )
  }

  @Test(arguments: [
    #"{"propagationPolicy":"Sometimes"}"#, #"{"propagationPolicy":"Orphan","orphanDependents":true}"#,
    #"{"gracePeriodSeconds":-1}"#, #"{"dryRun":["Some"]}"#,
  ])
  func optionsThatMakeNoSenseAreRefused(body: String) async throws {
    let server = try TestServer()
    await server.create("a")
    let answer = await server.send("DELETE", widgets + "/a", bytes: Array(body.utf8))
    #expect(answer.status == 422)
    #expect(answer.message.hasPrefix("DeleteOptions.meta.k8s.io \"\" is invalid: "))
  }

  @Test func aCollectionIsDeletedBySelector() async throws {
    let server = try TestServer()
    for (index, name) in ["a", "b", "c"].enumerated() {
      await server.create(name, labels: ["even": index == 1 ? "no" : "yes"])
    }
    await server.create("d", in: "other", labels: ["even": "yes"])
    let answer = await server.send("DELETE", widgets + "?labelSelector=even=yes")
    #expect(answer.json["kind"] == "WidgetList")
    #expect(answer.names == ["a", "c"])
    #expect(await server.send("GET", "/apis/test.io/v1/widgets").names == ["b", "d"])
  }
}
