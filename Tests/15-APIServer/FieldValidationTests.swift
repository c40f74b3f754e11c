import Objects
import Testing

@testable import APIServer

private let widgets = "/apis/test.io/v1/namespaces/default/widgets"
private let merge = "application/merge-patch+json"

/// What is kept of a body, and what becomes of the rest.
@Suite struct FieldValidation {
  @Test func unknownFieldsAreRefusedWarnedOfOrDropped() async throws {
    let server = try TestServer()
    func create(_ query: String) async -> TestServer.Answer {
      await server.send(
        "POST", widgets + query,
        ["metadata": ["generateName": "a-"], "spec": ["foo": 1, "parts": [["name": "p", "bar": 2]]]])
    }
    let strict = await create("?fieldValidation=Strict")
    #expect(strict.status == 400)
    #expect(
      strict.message == "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: "
        + "unknown field \"spec.foo\", unknown field \"spec.parts[0].bar\"")
    for query in ["", "?fieldValidation=Warn"] {
      let warned = await create(query)
      #expect(warned.status == 201)
      #expect(
        warned.headers("Warning") == [
          #"299 - "unknown field \"spec.foo\"""#, #"299 - "unknown field \"spec.parts[0].bar\"""#,
        ])
      #expect(warned.json["spec"]?["parts"] == [["name": "p"]])
    }
    #expect(await create("?fieldValidation=Ignore").headers("Warning") == [])
    #expect(await create("?fieldValidation=Maybe").status == 422)
  }

  @Test func repeatedNamesAreRefusedWarnedOfOrSettledByTheLast() async throws {
    let server = try TestServer()
    func send(_ method: String, _ path: String, _ body: String, type: String = "application/json") async
      -> TestServer.Answer
    {
      await server.send(method, widgets + path, bytes: Array(body.utf8), type: type)
    }
    let body = #"""
      {"metadata":{"name":"x","generateName":"a-","name":""},
       "spec":{"size":1,"foo":1,"foo":2,"parts":[{"name":"p","image":"i","image":"j"}],"size":2}}
      """#
    let strict = await send("POST", "?fieldValidation=Strict", body)
    #expect(strict.status == 400)
    #expect(
      strict.message == "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: "
        + "unknown field \"spec.foo\", duplicate field \"metadata.name\", duplicate field \"spec.parts[0].image\", "
        + "duplicate field \"spec.size\"")
    let warned = await send("POST", "", body)
    #expect(warned.status == 201)
    #expect(warned.headers("Warning").count == 4)
    #expect(warned.headers("Warning").last == #"299 - "duplicate field \"spec.size\"""#)
    #expect(warned.json["spec"]?["size"] == 2)
    #expect(warned.json["spec"]?["parts"] == [["name": "p", "image": "j"]])
    #expect(await send("POST", "?fieldValidation=Ignore", body).headers("Warning") == [])

    await server.create("a")
    let merge = #"{"spec":{"size":1,"size":2}}"#
    let patched = await send("PATCH", "/a?fieldValidation=Strict", merge, type: "application/merge-patch+json")
    #expect(patched.status == 422)
    #expect(patched.message.hasSuffix("strict decoding error: duplicate field \"spec.size\""))
    let operations = #"[{"op":"add","path":"/spec/size","path":"/spec/replicas","value":3}]"#
    let json = await send("PATCH", "/a?fieldValidation=Strict", operations, type: "application/json-patch+json")
    #expect(json.message.hasSuffix("strict decoding error: json patch duplicate field \"[0].path\""))
    let settled = await send("PATCH", "/a", operations, type: "application/json-patch+json")
    #expect(settled.json["spec"]?["replicas"] == 3)
    #expect(settled.headers("Warning") == [#"299 - "json patch duplicate field \"[0].path\"""#])
  }

  @Test func quantitiesAreStoredInTheirCanonicalForm() async throws {
    let server = try TestServer()
    let spec: Value = ["amounts": ["cpu": "1000m", "memory": "1024Mi", "pods": 5, "odd": "x1"], "amount": "0.5"]
    let refused = await server.send("POST", widgets, ["metadata": ["name": "a"], "spec": spec])
    #expect(refused.status == 400)
    #expect(refused.message.contains("spec.amounts[odd]"))
    var good = spec
    good["amounts"]?["odd"] = "1.5Gi"
    let created = await server.create("a", spec: good)["spec"]
    #expect(created?["amounts"] == ["cpu": "1", "memory": "1Gi", "pods": "5", "odd": "1536Mi"])
    #expect(created?["amount"] == "500m")
    let patched = await server.send("PATCH", widgets + "/a", ["spec": ["amount": "2000000u"]], type: merge)
    #expect(patched.json["spec"]?["amount"] == "2")
  }
}
