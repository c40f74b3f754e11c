import ControlLoop
import Deployments
import Foundation
import KubernetesFacts
import Objects
import Pods
import ReplicaSets
import Testing

@testable import APIServer

private let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

@Suite struct DiscoveryTests {
  @Test func groupsVersionsAndResourcesAreListed() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    #expect(await server.send("GET", "/api").json["versions"] == ["v1"])
    let groups = (await server.send("GET", "/apis").json["groups"]?.array ?? []).compactMap { $0["name"]?.string }
    #expect(groups.contains("apps"))
    let apps = await server.send("GET", "/apis/apps").json
    #expect(apps["kind"] == "APIGroup")
    #expect(apps["preferredVersion"] == ["groupVersion": "apps/v1", "version": "v1"])
    let resources = await server.send("GET", "/apis/apps/v1").json["resources"]?.array ?? []
    let names = resources.compactMap { $0["name"]?.string }
    #expect(
      names == [
        "deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale",
        "replicasets/status",
      ])
    #expect(resources.first?["shortNames"] == ["deploy"])
    #expect(resources.first?["storageVersionHash"]?.string?.utf8.count == 12)
    #expect(
      resources.dropFirst().first == [
        "name": "deployments/scale", "singularName": "", "namespaced": true, "group": "autoscaling", "version": "v1",
        "kind": "Scale", "verbs": ["get", "patch", "update"],
      ])
    for path in ["/apis/none", "/apis/apps/v2", "/api/v2", "/api/", "/apis/"] {
      #expect(await server.send("GET", path).status == 404)
    }
  }

  @Test(arguments: ["v2", "v2beta1"])
  func everythingComesInOneDocument(version: String) async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let accept = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList,application/json"
    let answer = await server.send("GET", "/apis", accept: accept)
    #expect(
      answer.headers("Content-Type") == [
        "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
      ])
    #expect(answer.json["apiVersion"] == .string("apidiscovery.k8s.io/\(version)"))
    let apps = answer.json["items"]?.array?.first { $0["metadata"]?["name"] == "apps" }
    let deployments = apps?["versions"]?[0]?["resources"]?[0]
    #expect(deployments?["responseKind"] == ["group": "apps", "version": "v1", "kind": "Deployment"])
    #expect(deployments?["scope"] == "Namespaced")
    #expect(
      deployments?["subresources"]?[0]?["responseKind"] == [
        "group": "autoscaling", "version": "v1", "kind": "Scale",
      ])
    let core = await server.send("GET", "/api", accept: accept).json
    #expect(core["items"]?.array?.count == 1)
    #expect(core["items"]?[0]?["metadata"] == [:])
  }

  @Test func whoHasADocumentIsNotSentItAgain() async throws {
    let server = try TestServer([.pods])
    for accept in [aggregated, "application/json"] {
      var request = server.request("GET", "/apis", accept: accept)
      let first = await server.response(to: request)
      let tag = first.headers.first { $0.name == "ETag" }?.value ?? ""
      #expect(tag.utf8.count == 18)
      #expect(first.headers.contains { $0 == ("Cache-Control", "public") })
      #expect(first.headers.contains { $0 == ("Vary", "Accept") })
      request.headers.append(("if-none-match", tag))
      #expect(await server.response(to: request).status == 304)
      request.headers[request.headers.count - 1].value = "\"0\""
      #expect(await server.response(to: request).status == 200)
    }
  }

  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func resourcesAreAsKubernetesHasThem() throws {
    let folder = try #require(KubernetesFacts.folder)
    let text = try String(contentsOf: folder.appending(path: "resources.tsv"), encoding: .utf8)
    var rows: [String: [String]] = [:]
    for line in text.split(separator: "\n").dropFirst() {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      rows["\(columns[0]) \(columns[1])"] = columns
    }
    func list(_ words: [String]) -> String { words.isEmpty ? "-" : words.sorted().joined(separator: ",") }
    for kind in Cluster(layers: [.pods, .replicaSets, .deployments]).scheme.kinds {
      let row = try #require(rows["\(kind.apiVersion) \(kind.resource)"])
      #expect(
        [kind.name, kind.singular, kind.isNamespaced ? "Namespaced" : "Cluster"] == Array(row[2...4]),
        "\(kind.resource)")
      #expect(
        [list(kind.shortNames), list(kind.categories), list(kind.verbs)] == Array(row[5...7]), "\(kind.resource)")
      let known = row[8].split(separator: " ").map(String.init)
      for part in kind.parts { #expect(known.contains("\(part.name):\(list(part.verbs))"), "\(kind.resource)") }
    }
  }
}
