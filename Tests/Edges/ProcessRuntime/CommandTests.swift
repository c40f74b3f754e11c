import Configuration
import Foundation
import Objects
import Pods
import Probes
import Testing

@testable import ProcessRuntime

/// Commands in running containers, in every form of surroundings that this machine has.
@Suite(.serialized)
struct CommandTests {
  static let forms: [PodNetwork.Form] = HostWorld.hasNamespaces ? [.host, .namespaces] : [.host]

  private func run(
    _ script: String, in id: ContainerID, of world: HostWorld, timeout: Duration? = nil
  ) async throws -> (code: Int?, output: String) {
    let executor = try #require(world.runtime.service((any ContainerExecutor).self))
    let result = try await executor.run(["/bin/sh", "-c", script], in: id, timeout: timeout)
    return (result.exitCode, String(decoding: result.output, as: UTF8.self))
  }

  private func begin(
    _ script: String, in id: ContainerID, of world: HostWorld
  ) throws -> Task<CommandResult, any Error> {
    let executor = try #require(world.runtime.service((any ContainerExecutor).self))
    return Task { try await executor.run(["/bin/sh", "-c", script], in: id, timeout: nil) }
  }

  @Test(arguments: forms)
  func exitCodesAndOutputComeBack(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let id = world.idle("commanded")
    for code in [0, 1, 42] {
      let result = try await run("echo out; echo err >&2; exit \(code)", in: id, of: world)
      #expect(result == (code, "out\nerr\n"))
    }
    #expect(try await run("kill -KILL $$", in: id, of: world).code == 137)
  }

  @Test(arguments: forms)
  func aCommandSeesWhatTheContainerSees(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let id = world.start("seen", script: "echo $POD_IP $COLOUR $(pwd) $(readlink /proc/self/ns/net); exec sleep 1000") {
      $0.environment = [.init(name: "COLOUR", value: "red")]
      $0.workingDirectory = "/usr"
    }
    #expect(world.hasWritten(id))
    let line = try #require(world.log(of: id).first).content
    let script = "echo $POD_IP $COLOUR $(pwd) $(readlink /proc/self/ns/net)"
    #expect(try await run(script, in: id, of: world).output == line + "\n")
    #expect(try await run("ls /dev/fd | wc -l", in: id, of: world).output.filter { $0 != " " } == "4\n")
  }

  @Test(.enabled(if: HostWorld.hasNamespaces))
  func aCommandSeesTheContainersFiles() async throws {
    let world = try HostWorld(.namespaces)
    let volume = world.root + "-volume"
    try FileManager.default.createDirectory(atPath: volume, withIntermediateDirectories: true)
    defer { Files.remove(volume) }
    try "hello".write(toFile: volume + "/greeting", atomically: false, encoding: .utf8)
    let id = world.start("files", script: "echo own > /only-here; echo ready; exec sleep 1000") {
      $0.mounts = [Mount(containerPath: "/etc/config", hostPath: volume, volumePath: volume)]
    }
    #expect(world.hasWritten(id))
    #expect(
      try await run("cat /only-here /etc/config/greeting; uname -n", in: id, of: world).output
        == "own\nhellopod-files\n")
  }

  @Test(arguments: forms)
  func aCommandWhoseTimeIsUpIsKilledWithAllThatItHasStarted(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let id = world.idle("slow")
    let result = try await run(
      "trap '' TERM; sleep 1003 & echo $!; setsid sleep 1004 & echo $!; wait", in: id, of: world, timeout: .seconds(2))
    #expect(result.code == nil)
    let processes = result.output.split(separator: "\n").compactMap { pid_t($0) }
    #expect(processes.count == 2)
    #expect(!processes.contains(where: isAlive))
    #expect(world.container(id)?.state.isRunning == true)
  }

  @Test(arguments: forms)
  func noMoreThanTheFirst10KiBOfTheOutputAreKept(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let id = world.idle("talkative")
    let result = try await run("head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2; exit 3", in: id, of: world)
    #expect(result.code == 3)
    #expect(result.output == String(repeating: "x", count: 10_240))
  }

  @Test(arguments: forms)
  func whatCannotBeRunSaysWhy(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let executor = try #require(world.runtime.service((any ContainerExecutor).self))
    let id = world.idle("strict")
    let error = await #expect(throws: CommandError.self) {
      try await executor.run(["/no/such"], in: id, timeout: nil)
    }
    #expect(error?.description == "exec: \"/no/such\": stat /no/such: no such file or directory")
    world.perform(.stop(id, gracePeriod: 0))
    _ = try world.exit(of: id)
    for gone in [id, ContainerID(podUID: "nobody", name: "main", attempt: 0)] {
      await #expect(throws: (any Error).self) { try await executor.run(["true"], in: gone, timeout: nil) }
    }
  }

  @Test(arguments: forms)
  func aCommandEndsWithItsContainer(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let id = world.idle("mortal")
    let marker = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString)"
    defer { Files.remove(marker) }
    let task = try begin("echo $$ > \(marker); exec sleep 1005", in: id, of: world)
    #expect(world.wait { Files.read(marker)?.isEmpty == false })
    let process = try #require(Files.read(marker).flatMap { pid_t(String(decoding: $0.dropLast(), as: UTF8.self)) })
    world.perform(.stop(id, gracePeriod: 0))
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(world.wait { !isAlive(process) })
  }

  @Test(arguments: forms)
  func aCommandThatIsNoLongerWantedEnds(_ form: PodNetwork.Form) async throws {
    let world = try HostWorld(form)
    let id = world.idle("unwanted")
    let marker = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString)"
    defer { Files.remove(marker) }
    let task = try begin("echo $$ > \(marker); exec sleep 1006", in: id, of: world)
    #expect(world.wait { Files.read(marker)?.isEmpty == false })
    let process = try #require(Files.read(marker).flatMap { pid_t(String(decoding: $0.dropLast(), as: UTF8.self)) })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(world.wait { !isAlive(process) })
  }
}
