import Foundation
import Objects
import Pods
import Probing
import ProcessRuntime
import Runner
import VolumeFiles

/// What this machine gives the cluster: a network for pods, and for each node a runtime and a place for volumes.
struct Machine {
  let network: PodNetwork
  let runtimes: [ProcessRuntime]

  static func nodeName(_ number: Int) -> String { "node-\(number)" }

  /// - Parameter podNetwork: nil for the best that works.
  init(nodes: Int, in directory: DataDirectory, podNetwork: PodNetwork.Form?) throws {
    try self.init((0..<nodes).map { $0 + 1 }, in: directory, podNetwork: nodes == 0 ? .host : podNetwork)
  }

  private init(_ numbers: [Int], in directory: DataDirectory, podNetwork: PodNetwork.Form?) throws {
    let executable = try Background.executablePath()
    let network = try PodNetwork.open(directory: directory.network.path, executable: executable, form: podNetwork)
    self.network = network
    runtimes = try numbers.map { number in
      let volumes = try VolumeFiles(directory: Self.volumes(number, in: directory))
      let runtime = try ProcessRuntime(
        directory: directory.nodes.appendingPathComponent(Self.nodeName(number)).path, executable: executable,
        network: network, node: number, services: [volumes])
      let probes = NetworkProbeRunner(network: network) { [weak runtime] in runtime }
      probes.onResult { [weak runtime] uid in runtime?.noteChange(ofPod: uid) }
      runtime.offer(probes)
      volumes.onChange { [weak runtime] pod, hasVolumes in
        if hasVolumes { runtime?.announce(pod) } else { runtime?.noteChange(ofPod: pod.uid) }
      }
      return runtime
    }
  }

  private static func volumes(_ number: Int, in directory: DataDirectory) -> String {
    directory.url.appendingPathComponent("volumes").appendingPathComponent(nodeName(number)).path
  }

  /// Ends the containers, and then what pods share.
  func stop() async {
    for runtime in runtimes { await Self.endContainers(of: runtime) }
    network.end()
  }

  /// Ends what a cluster that is no longer running has left, and removes its volumes.
  static func cleanUp(in directory: DataDirectory) async throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.nodes.path)) ?? []
    let numbers = names.compactMap { $0.hasPrefix("node-") ? Int($0.dropFirst(5)) : nil }.sorted()
    let hasNetwork = FileManager.default.fileExists(atPath: directory.network.path)
    let machine = try Machine(numbers, in: directory, podNetwork: hasNetwork ? nil : .host)
    for runtime in machine.runtimes {
      await endContainers(of: runtime, gracePeriod: 2)
      runtime.service(VolumeFiles.self)?.removeEverything()
      runtime.removeEverything()
    }
    machine.network.end()
  }

  /// Asks all containers to end, and returns when they have.
  private static func endContainers(of runtime: ProcessRuntime, gracePeriod: Int = 10) async {
    let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    runtime.onChange { _ in continuation.yield() }
    func running() -> [ObservedContainer] {
      runtime.pods().flatMap(\.containers).filter { container in
        switch container.state {
        case .creating, .running: true
        case .exited, .failedToStart: false
        }
      }
    }
    for container in running() {
      runtime.perform(.stop(container.id, gracePeriod: gracePeriod), at: SystemClock.now())
    }
    if running().isEmpty { return }
    for await _ in changes where running().isEmpty { return }
  }
}
