import Configuration
import Foundation
import Objects
import Pods
import Testing

@testable import ProcessRuntime

/// What containers see as their files, where the machine lets them have a file system of their own.
@Suite(.serialized, .enabled(if: HostWorld.hasNamespaces))
struct ContainerFilesTests {
  private let world: HostWorld
  private let volume: String

  init() throws {
    world = try HostWorld(.namespaces)
    volume = world.root + "-volume"
    try FileManager.default.createDirectory(atPath: volume, withIntermediateDirectories: true)
    try write("hello", to: "greeting")
  }

  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(volume)/\(name)", atomically: false, encoding: .utf8)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(volume)/\(name)", encoding: .utf8)
  }

  /// Runs a script with the volume, or something below it, mounted.
  private func run(
    _ script: String, at path: String, _ name: String = "", readOnly: Bool = false
  ) throws -> (exit: ObservedContainer.Exit, lines: [String]) {
    defer { Files.remove(volume) }
    return try world.run(script) {
      $0.mounts = [Mount(containerPath: path, hostPath: volume + name, volumePath: volume, readOnly: readOnly)]
    }
  }

  @Test(arguments: [
    "/data", "/made/for/this", "/etc/config", "/usr/share/of-a-web-server/html", "/var/run/secrets/token", "/dev/data",
  ])
  func aVolumeAppearsWhereThePodWantsItAndNowhereElse(_ path: String) throws {
    let result = try run("cat \(path)/greeting; echo answer > \(path)/answer", at: path)
    #expect(result.lines == ["hello"], "\(result)")
    #expect(result.exit.code == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func whatIsWrittenIntoAVolumeIsInTheVolume() throws {
    let id = world.start("writer", script: "echo answer > /data/answer") {
      $0.mounts = [Mount(containerPath: "/data", hostPath: volume, volumePath: volume)]
    }
    #expect(try world.exit(of: id).code == 0)
    #expect(try read("answer") == "answer\n")
    Files.remove(volume)
  }

  @Test func aReadOnlyMountIsReadOnly() throws {
    let result = try run("cat /data/greeting; echo no > /data/greeting || exit 7", at: "/data", readOnly: true)
    #expect(result.exit.code == 7)
    #expect(result.lines.contains("hello"))
  }

  @Test(arguments: ["/etc/one-file.conf", "/etc/hosts", "/one-file"])
  func aSingleFileCanBeMounted(_ path: String) throws {
    #expect(try run("cat \(path)", at: path, "/greeting").lines == ["hello"])
  }

  @Test func whatIsAroundAMountStaysAsItIs() throws {
    let beside = try run("test -d /usr/bin && test -s /etc/passwd && ls /etc/config /", at: "/etc/config")
    #expect(beside.exit.code == 0, "\(beside)")
    #expect(beside.lines.contains("greeting") && beside.lines.contains("usr"))
    #expect(!beside.lines.contains(".machine"))
  }

  @Test func aVolumeInsideAnotherHasItsPlaceThere() throws {
    defer { Files.remove(volume) }
    try FileManager.default.createDirectory(atPath: volume + "/inner", withIntermediateDirectories: true)
    try write("within", to: "inner/file")
    let result = try world.run("cat /data/greeting /data/sub/file") {
      $0.mounts = [
        Mount(containerPath: "/data", hostPath: volume, volumePath: volume),
        Mount(containerPath: "/data/sub", hostPath: volume + "/inner", volumePath: volume + "/inner"),
      ]
    }
    #expect(result.lines == ["hellowithin"])
  }

  @Test func aChangedLinkIsSeenInsideAndNeverHalfWay() throws {
    for round in 1...2 {
      try FileManager.default.createDirectory(atPath: "\(volume)/..\(round)", withIntermediateDirectories: true)
      try write("version \(round)\n", to: "..\(round)/file")
    }
    symlink("..1", volume + "/..data")
    symlink("..data/file", volume + "/file")
    let script = "cat /data/file; until grep -q 2 /data/file; do sleep 0.01; done; cat /data/file"
    let id = world.start("watcher", script: script) {
      $0.mounts = [Mount(containerPath: "/data", hostPath: volume, volumePath: volume)]
    }
    #expect(world.hasWritten(id))
    symlink("..2", volume + "/..data_tmp")
    rename(volume + "/..data_tmp", volume + "/..data")
    #expect(try world.exit(of: id).code == 0)
    #expect(try world.log(of: id).map(\.content) == ["version 1", "version 2"])
    Files.remove(volume)
  }

  @Test func noLinkLeadsOutOfAVolume() throws {
    symlink("/etc", volume + "/outside")
    symlink("..", volume + "/above")
    for name in ["/outside", "/outside/passwd", "/above"] {
      let id = world.start("leads\(name.replacingOccurrences(of: "/", with: "-"))", script: "ls /data") {
        $0.mounts = [Mount(containerPath: "/data", hostPath: volume + name, volumePath: volume)]
      }
      let exit = try world.exit(of: id)
      #expect(exit.reason == "StartError")
      #expect(try world.log(of: id).isEmpty)
    }
    Files.remove(volume)
  }

  @Test func aMissingDirectoryOfAVolumeIsMade() throws {
    let id = world.start("deep", script: "echo x > /data/file") {
      $0.mounts = [Mount(containerPath: "/data", hostPath: volume + "/a/b", volumePath: volume)]
    }
    #expect(try world.exit(of: id).code == 0)
    #expect(try read("a/b/file") == "x\n")
    Files.remove(volume)
  }

  @Test func whatAContainerWritesElsewhereIsItsOwn() throws {
    let name = "swiftlet-\(UUID().uuidString)"
    let result = try world.run(
      "mkdir /\(name) && echo mine > /\(name)/file && echo mine > /dev/shm/\(name) && ls /dev/shm")
    #expect(result.exit.code == 0)
    #expect(result.lines == [name])
    #expect(!Files.exists("/" + name) && !Files.exists("/dev/shm/" + name))
  }

  @Test func devicesWork() throws {
    let result = try world.run(
      "echo gone > /dev/null; head -c 3 /dev/zero | wc -c; cat < /dev/fd/0; echo err > /dev/stderr")
    #expect(result.exit.code == 0)
    #expect(result.lines.first?.contains("3") == true)
  }

  @Test func namesAreLookedUpAsThePodSays() throws {
    let result = try world.run("cat /etc/resolv.conf /etc/hosts") {
      $0.extensions["resolvConf"] = "nameserver 10.96.0.10\n"
      $0.extensions["hosts"] = "10.244.7.2 me\n"
    }
    #expect(result.lines == ["nameserver 10.96.0.10", "10.244.7.2 me"])
  }

  @Test func lastWordsAreTakenWhereThePodSays() throws {
    #expect(try world.run("echo bye > /dev/termination-log").exit.message == "bye\n")
    let other = try world.run("echo bye > /var/log/last-words") { $0.terminationMessagePath = "/var/log/last-words" }
    #expect(other.exit.message == "bye\n")
    #expect(!Files.exists("/var/log/last-words"))
  }

  @Test func aWorkingDirectoryThatIsMissingIsMade() throws {
    #expect(try world.run("pwd") { $0.workingDirectory = "/app/inner" }.lines == ["/app/inner"])
    #expect(!Files.exists("/app"))
  }

  @Test func aPodOfTheHostsNetworkHasItsFilesToo() throws {
    defer { Files.remove(volume) }
    let pod = PodIdentity(namespace: "default", name: "host", uid: "uid-host")
    world.perform(.startSandbox(pod, extensions: ["hostNetwork": true]))
    let id = world.start("host", script: "cat /data/greeting") {
      $0.mounts = [Mount(containerPath: "/data", hostPath: volume, volumePath: volume)]
    }
    #expect(try world.exit(of: id).code == 0)
    #expect(try world.log(of: id).map(\.content) == ["hello"])
  }

  @Test func nothingIsMountedOnTheMachineAndNothingIsLeft() throws {
    let id = world.start("short", script: "echo x > /etc/x; cat /data/greeting") {
      $0.mounts = [Mount(containerPath: "/data", hostPath: volume, volumePath: volume)]
    }
    _ = try world.exit(of: id)
    let mounts = Files.read("/proc/self/mountinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(!mounts.isEmpty && !mounts.contains(world.root))
    world.perform(.remove(id))
    #expect(world.wait { (try? Files.exists(world.directory(id).path)) == false })
    #expect(try read("greeting") == "hello")
    Files.remove(volume)
    _ = try world.run("echo x > /etc/x; mkdir -p /closed/in; chmod 0 /closed")
    try #require(world.runtime as? ProcessRuntime).removeEverything()
    #expect(!Files.exists(world.root))
  }
}

@Suite struct MountlessTests {
  @Test func withoutNamespacesAContainerIsToldWhereItsVolumesAre() throws {
    let world = try HostWorld(.host)
    let volume = world.root + "/a-volume"
    let result = try world.run("echo $MOUNT_ETC_CONFIG_D") {
      $0.mounts = [Mount(containerPath: "/etc/config.d", hostPath: volume, volumePath: volume)]
    }
    #expect(result.lines.count == 2)
    #expect(result.lines.first?.contains("/etc/config.d") == true)
    #expect(result.lines.last == volume)
  }
}
