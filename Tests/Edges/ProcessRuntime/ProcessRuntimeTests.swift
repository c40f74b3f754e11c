import Foundation
import Objects
import Pods
import Testing

@testable import ProcessRuntime

/// One after the other: they count processes and open files.
@Suite(.serialized)
struct ProcessRuntimeTests {
  @Test(arguments: containerRuntimeContract)
  func keepsTheContract(_ check: ContractCheck) throws {
    var world: any RuntimeWorld = try HostWorld()
    try check.run(&world)
  }

  @Test(.enabled(if: HostWorld.hasNamespaces), arguments: containerRuntimeContract)
  func keepsTheContractInNamespaces(_ check: ContractCheck) throws {
    var world: any RuntimeWorld = try HostWorld(.namespaces)
    try check.run(&world)
  }

  // MARK: What a container gets

  @Test func theEnvironmentIsCleanAndTheContainersOwnVariablesWin() throws {
    let world = try HostWorld()
    setenv("LEFT_OVER", "from the agent", 1)
    let result = try world.run("env | sort") {
      $0.environment = [
        .init(name: "COLOUR", value: "red"), .init(name: "COLOUR", value: "blue"), .init(name: "HOME", value: "/h"),
        .init(name: "LINES_OF_TEXT", value: "back\\slash and = and \u{e9}"),
      ]
    }
    let variables = result.lines.filter { !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") && !$0.hasPrefix("SHLVL=") }
    #expect(variables.contains("COLOUR=blue"))
    #expect(variables.contains("HOME=/h"))
    #expect(variables.contains("LINES_OF_TEXT=back\\slash and = and \u{e9}"))
    #expect(variables.contains { $0.hasPrefix("HOSTNAME=pod-script-") })
    #expect(variables.filter { $0.hasPrefix("PATH=") }.count == 1)
    #expect(variables.count == 7, "\(variables)")
  }

  @Test func theWorkingDirectoryIsTheOneAskedForOrTheContainersOwn() throws {
    let world = try HostWorld()
    #expect(try world.run("pwd") { $0.workingDirectory = "/usr/bin" }.lines == ["/usr/bin"])
    for missing in [nil, "/no/such/place"] {
      let path = try world.run("pwd") { $0.workingDirectory = missing }.lines.first
      #expect(path?.hasSuffix("/scratch") == true)
    }
  }

  @Test func noOpenFileButTheThreeOfEveryProgramIsPassedOn() throws {
    let world = try HostWorld()
    let leak = open("/dev/null", O_RDONLY)
    defer { close(leak) }
    // The fourth is the listing's own.
    #expect(try world.run("ls /dev/fd | wc -l").lines.map { $0.filter { $0 != " " } } == ["4"])
  }

  @Test func standardInputIsEmptyUnlessItIsToStayOpen() throws {
    let world = try HostWorld()
    #expect(try world.run("cat; echo end").lines == ["end"])
    let id = world.start("open", script: "echo ready; read line; echo \"got $line\"") { $0.standardInput = true }
    #expect(world.wait { (try? world.log(of: id).count) == 1 })
    try Descriptor(opening: world.directory(id).input, O_WRONLY).write(Array("hello\n".utf8))
    #expect(try world.exit(of: id).code == 0)
    #expect(try world.log(of: id).map(\.content) == ["ready", "got hello"])
  }

  // MARK: How it ends

  @Test func aSignalIsReportedAsKubernetesReportsIt() throws {
    let world = try HostWorld()
    for (name, number) in [("TERM", 15), ("KILL", 9), ("SEGV", 11)] {
      let exit = try world.run("kill -\(name) $$").exit
      #expect(exit.signal == number)
      #expect(exit.code == 128 + number)
      #expect(exit.reason == "Error")
    }
  }

  @Test func aProgramThatCannotBeRunIsAStartErrorThatSaysWhy() throws {
    let world = try HostWorld()
    let cases = [
      ("nosuch", "exec: \"nosuch\": executable file not found in $PATH"),
      ("/no/such", "exec: \"/no/such\": stat /no/such: no such file or directory"),
      ("/etc/passwd", "exec: \"/etc/passwd\": permission denied"),
    ]
    for (position, (command, message)) in cases.enumerated() {
      let id = world.start("bad-\(position)") { $0.command = [command, "argument"] }
      let exit = try world.exit(of: id)
      #expect(exit.code == 128)
      #expect(exit.reason == "StartError")
      #expect(exit.message == message)
    }
  }

  @Test func aNameThatLeadsElsewhereIsRefused() throws {
    let world = try HostWorld()
    let pod = PodIdentity(namespace: "default", name: "web", uid: "uid")
    for name in ["../../outside", ".", ""] {
      let id = ContainerID(podUID: "uid", name: name, attempt: 0)
      world.perform(.start(world.configuration(id, in: pod, .runUntilAsked)))
      #expect(world.wait { world.container(id)?.state.isFailure == true })
      world.perform(.remove(id))
    }
    let outside = PodIdentity(namespace: "default", name: "web", uid: "../outside")
    world.perform(.startSandbox(outside))
    #expect(world.wait { world.runtime.pods().contains { $0.sandboxFailure != nil } })
    #expect(Files.list(world.root) == ["pods"])
  }

  @Test func theTerminationMessageIsTheEndOfItsFile() throws {
    let world = try HostWorld()
    #expect(try world.run("echo bye > $TERMINATION_MESSAGE_PATH").exit.message == "bye\n")
    #expect(try world.run("true").exit.message == nil)
    let long = try world.run("head -c 100000 /dev/zero | tr '\\0' x > $TERMINATION_MESSAGE_PATH; exit 1").exit
    #expect(long.message == String(repeating: "x", count: 4096))
    let odd = try world.run("head -c 100000 /dev/urandom > $TERMINATION_MESSAGE_PATH").exit
    #expect((odd.message ?? "").utf8.count <= 4096)
  }

  @Test func nothingThatAContainerHasStartedOutlivesIt() throws {
    let world = try HostWorld()
    let result = try world.run(
      "sleep 1000 & echo $!; (setsid sleep 1001 & echo $!); (trap '' TERM HUP; sleep 1002) & echo $!; exit 3")
    #expect(result.exit.code == 3)
    #expect(result.lines.count == 3)
    #expect(!result.lines.compactMap { pid_t($0) }.contains(where: isAlive))
  }

  @Test func orphansOfARunningContainerLeaveNoZombies() throws {
    let world = try HostWorld()
    let id = world.start("orphans", script: "for i in 1 2 3 4 5; do (true &) ; done; echo done; exec sleep 1000")
    #expect(world.wait { (try? world.log(of: id).count) == 1 })
    let shim = try world.shim(of: id)
    #expect(world.wait { HostProcess.all().filter { $0.parent == shim }.count == 1 })
  }

  // MARK: What it survives

  @Test func withoutItsShimAContainerIsEndedAndReportedAsLost() throws {
    let world = try HostWorld()
    let id = world.start("lost", script: "sleep 1000 & echo $!; setsid sleep 1001 & echo $!; wait")
    #expect(world.wait { (try? world.log(of: id).count) == 2 })
    let processes = try world.log(of: id).compactMap { pid_t($0.content) } + [world.process(of: id)]
    #expect(processes.allSatisfy(isAlive))
    kill(try world.shim(of: id), SIGKILL)
    let exit = try world.exit(of: id)
    #expect(exit.code == 137)
    #expect(exit.reason == "ContainerStatusUnknown")
    #expect(!processes.contains(where: isAlive))
    #expect(try world.log(of: id).count == 2)
  }

  @Test func aShimThatDiedWhileNoAgentLookedIsNoticedByTheNext() throws {
    let world = try HostWorld()
    let id = world.start("lost", script: "sleep 1000 & echo $!; wait")
    #expect(world.wait { (try? world.log(of: id).count) == 1 })
    let child = try #require(world.log(of: id).compactMap { pid_t($0.content) }.first)
    try world.restartAgent(after: {
      let shim = try world.shim(of: id)
      kill(shim, SIGKILL)
      waitpid(shim, nil, 0)
    })
    #expect(try world.exit(of: id).reason == "ContainerStatusUnknown")
    #expect(!isAlive(child))
    let first = world.container(id)
    try world.restartAgent()
    #expect(world.container(id) == first)
  }

  @Test func aProcessThatOnlyHasTheSameNumberIsLeftAlone() throws {
    let world = try HostWorld()
    let id = world.start("early", script: "exit 0")
    _ = try world.exit(of: id)
    #expect(world.wait { world.openFiles == 0 })
    let bystander = Process()
    bystander.executableURL = URL(fileURLWithPath: "/bin/sleep")
    bystander.arguments = ["1000"]
    try bystander.run()
    defer { kill(bystander.processIdentifier, SIGKILL) }
    // As after a restart of the machine: a record, no exit, no shim, and the number in other hands.
    try world.restartAgent(after: {
      let directory = try world.directory(id)
      Files.remove(directory.exited)
      let started = try #require(StartRecord(Record.read(directory.started)))
      try StartRecord(process: bystander.processIdentifier, birth: started.birth, startedAt: started.startedAt)
        .record.write(to: directory.started)
    })
    #expect(try world.exit(of: id).reason == "ContainerStatusUnknown")
    #expect(bystander.isRunning)
  }

  @Test func aStartOfWhichOnlyTheIntentionIsLeftIsForgotten() throws {
    let world = try HostWorld()
    let id = world.start("half", script: "exit 0")
    _ = try world.exit(of: id)
    #expect(world.wait { world.openFiles == 0 })
    try world.restartAgent(after: {
      let directory = try world.directory(id)
      Files.remove(directory.started)
      Files.remove(directory.exited)
    })
    #expect(world.container(id) == nil)
    #expect(world.runtime.pods().count == 1)
  }

  @Test func aMissingShimProgramIsAnErrorOfTheContainer() throws {
    let world = try HostWorld()
    let runtime = try ProcessRuntime(directory: world.root + "/other", executable: "/no/such/program")
    let pod = PodIdentity(namespace: "default", name: "web", uid: "uid")
    let id = ContainerID(podUID: "uid", name: "main", attempt: 0)
    runtime.perform(.start(world.configuration(id, in: pod, .runUntilAsked)), at: world.now)
    #expect(world.wait { runtime.pods().first?.containers.first?.state.isFailure == true })
  }

  @Test func fiftyContainersAtOnceLeaveNeitherProcessesNorOpenFiles() throws {
    let world = try HostWorld()
    let ids = (0..<50).map { world.start("many-\($0)", script: "echo $HOSTNAME; exec sleep 1000") }
    for id in ids { #expect(world.wait { (try? world.log(of: id).count) == 1 }) }
    #expect(world.wait { world.openFiles == 50 })
    let processes = try ids.flatMap { try [world.process(of: $0), world.shim(of: $0)] }
    for id in ids { world.perform(.stop(id, gracePeriod: 1000)) }
    for id in ids { #expect(try world.exit(of: id).code == 143) }
    // Zombies would still be found.
    #expect(world.wait { processes.allSatisfy { HostProcess.find($0) == nil } })
    #expect(world.wait { world.openFiles == 0 })
    for pod in world.runtime.pods() { world.perform(.removeSandbox(pod.identity)) }
    #expect(world.runtime.pods().isEmpty)
    #expect(world.wait { Files.list(world.root + "/pods").isEmpty })
  }
}
