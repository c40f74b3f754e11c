import ArgumentParser
import ControlLoop
import Foundation
import Objects
import ProcessRuntime
import Scheduling
import YAMLCoding

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Starts the cluster, and points kubectl at it.")

  @OptionGroup var data: DataDirectoryOption

  @Flag(help: "Start in the background and return when the cluster is ready.")
  var detach = false

  @Option(help: "The port of the API server on 127.0.0.1.")
  var port = 6443

  @Option(help: "How many nodes run containers as processes of this machine.")
  var nodes = 1

  @Option(help: "How many more nodes only pretend to run containers.")
  var simulatedNodes = 0

  @Option(
    help: """
      How pods come by addresses: namespaces (each has a network of its own; Linux), loopback (an address of this \
      machine for each; Linux) or host (they share one). (default: the best that works)
      """)
  var podNetwork: String?

  @Option(help: "Where the Ingress listens on 127.0.0.1; 0 for any port that is free.")
  var ingressPort = Networking.Ports().ingress

  @Option(name: .customLong("ingress-tls-port"), help: "Where the Ingress listens with TLS.")
  var ingressTLSPort = Networking.Ports().ingressTLS

  @Option(help: "Where the cluster's names are answered on 127.0.0.1, beside the pods' own network.")
  var dnsPort = Networking.Ports().dns

  @Option(help: "A KubeSchedulerConfiguration, as YAML: which plugins the scheduler asks, under which names.")
  var schedulerConfig: String?

  @Option(help: "Start with the layers of the chapters up to this one only. (default: \(Layers.lastChapter))")
  var chapter: Int?

  func validate() throws {
    let ports = [
      ("port", port), ("ingress-port", ingressPort), ("ingress-tls-port", ingressTLSPort), ("dns-port", dnsPort),
    ]
    for (name, port) in ports where !(0...65_535).contains(port) {
      throw ValidationError("--\(name) must be between 0 and 65535, not \(port).")
    }
    guard (0...100).contains(nodes) else { throw ValidationError("--nodes must be between 0 and 100, not \(nodes).") }
    guard (0...10_000).contains(simulatedNodes) else {
      throw ValidationError("--simulated-nodes must be between 0 and 10000, not \(simulatedNodes).")
    }
    guard nodes + simulatedNodes > 0 else {
      throw ValidationError("a cluster needs a node: use --nodes or --simulated-nodes.")
    }
    if let podNetwork, PodNetwork.Form(rawValue: podNetwork) == nil {
      let forms = PodNetwork.Form.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--pod-network must be one of \(forms), not \(podNetwork).")
    }
    if let chapter, !(1...Layers.lastChapter).contains(chapter) {
      throw ValidationError("--chapter must be between 1 and \(Layers.lastChapter), not \(chapter).")
    }
  }

  func run() async throws {
    let directory = data.directory
    try directory.create()
    if detach {
      try await Background.start(directory, arguments: Array(CommandLine.arguments.dropFirst()))
      return
    }
    OpenFiles.raiseLimit()
    let lock = try directory.acquireLock()
    defer { close(lock) }
    let options = ClusterServer.Options(
      port: port, nodes: nodes, simulatedNodes: simulatedNodes, podNetwork: podNetwork.flatMap(PodNetwork.Form.init),
      networkPorts: Networking.Ports(ingress: ingressPort, ingressTLS: ingressTLSPort, dns: dnsPort),
      layers: try layers())
    let server = try await ClusterServer.start(in: directory, options)
    print("kubectl now uses context \"\(ClusterServer.context)\". Press Ctrl-C to stop.")
    flushOutput()
    await Signals.waitForEnd()
    print("Stopping …")
    flushOutput()
    await server.stop()
    directory.removeState()
  }
}

extension StartCommand {
  private func layers() throws -> [Layer] {
    let layers = Layers.through(chapter ?? Layers.lastChapter)
    guard let schedulerConfig else { return layers }
    do {
      let documents = try YAML.documents(in: Array(Data(contentsOf: URL(fileURLWithPath: schedulerConfig))))
      let configuration = documents.first?.value ?? .null
      return try layers.map { try $0.scheduling(by: configuration) }
    } catch {
      throw Failure("the scheduler cannot follow \(schedulerConfig): \(error)")
    }
  }
}

/// Standard output is a pipe or a file when the cluster runs in the background: lines must not linger.
func flushOutput() { fflush(nil) }
