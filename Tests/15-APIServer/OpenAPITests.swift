import Deployments
import Objects
import Pods
import ReplicaSets
import Testing

@testable import APIServer

@Suite struct OpenAPITests {
  @Test func theIndexLeadsToTheDocuments() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let paths = await server.send("GET", "/openapi/v3").json["paths"]?.members ?? Members()
    #expect(paths.names.contains("api/v1") && paths.names.contains("apis/apps/v1"))
    for (_, entry) in paths {
      let answer = await server.send("GET", entry["serverRelativeURL"]?.string ?? "")
      #expect(answer.status == 200)
      #expect(answer.json["openapi"] == "3.0.0")
      #expect(answer.headers("Cache-Control") == ["public, max-age=31536000, immutable"])
    }
    let outdated = await server.send("GET", "/openapi/v3/apis/apps/v1?hash=0")
    #expect(outdated.headers("Cache-Control") == ["no-cache, private"])
    #expect(await server.send("GET", "/openapi/v3/apis/apps/v2").status == 404)
    let protobuf = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"
    #expect(await server.send("GET", "/openapi/v3/api/v1", accept: protobuf).status == 406)
  }

  @Test func aSchemaSaysWhatAFieldIs() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let schemas = await server.send("GET", "/openapi/v3/apis/apps/v1").json["components"]?["schemas"]
    let deployment = schemas?["io.k8s.api.apps.v1.Deployment"]
    #expect(
      deployment?["x-kubernetes-group-version-kind"] == [["group": "apps", "version": "v1", "kind": "Deployment"]])
    let spec = schemas?["io.k8s.api.apps.v1.DeploymentSpec"]
    #expect(spec?["required"] == ["selector", "template"])
    #expect(spec?["properties"]?["replicas"]?["type"] == "integer")
    #expect(spec?["properties"]?["replicas"]?["format"] == "int32")
    #expect(
      spec?["properties"]?["selector"]?["allOf"] == [
        ["$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"]
      ])
    let containers = schemas?["io.k8s.api.core.v1.PodSpec"]?["properties"]?["containers"]
    #expect(containers?["items"] == ["$ref": "#/components/schemas/io.k8s.api.core.v1.Container"])
    #expect(containers?["x-kubernetes-patch-merge-key"] == "name")
    #expect(containers?["x-kubernetes-patch-strategy"] == "merge")
    #expect(schemas?["io.k8s.api.apps.v1.DeploymentList"]?["required"] == ["items"])
  }

  @Test func everyReferenceLeadsSomewhere() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let index = await server.send("GET", "/openapi/v3").json["paths"]?.members ?? Members()
    for (path, _) in index {
      let document = await server.send("GET", "/openapi/v3/\(path)").json
      let names = Set(document["components"]?["schemas"]?.members?.names ?? [])
      #expect(!names.isEmpty)
      for reference in references(in: document) {
        #expect(names.contains(String(reference.dropFirst("#/components/schemas/".count))), "\(path)")
      }
    }
  }

  private func references(in value: Value) -> Set<String> {
    switch value {
    case .array(let elements): elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
    case .object(let members):
      members.reduce(into: Set([members["$ref"]?.string].compactMap { $0 })) { $0.formUnion(references(in: $1.value)) }
    default: []
    }
  }

  @Test func kubectlFindsOutThatFieldsAreChecked() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let paths = await server.send("GET", "/openapi/v3/apis/apps/v1").json["paths"]
    let object = paths?["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
    let names = object?["patch"]?["parameters"]?.array?.compactMap { $0["name"]?.string }
    #expect(names == ["dryRun", "fieldManager", "fieldValidation", "force"])
    #expect(
      object?["patch"]?["x-kubernetes-group-version-kind"] == ["group": "apps", "version": "v1", "kind": "Deployment"])
    #expect(object?["get"]?["x-kubernetes-action"] == "get")
    #expect(paths?["/apis/apps/v1/deployments"]?["get"]?["x-kubernetes-action"] == "list")
    let scale = paths?["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]
    #expect(
      scale?["put"]?["x-kubernetes-group-version-kind"] == ["group": "autoscaling", "version": "v1", "kind": "Scale"])
  }

  @Test func noTwoOperationsHaveOneIdentifier() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    var seen: Set<String> = []
    let index = await server.send("GET", "/openapi/v3").json["paths"]?.members ?? Members()
    for (path, _) in index {
      let paths = await server.send("GET", "/openapi/v3/\(path)").json["paths"]?.members ?? Members()
      for (_, item) in paths {
        for (_, operation) in item.members ?? Members() {
          if let identifier = operation["operationId"]?.string { #expect(seen.insert(identifier).inserted) }
        }
      }
    }
    #expect(!seen.isEmpty)
  }

  @Test func olderClientsGetAllSchemasInOneDocument() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let document = await server.send("GET", "/openapi/v2").json
    #expect(document["swagger"] == "2.0")
    let definitions = document["definitions"]
    let spec = definitions?["io.k8s.api.apps.v1.DeploymentSpec"]?["properties"]
    #expect(spec?["selector"]?["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector")
    #expect(definitions?["io.k8s.apimachinery.pkg.api.resource.Quantity"]?["type"] == "string")
    #expect(!references(in: document).isEmpty)
    for reference in references(in: document) {
      #expect(definitions?[String(reference.dropFirst("#/definitions/".count))] != nil, "\(reference)")
    }
  }

  @Test func kubectlReadsTheOldDocumentAsProtobuf() async throws {
    let server = try TestServer()
    let accepted = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    let answer = await server.send("GET", "/openapi/v2", accept: accepted)
    #expect(answer.headers("Content-Type") == ["application/com.github.proto-openapi.spec.v2.v1.0+protobuf"])
    let document = try Message(answer.bytes[...])
    #expect(try document.texts(1) == ["2.0"])
    let definitions = try document.messages(9).flatMap { try $0.messages(1) }
    #expect(try definitions.flatMap { try $0.texts(1) }.contains("io.k8s.api.test.v1.WidgetSpec"))
    let spec = try #require(try definitions.first { try $0.texts(1) == ["io.k8s.api.test.v1.WidgetSpec"] })
    let properties = try spec.messages(2).flatMap { try $0.messages(25) }.flatMap { try $0.messages(1) }
    let color = try #require(try properties.first { try $0.texts(1) == ["color"] }).messages(2)
    #expect(try color.flatMap { try $0.messages(22) }.flatMap { try $0.texts(1) } == ["string"])
    #expect(try color.flatMap { try $0.messages(5) }.flatMap { try $0.texts(2) } == ["\"grey\""])
  }
}

/// A message as it stands on the wire.
private struct Message {
  private var fields: [(number: Int, value: ProtobufValue)] = []

  init(_ bytes: ArraySlice<UInt8>) throws {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() { fields.append(field) }
  }

  func texts(_ number: Int) throws -> [String] { try fields.filter { $0.number == number }.map { try $0.value.text() } }

  func messages(_ number: Int) throws -> [Message] {
    try fields.filter { $0.number == number }.map { try Message($0.value.bytes()) }
  }
}
