import APIServer
import Certificates
import ControlLoop
import Foundation
import HTTP
import Objects
import Pods
import ProcessRuntime
import Runner
import SQLiteStorage
import Store
import Volumes
import YAMLCoding

/// The whole cluster in one process: store, controllers, nodes, API server.
final class ClusterServer: Sendable {
  /// What kubectl calls the cluster.
  static let context = "swiftlet"

  struct Options {
    var port: Int
    var nodes: Int
    var simulatedNodes: Int
    var podNetwork: PodNetwork.Form?
    var networkPorts: Networking.Ports
    var layers: [Layer]
  }

  private let runner: Runner
  private let http: HTTPServer
  private let machine: Machine
  private let networking: Networking?
  private let housekeeping: Task<Void, Never>

  private init(
    runner: Runner, http: HTTPServer, machine: Machine, networking: Networking?, housekeeping: Task<Void, Never>
  ) {
    self.housekeeping = housekeeping
    self.runner = runner
    self.http = http
    self.machine = machine
    self.networking = networking
  }

  /// Starts everything, and returns when the API server answers.
  static func start(in directory: DataDirectory, _ options: Options) async throws -> ClusterServer {
    let seed = UInt64.random(in: .min ... .max)
    let cluster = Cluster(layers: options.layers)
    let storage = try SQLiteStorage(path: directory.database.path)
    let store = try Store(storage: storage, indexes: cluster.indexes)
    try cluster.createInitialObjects(in: store, seed: seed)

    let machine = try Machine(nodes: options.nodes, in: directory, podNetwork: options.podNetwork)
    let real = zip(1..., machine.runtimes).map { number, runtime in
      NodeAgent(node: .thisMachine(named: Machine.nodeName(number)), runtime: runtime)
    }
    let simulated = (0..<options.simulatedNodes).map { $0 + 1 }
      .map { NodeAgent.simulated(name: "simulated-\($0)", number: $0) }
    let agents = Handover(real + simulated)
    let hosts = LocalProvisioner.hosts(of: real + simulated)
    let runner = Runner(
      store: store,
      participants: [
        { _ in Driver(cluster: cluster, store: store, seed: seed) },
        { wake in
          let group = NodeAgentGroup(agents.take(), cluster: cluster, store: store, seed: seed &+ 1)
          group.onReport(wake)
          return group
        },
        { _ in LocalProvisioner(hosts: hosts, cluster: cluster, store: store, seed: seed &+ 3) },
      ])

    let logs = NodeLogs(
      store: store,
      runtimes: Dictionary(
        (real + simulated).map { ($0.node.name, $0.runtime) }, uniquingKeysWith: { first, _ in first }))
    let api = APIServer(
      cluster: cluster, store: store,
      surroundings: Surroundings(
        now: SystemClock.now, timers: SystemTimers(), logs: logs, decodeYAML: oneDocument,
        checks: [HealthCheck("storage") { try storage.check() }], platform: platform, seed: seed &+ 2))
    let credentials = try ClusterCredentials(in: directory)
    let http = HTTPServer(host: "127.0.0.1", port: options.port, tls: credentials.tls) { api.respond(to: $0) }
    let address = try await http.start()
    let networking = try await Networking.start(
      for: cluster, store, pods: machine.network, api: address.port, options.networkPorts, credentials.authority)
    runner.start()
    try announce("https://\(address)", credentials, directory, options, machine, networking)
    return ClusterServer(
      runner: runner, http: http, machine: machine, networking: networking, housekeeping: Housekeeping.start(store))
  }

  /// Ends the containers, then everything else.
  func stop() async {
    housekeeping.cancel()
    await networking?.stop()
    await http.shutdown()
    runner.stop()
    await machine.stop()
  }

  private static func oneDocument(_ bytes: [UInt8]) throws -> Value {
    let documents = try YAML.documents(in: bytes)
    guard let first = documents.first, documents.count == 1 else {
      throw StatusError.badRequest("the body must hold one YAML document, not \(documents.count)")
    }
    return first.value
  }

  private static var platform: String {
    #if arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "amd64"
    #endif
    #if os(macOS)
      return "darwin/\(architecture)"
    #else
      return "linux/\(architecture)"
    #endif
  }
}

// MARK: Telling people

extension ClusterServer {
  private static func announce(
    _ server: String, _ credentials: ClusterCredentials, _ directory: DataDirectory, _ options: Options,
    _ machine: Machine, _ networking: Networking?
  ) throws {
    let nodes = (0..<options.nodes).map { Machine.nodeName($0 + 1) }
    var kubeconfig = try Kubeconfig()
    kubeconfig.add(
      context,
      Kubeconfig.Credentials(
        server: server, authority: credentials.authority.identity.certificatePEM,
        certificate: credentials.administrator.certificatePEM, privateKey: credentials.administrator.privateKeyPEM))
    try kubeconfig.save()
    try directory.write(
      DataDirectory.State(
        pid: getpid(), server: server, layers: options.layers.map { "\($0.chapter) \($0.name)" }, nodes: nodes,
        simulatedNodes: options.simulatedNodes, context: context, ingress: networking?.ingress))
    print("Swiftlet \(Version.current) (Kubernetes API \(Version.kubernetes)) is ready at \(server).")
    print("  layers: \(options.layers.map(\.name).joined(separator: ", "))")
    let simulated = options.simulatedNodes > 0 ? ["\(options.simulatedNodes) simulated"] : []
    print("  nodes:  \((nodes + simulated).joined(separator: ", "))")
    print("  data:   \(directory.url.path)")
    for line in networking?.summary ?? [] { print(line) }
    if options.nodes > 0, let limits = machine.network.limits { print("  note:   \(limits)") }
  }
}

/// Gives something to the one thread that will own it from then on.
private final class Handover<T>: @unchecked Sendable {
  private let lock = NSLock()
  private var content: [T]

  init(_ content: [T]) { self.content = content }

  func take() -> [T] {
    lock.withLock {
      defer { content = [] }
      return content
    }
  }
}
