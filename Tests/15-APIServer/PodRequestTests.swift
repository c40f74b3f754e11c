import ControlLoop
import Objects
import Pods
import Store
import Testing

@testable import APIServer

private let pods = "/api/v1/namespaces/default/pods"

/// Chapter 1's kinds, asked for as kubectl asks.
@Suite struct PodRequests {
  private func server(_ layers: [Layer] = [.pods]) async throws -> TestServer {
    let server = try TestServer(layers)
    for name in ["default", "kube-system"] {
      _ = await server.send("POST", "/api/v1/namespaces", Namespace(name: name).json)
    }
    return server
  }

  private func pod(_ name: String) -> Value {
    [
      "metadata": ["name": .string(name), "labels": ["app": "web"]],
      "spec": ["containers": [["name": "c", "image": "web"]]],
    ]
  }

  @Test func aPodNeedsItsNamespace() async throws {
    let server = try await server()
    #expect(await server.send("POST", pods, pod("a")).status == 201)
    let refused = await server.send("POST", "/api/v1/namespaces/none/pods", pod("a"))
    #expect(refused.status == 404)
    #expect(refused.message == "namespaces \"none\" not found")
  }

  @Test func aBindingPlacesAPodOnce() async throws {
    let server = try await server()
    _ = await server.send("POST", pods, pod("a"))
    let binding: Value = [
      "apiVersion": "v1", "kind": "Binding", "metadata": ["name": "a"], "target": ["kind": "Node", "name": "one"],
    ]
    let answer = await server.send("POST", pods + "/a/binding", binding)
    #expect(answer.status == 201)
    #expect(answer.json["status"] == "Success")
    #expect(await server.send("GET", pods + "/a").json["spec"]?["nodeName"] == "one")
    let again = await server.send("POST", pods + "/a/binding", binding)
    #expect(again.status == 409)
    #expect(
      again.message
        == "Operation cannot be fulfilled on pods/binding \"a\": pod a is already assigned to node \"one\"")
    #expect(await server.send("POST", pods + "/b/binding", binding).status == 400)
  }

  @Test func anEvictionIsADeletionThatSaysWhy() async throws {
    let server = try await server(everyLayer)
    var placed = pod("a")
    placed["spec"]?["nodeName"] = "one"
    #expect(await server.send("POST", pods, placed).status == 201)
    var eviction: Value = [
      "apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": "a"],
      "deleteOptions": ["gracePeriodSeconds": 7],
    ]
    let tried = await server.send("POST", pods + "/a/eviction?dryRun=All", eviction)
    #expect(tried.status == 201)
    #expect(await server.send("GET", pods + "/a").json["metadata"]?["deletionTimestamp"] == nil)
    let answer = await server.send("POST", pods + "/a/eviction", eviction)
    #expect(answer.status == 201)
    #expect(answer.json["status"] == "Success")
    let going = await server.send("GET", pods + "/a").json
    #expect(going["metadata"]?["deletionGracePeriodSeconds"] == 7)
    let reasons = going["status"]?["conditions"]?.array?.compactMap { $0["reason"]?.string } ?? []
    #expect(reasons.contains("EvictionByEvictionAPI"))
    #expect(await server.send("POST", pods + "/b/eviction", eviction).status == 400, "another name")
    eviction["metadata"] = ["name": "b"]
    #expect(await server.send("POST", pods + "/b/eviction", eviction).status == 404)
    #expect(await server.send("GET", pods + "/a/eviction").status == 405)
    eviction["metadata"] = ["name": "a"]
    eviction["deleteOptions"] = ["preconditions": ["uid": "another"]]
    #expect(await server.send("POST", pods + "/a/eviction", eviction).status == 409)
  }

  @Test func podsAreFoundByTheirNode() async throws {
    let server = try await server()
    for (name, node) in [("a", "one"), ("b", "two"), ("c", "one")] {
      var pod = pod(name)
      pod["spec"]?["nodeName"] = .string(node)
      _ = await server.send("POST", pods, pod)
    }
    #expect(await server.send("GET", "/api/v1/pods?fieldSelector=spec.nodeName=one").names == ["a", "c"])
    #expect(await server.send("GET", pods + "?fieldSelector=spec.nodeName!=one").names == ["b"])
    #expect(await server.send("GET", pods + "?fieldSelector=spec.nodeName=one&limit=1").names == ["a"])
    let watch = try await server.watch("/api/v1/pods?watch=1&fieldSelector=spec.nodeName=two")
    #expect(try await watch.next(1) == ["ADDED b"])
  }

  @Test func aNamespaceIsFinalized() async throws {
    let server = try await server()
    _ = await server.send("POST", "/api/v1/namespaces", Namespace(name: "x").json)
    let marked = await server.send("DELETE", "/api/v1/namespaces/x")
    #expect(marked.json["status"]?["phase"] == "Terminating")
    #expect(await server.send("POST", "/api/v1/namespaces/x/pods", pod("a")).status == 403)
    var finalized = marked.json
    finalized["spec"] = [:]
    #expect(await server.send("PUT", "/api/v1/namespaces/x/finalize", finalized).status == 200)
    #expect(await server.send("GET", "/api/v1/namespaces/x").status == 404)
    #expect(await server.send("DELETE", "/api/v1/namespaces/default").status == 403)
    #expect(await server.send("DELETE", "/api/v1/namespaces").status == 405)
  }

  @Test func aPodOnANodeIsGivenTime() async throws {
    let server = try await server()
    _ = await server.send("POST", pods, pod("a"))
    #expect(await server.send("DELETE", pods + "/a").json["status"] == "Success")
    var placed = pod("b")
    placed["spec"]?["nodeName"] = "one"
    _ = await server.send("POST", pods, placed)
    let marked = await server.send("DELETE", pods + "/b", ["propagationPolicy": "Background"])
    #expect(marked.json["metadata"]?["deletionGracePeriodSeconds"] == 30)
    #expect(await server.send("DELETE", pods + "/b", ["gracePeriodSeconds": 0]).json["status"] == "Success")
    #expect(await server.send("GET", pods + "/b").status == 404)
  }

  @Test func aStrategicPatchMergesContainersByName() async throws {
    let server = try await server()
    _ = await server.send("POST", pods, pod("a"))
    let patched = await server.send(
      "PATCH", pods + "/a",
      ["spec": ["$setElementOrder/containers": [["name": "c"]], "containers": [["name": "c", "image": "web:2"]]]],
      type: "application/strategic-merge-patch+json")
    #expect(patched.status == 200)
    #expect(patched.json["spec"]?["containers"]?[0]?["image"] == "web:2")
    #expect(patched.json["spec"]?["containers"]?.array?.count == 1)
  }
}
