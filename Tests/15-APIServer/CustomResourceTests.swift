import ControlLoop
import CustomResources
import Objects
import Pods
import Services
import Testing

@testable import APIServer

private let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
private let tables = "/apis/shop.example.com/v1/tables"

private func version(_ name: String, storage: Bool, legs: Value) -> Value {
  [
    "name": .string(name), "served": true, "storage": .bool(storage),
    "schema": [
      "openAPIV3Schema": [
        "type": "object", "description": "Something to sit at.",
        "properties": [
          "spec": [
            "type": "object",
            "properties": [
              "legs": legs, "color": ["type": "string"], "width": ["type": "integer"],
              "plates": ["type": "integer", "default": 0],
            ],
          ],
          "status": ["type": "object", "properties": ["plates": ["type": "integer"], "cooks": ["type": "string"]]],
        ],
      ]
    ],
    "subresources": [
      "status": [:], "scale": ["specReplicasPath": ".spec.plates", "statusReplicasPath": ".status.plates"],
    ],
    "additionalPrinterColumns": [
      ["name": "Legs", "type": "integer", "jsonPath": ".spec.legs"],
      ["name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"],
    ],
    "selectableFields": [["jsonPath": ".spec.color"]],
  ]
}

private let definition: Value = [
  "metadata": ["name": "tables.shop.example.com"],
  "spec": [
    "group": "shop.example.com", "scope": "Cluster",
    "names": ["plural": "tables", "kind": "Table", "shortNames": ["tb"], "categories": ["all"]],
    "versions": [
      version("v1beta1", storage: false, legs: ["type": "integer"]),
      version("v1", storage: true, legs: ["type": "integer", "default": 4, "maximum": 8]),
    ],
  ],
]

/// A server whose controllers have had time to work.
private struct Shop {
  let server: TestServer
  let driver: Driver

  init() async throws {
    server = try TestServer([.pods, .customResources])
    driver = Driver(cluster: server.server.cluster, store: server.store, seed: 1)
    #expect(await server.send("POST", definitions, definition).status == 201)
    work()
  }

  func work() {
    for _ in 0..<20 { _ = driver.turn(at: server.timers.now) }
  }

  func table(_ name: String, _ spec: Value) -> Value { ["metadata": ["name": .string(name)], "spec": spec] }
}

