import ControlLoop
import Foundation
import Objects
import Pods
import Services
import Store

extension Bench {
  /// The proxy's rules after one endpoint of many has changed. In this process: it is a function, no server is asked.
  static func rules(_ report: Report) throws {
    let (services, endpoints, changes) = (1_000, 10, 200)
    let cluster = Cluster(layers: [.pods, .services])
    let store = try Store(storage: MemoryStorage(), indexes: cluster.indexes)
    func put(_ object: some Resource) throws {
      for result in store.commit([Write(object.key, .put(object.json), expecting: .anything)]) { _ = try result.get() }
    }
    for number in 0..<services {
      try put(service(number))
      try put(slice(of: number, endpoints: endpoints, round: 0))
    }
    var table = ProxyTable(for: ProxyNode(name: "node-1"))
    let start = clock()
    _ = table.updateAll(in: cluster.view(of: store.snapshot))
    let all = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    var cpu = 0.0
    for round in 1...changes {
      let changed = slice(of: round, endpoints: endpoints, round: round)
      try put(changed)
      let start = clock()
      let changes = table.update([service(round).key], in: cluster.view(of: store.snapshot))
      cpu += Double(clock() - start) / Double(CLOCKS_PER_SEC)
      guard changes.count == 1 else { throw Unexpected(text: "an endpoint changed, and no rule did") }
    }
    report.cpu(
      "rules of 1,000 services × 10, one endpoint changed", cpu / Double(changes),
      and: "all anew \(Report.format(all * 1_000)) ms", reach: "≤ 1 ms")
  }

  private static func service(_ number: Int) -> Service {
    Service(name: "web-\(number)", namespace: "default") {
      $0.spec.type = .clusterIP
      $0.spec.clusterIP = "10.96.\(number / 250 + 1).\(number % 250 + 1)"
      $0.spec.ports = [ServicePort { $0.port = 80 }]
    }
  }

  private static func slice(of number: Int, endpoints: Int, round: Int) -> EndpointSlice {
    EndpointSlice(name: "web-\(number)", namespace: "default") {
      $0.metadata.labels = ["kubernetes.io/service-name": .init("web-\(number)")]
      $0.addressType = .v4
      $0.ports = [EndpointPort { $0.port = 8_080 }]
      $0.endpoints = (0..<endpoints).map { index in
        Endpoint { $0.addresses = ["10.244.\(index == 0 ? round % 250 + 2 : 1).\(index + 2)"] }
      }
    }
  }
}
