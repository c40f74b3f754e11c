import APIServer
import Foundation
import HTTP
import Synchronization
import Testing

/// The web shop of the examples under load: what is promised of rolling updates, seen by its customers.
@Suite(.serialized, .enabled(if: TestBinary.hasPodNetworks)) struct ShopTests {
  @Test func noRequestFailsWhileTheShopIsRolledOutScaledAndRobbedOfAPod() async throws {
    let cluster = try TestBinary()
    let started = try cluster.start(["--ingress-port", "0", "--ingress-tls-port", "0"])
    try #require(started.status == 0, "\(started.text)")
    try openShop(in: cluster)
    let customers = try Customers(at: cluster.ingress, host: "shop.localhost")

    try await customers.during { () async throws in
      #expect(try cluster.shop("set", "image", "deploy/front", "front=shop:v2").status == 0)
      #expect(try cluster.shop("rollout", "status", "deploy/front", "--timeout=120s").status == 0)
    }
    #expect(customers.answers.contains { $0.contains("version v2") })

    try await customers.during { () async throws in
      #expect(try cluster.shop("scale", "deploy/front", "--replicas=1").status == 0)
      #expect(
        try cluster.shop("wait", "--for=jsonpath={.status.replicas}=1", "deploy/front", "--timeout=60s").status == 0)
      #expect(try cluster.shop("scale", "deploy/front", "--replicas=3").status == 0)
      #expect(try cluster.shop("rollout", "status", "deploy/front", "--timeout=60s").status == 0)
    }

    try await customers.during { () async throws in
      let pods = try cluster.shop("get", "pods", "-l", "app=front", "-o", "name").text.split(separator: "\n")
      #expect(try cluster.shop("delete", String(try #require(pods.first))).status == 0)
      #expect(try cluster.shop("rollout", "status", "deploy/front", "--timeout=60s").status == 0)
    }
    #expect(customers.failures == [])
    #expect(customers.count >= 2_000)
  }

  @Test func ordersOutliveTheirPodAndTheClustersDeath() async throws {
    let cluster = try TestBinary()
    let arguments = ["--ingress-port", "0", "--ingress-tls-port", "0"]
    try #require(try cluster.start(arguments).status == 0)
    try openShop(in: cluster)
    var shop = try Customers(at: cluster.ingress, host: "shop.localhost")
    #expect(try await shop.send("POST", "/buy", body: #"{"product":"Mug"}"#).status == 201)
    #expect(try cluster.shop("delete", "pod", "-l", "app=orders").status == 0)
    #expect(try cluster.shop("rollout", "status", "statefulset/orders", "--timeout=60s").status == 0)
    #expect(try cluster.shop("get", "pods", "-l", "app=orders", "-o", "name").text == "pod/orders-0\n")
    #expect(try await shop.page(with: "1 orders so far"))

    kill(try #require(cluster.pid), SIGKILL)
    let again = try cluster.startAgain(arguments)
    try #require(again.status == 0, "\(again.text)")
    shop = try Customers(at: cluster.ingress, host: "shop.localhost")
    #expect(try await shop.page(with: "1 orders so far"))
    #expect(try await shop.send("POST", "/buy", body: #"{"product":"Umbrella"}"#).status == 201)
    #expect(try await shop.page(with: "2 orders so far"))
  }

  @Test func theNightlyReportTheCollectorsAndTheDiscountsDoTheirPart() async throws {
    let cluster = try TestBinary()
    try #require(try cluster.start(["--ingress-port", "0", "--ingress-tls-port", "0"]).status == 0)
    try openShop(in: cluster)
    let shop = try Customers(at: cluster.ingress, host: "shop.localhost")
    #expect(try await shop.send("POST", "/buy", body: #"{"product":"Mug"}"#).status == 201)

    #expect(try cluster.shop("create", "job", "now", "--from=cronjob/report").status == 0)
    #expect(try cluster.shop("wait", "--for=condition=complete", "job/now", "--timeout=60s").status == 0)
    #expect(try cluster.shop("logs", "job/now").text == "1 orders so far\n")

    let nodes = try cluster.kubectl("get", "nodes", "-o", "name").text.split(separator: "\n").count
    let collectors = try cluster.shop("get", "pods", "-l", "app=collector", "-o", "name").text.split(separator: "\n")
    #expect(nodes > 0 && collectors.count == nodes)
    let log = try cluster.shop("logs", String(try #require(collectors.first))).text
    #expect(log.contains(": load "), "\(log)")

    #expect(try cluster.kubectl("apply", "-f", TestBinary.example("discounts.yaml")).status == 0)
    let isServed = try cluster.kubectl(
      "wait", "--for=condition=Established", "crd/discounts.shop.example", "--timeout=30s")
    #expect(isServed.status == 0, "\(isServed.text)")
    let sale = try cluster.kubectl("apply", "-f", TestBinary.example("spring-sale.yaml"))
    #expect(sale.status == 0, "\(sale.text)")
    let table = try cluster.shop("get", "discounts").text
    #expect(table.contains("PRODUCT") && table.contains("Umbrella"), "\(table)")
    // In the operator's place: what it writes, the catalog reads.
    #expect(try cluster.shop("create", "configmap", "discounts", "--from-literal=Mug=20").status == 0)
    #expect(try await shop.page(with: "<li>Mug: 8.50, 20 % off</li>"))
  }

  private func openShop(in cluster: TestBinary) throws {
    let applied = try cluster.kubectl("apply", "-f", TestBinary.example("shop.yaml"))
    #expect(applied.status == 0, "\(applied.text)")
    for name in ["deploy/catalog", "statefulset/orders", "deploy/front", "daemonset/collector"] {
      let rollout = try cluster.shop("rollout", "status", name, "--timeout=120s")
      let pods = try cluster.shop("describe", "pods").text
      try #require(rollout.status == 0, "\(rollout.text)\n\(pods)")
    }
  }
}

extension TestBinary {
  fileprivate func shop(_ arguments: String...) throws -> Output { try kubectl(["-n", "shop"] + arguments) }
}

/// Who visits the shop: several at once, again and again.
private final class Customers: Sendable {
  private let client: HTTPClient
  private let host: String
  private let seen = Mutex((count: 0, failures: [String](), answers: Set<String>(), isOver: false))

  init(at address: String, host: String) throws {
    client = try HTTPClient(server: address)
    self.host = host
  }

  var count: Int { seen.withLock { $0.count } }
  var failures: [String] { seen.withLock { $0.failures } }
  /// What the pages said of themselves, each once.
  var answers: Set<String> { seen.withLock { $0.answers } }

  func send(_ method: String, _ path: String, body: String = "") async throws -> (status: Int, text: String) {
    let answer = try await client.send(
      Request(method: method, path: path, headers: [("host", host)], body: Array(body.utf8)))
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  /// Whether the page comes to contain a text.
  func page(with text: String) async throws -> Bool {
    for _ in 0..<5_000 where try await send("GET", "/").text.contains(text) { return true }
    return false
  }

  /// Visits the shop with eight customers at a time, for as long as the body takes and 700 times at least.
  func during(_ body: @Sendable () async throws -> Void) async throws {
    let enough = seen.withLock { seen in
      seen.isOver = false
      return seen.count + 700
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          while self.seen.withLock({ !$0.isOver || $0.count < enough }) { await self.visit() }
        }
      }
      defer { seen.withLock { $0.isOver = true } }
      try await body()
    }
  }

  private func visit() async {
    do {
      let (status, text) = try await send("GET", "/")
      let line = text.split(separator: "\n").first { $0.contains("Served by") } ?? ""
      let isComplete = status == 200 && text.contains("<li>Mug") && text.contains("orders so far")
      seen.withLock {
        $0.count += 1
        $0.answers.insert(String(line.split(separator: ",").last ?? ""))
        if !isComplete { $0.failures.append("\(status) \(text)") }
      }
    } catch {
      seen.withLock { $0.failures.append("\(error)") }
    }
  }
}