@Suite struct CustomResources {
  @Test func aKindIsThereAsSoonAsItIsDefinedAndGoneWhenItIsNot() async throws {
    let server = try TestServer([.pods, .customResources])
    #expect(await server.send("GET", tables).status == 404)
    #expect(await server.send("GET", "/apis/shop.example.com").status == 404)
    let shop = try await Shop()
    let watch = try await shop.server.watch(tables + "?watch=1")
    #expect(await shop.server.send("POST", tables, shop.table("a", ["color": "red", "shade": 1])).status == 201)
    #expect(try await watch.next(1) == ["ADDED a"])
    let one = await shop.server.send("GET", tables + "/a").json
    #expect(one["spec"] == ["color": "red", "legs": 4, "plates": 0])
    #expect(one["apiVersion"] == "shop.example.com/v1")
    #expect(
      await shop.server.send("GET", "/apis/shop.example.com/v1beta1/tables/a").json["apiVersion"]
        == "shop.example.com/v1beta1")
    #expect(await shop.server.send("DELETE", definitions + "/tables.shop.example.com").status == 200)
    #expect(await shop.server.send("POST", tables, shop.table("b", [:])).status == 405)
    for _ in 0..<5 {
      shop.server.timers.advance(by: .seconds(1))
      shop.work()
    }
    #expect(try await watch.next(1) == ["DELETED a"])
    #expect(await shop.server.send("GET", tables).status == 404)
  }

  @Test func discoveryAndSchemasFollow() async throws {
    let shop = try await Shop()
    let group = await shop.server.send("GET", "/apis/shop.example.com").json
    #expect(group["preferredVersion"]?["version"] == "v1")
    #expect(group["versions"]?.array?.count == 2)
    let resources = await shop.server.send("GET", "/apis/shop.example.com/v1").json["resources"]?.array ?? []
    #expect(resources.compactMap { $0["name"]?.string } == ["tables", "tables/scale", "tables/status"])
    #expect(resources.first?["shortNames"] == ["tb"])
    let index = await shop.server.send("GET", "/openapi/v3").json["paths"]
    #expect(index?["apis/shop.example.com/v1"] != nil)
    let document = await shop.server.send("GET", "/openapi/v3/apis/shop.example.com/v1").json
    let schema = document["components"]?["schemas"]?["com.example.shop.v1.Table"]
    #expect(schema?["description"] == "Something to sit at.")
    #expect(schema?["properties"]?["spec"]?["properties"]?["legs"]?["default"] == 4)
    #expect(schema?["properties"]?["metadata"]?["allOf"] != nil)
    #expect(
      schema?["x-kubernetes-group-version-kind"] == [["group": "shop.example.com", "version": "v1", "kind": "Table"]])
    var changed = await shop.server.send("GET", definitions + "/tables.shop.example.com").json
    changed["spec"]?["names"]?["shortNames"] = ["tab"]
    #expect(await shop.server.send("PUT", definitions + "/tables.shop.example.com", changed).status == 200)
    shop.work()
    let newer = await shop.server.send("GET", "/apis/shop.example.com/v1").json["resources"]?[0]
    #expect(newer?["shortNames"] == ["tab"])
    #expect(await shop.server.send("GET", "/openapi/v3").json["paths"]?["api/v1"] == index?["api/v1"])
  }

  @Test func theIndexOfSchemasMakesNoneOfThem() async throws {
    let shop = try await Shop()
    let server = shop.server
    func hash(_ path: String) async -> String? {
      let index = await server.send("GET", "/openapi/v3").json["paths"]
      let address = index?[path]?["serverRelativeURL"]?.string
      return address?.split(separator: "=").last.map(String.init)
    }
    let (stable, beta) = ("apis/shop.example.com/v1", "apis/shop.example.com/v1beta1")
    let first = try #require(await hash(stable))
    #expect(await hash(beta) != first)
    #expect(!server.server.documents.names.contains("/openapi/v3/\(stable)"))
    let document = await server.send("GET", "/openapi/v3/\(stable)?hash=\(first)")
    #expect(document.headers("ETag") == ["\"\(first)\""])
    #expect(document.headers("Cache-Control") == ["public, max-age=31536000, immutable"])
    var definition = await server.send("GET", definitions + "/tables.shop.example.com").json
    definition["metadata"]?["labels"] = ["a": "b"]
    #expect(await server.send("PUT", definitions + "/tables.shop.example.com", definition).status == 200)
    #expect(await hash(stable) == first, "its schema is the same")
    definition = await server.send("GET", definitions + "/tables.shop.example.com").json
    definition["spec"]?["names"]?["shortNames"] = ["tab"]
    #expect(await server.send("PUT", definitions + "/tables.shop.example.com", definition).status == 200)
    #expect(await hash(stable) != first)
  }

  @Test(arguments: ["$ref", "$schema", "id"])
  func aSchemaThatPointsElsewhereIsRefused(keyword: String) async throws {
    let server = try TestServer([.pods, .customResources])
    var definition = definition
    var legs: Value = ["type": "integer"]
    legs[keyword] = "#/elsewhere"
    definition["spec"]?["versions"] = [version("v1", storage: true, legs: legs)]
    let answer = await server.send("POST", definitions, definition)
    #expect(answer.status == 422)
    let path = "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[legs].\(keyword)"
    #expect(answer.message.hasSuffix("\(path): Forbidden: \(keyword) is not supported"), "\(answer.message)")
  }

  @Test func whoeverUsesADeprecatedVersionIsWarned() async throws {
    let server = try TestServer([.pods, .services, .customResources])
    let driver = Driver(cluster: server.server.cluster, store: server.store, seed: 1)
    var (beta, alpha) = (
      version("v1beta1", storage: false, legs: ["type": "integer"]),
      version("v1alpha1", storage: false, legs: ["type": "integer"])
    )
    (beta["deprecated"], alpha["deprecated"]) = (true, true)
    alpha["deprecationWarning"] = "four legs \"are\" enough"
    var definition = definition
    definition["spec"]?["versions"] = [beta, version("v1", storage: true, legs: ["type": "integer"]), alpha]
    #expect(await server.send("POST", definitions, definition).status == 201)
    for _ in 0..<20 { _ = driver.turn(at: server.timers.now) }
    func warnings(_ path: String) async -> [String] { await server.send("GET", path).headers("Warning") }
    #expect(await warnings(tables) == [])
    #expect(
      await warnings("/apis/shop.example.com/v1beta1/tables") == [
        "299 - \"shop.example.com/v1beta1 Table is deprecated; use shop.example.com/v1 Table\""
      ])
    #expect(
      await warnings("/apis/shop.example.com/v1alpha1/tables/none") == [#"299 - "four legs \"are\" enough""#])
    #expect(
      await warnings("/api/v1/endpoints") == [
        "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\""
      ])
  }

  @Test func writesAreCheckedAgainstTheSchema() async throws {
    let shop = try await Shop()
    let many = await shop.server.send("POST", tables, shop.table("a", ["legs": 9]))
    #expect(many.status == 422)
    #expect(
      many.message == "Table.shop.example.com \"a\" is invalid: spec.legs: Invalid value: 9: "
        + "spec.legs in body should be less than or equal to 8")
    let wrong = await shop.server.send("POST", tables, shop.table("a", ["legs": "many"]))
    #expect(wrong.json["details"]?["causes"]?[0]?["reason"] == "FieldValueTypeInvalid")
    let strict = await shop.server.send("POST", tables + "?fieldValidation=Strict", shop.table("a", ["lags": 4]))
    #expect(strict.message.hasSuffix(#"strict decoding error: unknown field "spec.lags""#))
    #expect(await shop.server.send("POST", tables, shop.table("a", [:])).status == 201)
    let merge = "application/merge-patch+json"
    #expect(
      await shop.server.send("PATCH", tables + "/a", ["spec": ["legs": 3]], type: merge).json["spec"]?["legs"] == 3)
    let strategic = "application/strategic-merge-patch+json"
    #expect(await shop.server.send("PATCH", tables + "/a", ["spec": ["legs": 3]], type: strategic).status == 415)
    let status = await shop.server.send("PATCH", tables + "/a/status", ["status": ["plates": 2]], type: merge).json
    #expect(status["status"] == ["plates": 2])
    #expect(status["metadata"]?["generation"] == 2)
  }

  @Test func scalesTablesAndSelectionsAreTheDefinitions() async throws {
    let shop = try await Shop()
    for (name, color) in [("a", "red"), ("b", "blue")] {
      _ = await shop.server.send("POST", tables, shop.table(name, ["color": .string(color)]))
    }
    let scale = await shop.server.send(
      "PATCH", tables + "/a/scale", ["spec": ["replicas": 6]], type: "application/merge-patch+json")
    #expect(scale.json["spec"]?["replicas"] == 6)
    #expect(await shop.server.send("GET", tables + "/a").json["spec"]?["plates"] == 6)
    #expect(await shop.server.send("GET", tables + "?fieldSelector=spec.color=blue").names == ["b"])
    let table = await shop.server.send("GET", tables, accept: "application/json;as=Table;v=v1;g=meta.k8s.io").json
    #expect(table["columnDefinitions"]?.array?.compactMap { $0["name"]?.string } == ["Name", "Legs", "Age"])
    #expect(table["rows"]?[0]?["cells"] == ["a", 4, "0s"])
  }

  @Test func whatWasStoredIsReadUnderTheNewestDefinition() async throws {
    let shop = try await Shop()
    _ = await shop.server.send("POST", tables, shop.table("a", ["color": "red", "width": 2]))
    let stored = await shop.server.send("GET", definitions + "/tables.shop.example.com").json
    var changed = CustomResourceDefinition(json: stored)
    let properties: Value = [
      "legs": ["type": "integer"], "color": ["type": "string"], "size": ["type": "string", "default": "large"],
    ]
    changed.spec.versions[1].schema?.openAPIV3Schema?.json = [
      "type": "object", "properties": ["spec": ["type": "object", "properties": properties]],
    ]
    changed.spec.versions[1].subresources?.scale = nil
    #expect(await shop.server.send("PUT", definitions + "/tables.shop.example.com", changed.json).status == 200)
    #expect(await shop.server.send("GET", tables + "/a").json["spec"] == ["color": "red", "legs": 4, "size": "large"])
    #expect(await shop.server.send("GET", tables).json["items"]?[0]?["spec"]?["size"] == "large")
  }
}
