import Foundation
import Testing

/// The built binary as a person uses it: with kubectl, real processes, and a kill in between.
@Suite(.serialized) struct EndToEndTests {
  @Test func theFirstTutorialWorksWordForWord() throws {
    let cluster = try TestBinary()
    let started = try cluster.start()
    #expect(started.status == 0, "\(started.text)")
    #expect(
      try cluster.kubectl("run", "hello-world", "--image", "hello-world", "--restart=Never").text.contains(
        "pod/hello-world created"))
    #expect(
      try cluster.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/hello-world", "--timeout=30s"
      ).status == 0)
    #expect(try cluster.kubectl("get", "pod").text.contains("Completed"))
    #expect(try cluster.kubectl("logs", "pod/hello-world").text.contains("Hello from your cluster!"))
    #expect(try cluster.kubectl("delete", "pod", "hello-world").text.contains("pod \"hello-world\" deleted"))
    #expect(try cluster.kubectl("get", "pods").text.contains("No resources found in default namespace."))
  }

  @Test func aListIsCheckedAndCreatedItemByItem() throws {
    let cluster = try TestBinary()
    #expect(try cluster.start().status == 0)
    let list = try cluster.write(
      """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {a: b}}
      - apiVersion: apps/v1
        kind: Deployment
        metadata: {name: two}
        spec:
          selector: {matchLabels: {app: two}}
          strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}
          template:
            metadata: {labels: {app: two}}
            spec:
              containers:
              - {name: main, image: pause, resources: {requests: {cpu: 1m, memory: 1000000}}}
      """, to: "list.yaml")
    let created = try cluster.kubectl("create", "-f", list)
    #expect(created.text == "configmap/one created\ndeployment.apps/two created\n")
    let wrong = try cluster.write(
      """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: three}, dota: {a: b}}
      """, to: "wrong.yaml")
    let refused = try cluster.kubectl("create", "-f", wrong)
    #expect(refused.status == 1 && refused.text.contains(#"unknown field "dota""#), "\(refused.text)")
    #expect(try cluster.kubectl("get", "configmap", "three").status == 1)
  }

  @Test(.enabled(if: TestBinary.python != nil && TestBinary.kubectl != nil))
  func anOperatorInPythonKeepsTheListOfDiscounts() throws {
    let cluster = try TestBinary()
    #expect(try cluster.start().status == 0)
    #expect(try cluster.kubectl("apply", "-f", TestBinary.example("discounts.yaml")).status == 0)
    #expect(
      try cluster.kubectl(
        "wait", "--for=condition=Established", "crd/discounts.shop.example", "--timeout=30s"
      ).status == 0)
    #expect(try cluster.kubectl("create", "namespace", "shop").status == 0)
    #expect(try cluster.kubectl("apply", "-f", TestBinary.example("spring-sale.yaml")).status == 0)
    let operated = try cluster.python(TestBinary.example("discounts.py"), "--once")
    #expect(operated.status == 0, "\(operated.text)")
    let list = ["-n", "shop", "get", "configmap", "discounts", "-o", "jsonpath={.data.Mug} {.data.Umbrella}"]
    #expect(try cluster.kubectl(list).text == "20 10")
    let active = ["-n", "shop", "get", "discounts", "-o", "jsonpath={.items[*].status.active}"]
    #expect(try cluster.kubectl(active).text == "true true")
    #expect(try cluster.kubectl("-n", "shop", "delete", "discount", "spring").status == 0)
    #expect(try cluster.python(TestBinary.example("discounts.py"), "--once").status == 0)
    #expect(try cluster.kubectl(list).text == " 10")
    #expect(try cluster.python(TestBinary.example("discounts.py"), "--once").text == "", "nothing is left to do")
  }

  @Test func aDeploymentIsRolledOutUndoneAndSurvivesAKill() throws {
    let cluster = try TestBinary()
    #expect(try cluster.start().status == 0)
    let manifest = try cluster.write(Self.deployment, to: "shop.yaml")
    #expect(try cluster.kubectl("apply", "-f", manifest).text.contains("deployment.apps/shop created"))
    #expect(
      try cluster.kubectl("rollout", "status", "deploy/shop", "--timeout=60s").text.contains("successfully rolled out"))
    #expect(try cluster.kubectl("apply", "-f", manifest).text.contains("deployment.apps/shop unchanged"))
    #expect(try cluster.kubectl("scale", "deploy/shop", "--replicas=4").text.contains("scaled"))
    #expect(try cluster.kubectl("rollout", "status", "deploy/shop", "--timeout=60s").status == 0)
    let before = try cluster.kubectl("get", "rs", "-o", "name").text
    #expect(try cluster.kubectl("set", "image", "deploy/shop", "main=pause:2").text.contains("image updated"))
    #expect(try cluster.kubectl("rollout", "status", "deploy/shop", "--timeout=60s").status == 0)
    #expect(try cluster.kubectl("rollout", "undo", "deploy/shop").text.contains("rolled back"))
    #expect(try cluster.kubectl("rollout", "status", "deploy/shop", "--timeout=60s").status == 0)
    #expect(
      try cluster.kubectl("get", "rs", "-o", "name").text.split(separator: "\n").count == 2,
      "the old set is used again: \(before)")
    let pods = try cluster.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}").text

    let pid = try #require(cluster.pid)
    kill(pid, SIGKILL)
    let again = try cluster.startAgain()
    #expect(again.status == 0, "\(again.text)")
    #expect(try cluster.kubectl("wait", "--for=condition=Available", "deploy/shop", "--timeout=30s").status == 0)
    #expect(try cluster.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}").text == pods)
    let restarts = try cluster.kubectl(
      "get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}")
    #expect(restarts.text == "0 0 0 0")
    #expect(try cluster.kubectl("delete", "deploy", "shop").text.contains("deployment.apps \"shop\" deleted"))
  }

  @Test(arguments: [
    ["version"], ["api-resources"], ["explain", "deployment.spec.strategy"], ["get", "nodes", "-o", "wide"],
    ["get", "ns", "-o", "yaml"], ["get", "ns", "-o", "json"], ["get", "ns", "-o", "name"],
    ["get", "ns", "-o", "custom-columns=N:.metadata.name"], ["describe", "node", "node-1"],
    ["get", "ns", "--sort-by=.metadata.name"], ["get", "events", "-A"], ["create", "ns", "extra"],
    ["create", "deployment", "web", "--image=pause"], ["get", "all"], ["label", "ns", "default", "a=b"],
    ["annotate", "ns", "default", "a=b"], ["delete", "deployment", "web"],
  ])
  func everydayCommandsSucceed(_ arguments: [String]) throws {
    let cluster = try Self.shared.get()
    let output = try cluster.run(arguments)
    #expect(output.status == 0, "\(output.text)")
    #expect(!output.text.contains("Unhandled Error"), "\(output.text)")
  }

  @Test func mistakesGetAClearSentenceAndANonzeroExit() throws {
    let cluster = try TestBinary()
    #expect(try cluster.start().status == 0)
    let second = try cluster.start()
    #expect(second.status != 0 && second.text.contains("already running"), "\(second.text)")
    let flag = try cluster.swiftlet(["start", "--nodes", "many"])
    #expect(flag.status != 0 && flag.text.contains("many"), "\(flag.text)")
    let nobody = try cluster.swiftlet(["stop", "--data-dir", cluster.directory.path + "/nothing"])
    #expect(nobody.status != 0 && nobody.text.contains("no cluster is running"), "\(nobody.text)")
    let manifest = try cluster.write(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replica: 3}\n", to: "bad.yaml")
    let bad = try cluster.kubectl("apply", "-f", manifest)
    #expect(bad.status != 0 && bad.text.contains("unknown field \"spec.replica\""), "\(bad.text)")
  }

  private static let shared = Result { () throws -> SharedCluster in try SharedCluster() }

  private static let deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: shop, labels: {app: shop}}
    spec:
      replicas: 2
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - {name: main, image: pause}
    """
}

/// One cluster for many small commands.
final class SharedCluster: Sendable {
  private let binary: TestBinary

  init() throws {
    binary = try TestBinary()
    let started = try binary.start()
    guard started.status == 0 else { throw CocoaError(.fileReadUnknown) }
    atexit { EndOfTests.run() }
    EndOfTests.binary = binary
  }

  func run(_ arguments: [String]) throws -> TestBinary.Output { try binary.kubectl(arguments) }
}

/// A static property is never destroyed: the cluster is stopped when the process ends.
enum EndOfTests {
  nonisolated(unsafe) static var binary: TestBinary?

  static func run() {
    guard let binary, let pid = binary.pid else { return }
    kill(pid, SIGTERM)
  }
}
