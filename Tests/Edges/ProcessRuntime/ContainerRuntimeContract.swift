// What every container runtime promises, as checks that run on any of them. A world is a runtime together with the
// power over its surroundings that the checks need; its time may be real or simulated.

import Objects
import Pods
import Testing

/// A runtime, and what lies around it.
protocol RuntimeWorld {
  var runtime: any ContainerRuntime { get }
  var now: Time { get }

  /// A container that behaves like this, in this world.
  func configuration(_ id: ContainerID, in pod: PodIdentity, _ behaviour: ContainerBehaviour) -> ContainerConfiguration

  /// Lets time pass until the condition holds; false when it does not come true in any reasonable time.
  func wait(until condition: () -> Bool) -> Bool

  /// The agent ends without a word and a new one begins, with a new runtime over what the old one has left.
  mutating func restartAgent() throws
}

enum ContainerBehaviour {
  /// Prints the lines to standard output and exits.
  case printAndExit([String], code: Int)
  /// Runs until it is asked to end.
  case runUntilAsked
  /// Runs, and takes no notice of being asked to end; prints a line when it has begun to.
  case ignoreRequests
  /// Has an image that cannot be had.
  case haveNoImage
}

/// One promise.
struct ContractCheck: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let run: @Sendable (inout any RuntimeWorld) throws -> Void

  init(_ promise: String, _ run: @escaping @Sendable (inout any RuntimeWorld) throws -> Void) {
    testDescription = promise
    self.run = run
  }
}

private let web = PodIdentity(namespace: "default", name: "web", uid: "web-uid")
private let main = ContainerID(podUID: "web-uid", name: "main", attempt: 0)

let containerRuntimeContract: [ContractCheck] = [
  ContractCheck("a sandbox has an address, and asking twice makes one") { world in
    world.perform(.startSandbox(web))
    world.perform(.startSandbox(web))
    #expect(world.wait { world.runtime.pods().first?.addresses.isEmpty == false })
    #expect(world.runtime.pods().map(\.identity) == [web])
    #expect(world.runtime.pods().first?.sandboxFailure == nil)
  },

  ContractCheck("pods are sorted by namespace, name and UID") { world in
    let pods = [("b", "a", "4"), ("a", "b", "3"), ("a", "a", "2"), ("a", "a", "1")]
      .map { PodIdentity(namespace: $0.0, name: $0.1, uid: $0.2) }
    for pod in pods { world.perform(.startSandbox(pod)) }
    #expect(world.runtime.pods().map(\.identity) == pods.reversed())
  },

  ContractCheck("a container that has been asked for is there at once") { world in
    world.start(main, .runUntilAsked)
    let state = try #require(world.container(main)).state
    if case .failedToStart = state { Issue.record("\(state)") }
    if case .exited = state { Issue.record("\(state)") }
  },

  ContractCheck("an exit code is reported, with times and a reason") { world in
    for code in [0, 1, 255] {
      let id = ContainerID(podUID: web.uid, name: "exits-\(code)", attempt: 0)
      world.start(id, .printAndExit([], code: code))
      let exit = try world.exit(of: id)
      #expect(exit.code == code)
      #expect(exit.signal == nil)
      #expect(exit.reason == (code == 0 ? "Completed" : "Error"))
      #expect(exit.startedAt <= exit.finishedAt)
    }
  },

  ContractCheck("starting the same container again changes nothing, whether it runs or has exited") { world in
    world.start(main, .runUntilAsked)
    #expect(world.isRunning(main))
    let running = world.container(main)
    world.start(main, .runUntilAsked)
    #expect(world.container(main) == running)
    world.perform(.stop(main, gracePeriod: 0))
    _ = try world.exit(of: main)
    let exited = world.container(main)
    world.start(main, .runUntilAsked)
    #expect(world.runtime.pods().first?.containers == [exited].compactMap(\.self))
  },

  ContractCheck("a container that is asked to stop ends within its grace period") { world in
    world.start(main, .runUntilAsked)
    #expect(world.isRunning(main))
    world.perform(.stop(main, gracePeriod: 1000))
    let exit = try world.exit(of: main)
    #expect(exit.signal != 9)
    #expect(world.container(main)?.isStopping == false)
  },

  ContractCheck("a container that takes no notice is killed when the grace period has passed") { world in
    world.start(main, .ignoreRequests)
    #expect(world.hasWritten(main))
    world.perform(.stop(main, gracePeriod: 1))
    #expect(world.container(main)?.isStopping == true)
    let exit = try world.exit(of: main)
    #expect(exit.code == 137)
    #expect(exit.signal == 9)
    #expect(exit.reason == "Error")
  },

  ContractCheck("a second stop shortens the grace period, and never lengthens it") { world in
    world.start(main, .ignoreRequests)
    #expect(world.hasWritten(main))
    world.perform(.stop(main, gracePeriod: 100_000))
    world.perform(.stop(main, gracePeriod: 1))
    world.perform(.stop(main, gracePeriod: 200_000))
    let exit = try world.exit(of: main)
    #expect(exit.code == 137)
  },

  ContractCheck("a grace period of 0 kills at once") { world in
    world.start(main, .runUntilAsked)
    #expect(world.isRunning(main))
    world.perform(.stop(main, gracePeriod: 0))
    let exit = try world.exit(of: main)
    #expect(exit.code == 137)
  },

  ContractCheck("a stop right after the start is not lost") { world in
    world.start(main, .runUntilAsked)
    world.perform(.stop(main, gracePeriod: 0))
    _ = try world.exit(of: main)
  },

  ContractCheck("a container without image never runs, and says why") { world in
    world.start(main, .haveNoImage)
    #expect(world.wait { world.container(main)?.state.isFailure == true })
    guard case .failedToStart(let reason, let message, _) = world.container(main)?.state else { return }
    #expect(reason == "ErrImagePull")
    #expect(!message.isEmpty)
  },

  ContractCheck("only what has ended can be removed, and then it is gone with its log") { world in
    world.start(main, .runUntilAsked)
    #expect(world.isRunning(main))
    world.perform(.remove(main))
    #expect(world.isRunning(main))
    world.perform(.stop(main, gracePeriod: 0))
    _ = try world.exit(of: main)
    world.perform(.remove(main))
    #expect(world.wait { world.container(main) == nil })
    #expect(world.runtime.pods().map(\.identity) == [web])
    #expect(throws: (any Error).self) { try world.runtime.logs(of: main, from: 0) }
  },

  ContractCheck("every attempt is reported, oldest first, until it is removed") { world in
    for attempt in 0..<3 {
      let id = ContainerID(podUID: web.uid, name: "main", attempt: attempt)
      world.start(id, .printAndExit([], code: attempt))
      let exit = try world.exit(of: id)
      #expect(exit.code == attempt)
    }
    #expect(world.runtime.pods().first?.containers.map(\.id.attempt) == [0, 1, 2])
    world.perform(.remove(ContainerID(podUID: web.uid, name: "main", attempt: 1)))
    #expect(world.wait { world.runtime.pods().first?.containers.map(\.id.attempt) == [0, 2] })
  },

  ContractCheck("a pod can be removed when the last of its containers has ended, and not before") { world in
    world.start(main, .runUntilAsked)
    #expect(world.isRunning(main))
    world.perform(.removeSandbox(web))
    #expect(world.isRunning(main))
    world.perform(.stop(main, gracePeriod: 0))
    _ = try world.exit(of: main)
    world.perform(.removeSandbox(web))
    #expect(world.wait { world.runtime.pods().isEmpty })
    world.perform(.removeSandbox(web))
    #expect(world.runtime.pods().isEmpty)
  },

  ContractCheck("actions on what nobody knows do nothing") { world in
    world.perform(.stop(main, gracePeriod: 0))
    world.perform(.remove(main))
    world.perform(.removeSandbox(web))
    #expect(world.runtime.pods().isEmpty)
    #expect(throws: (any Error).self) { try world.runtime.logs(of: main, from: 0) }
  },

  ContractCheck("a log has every line, in the CRI format, and goes on from any line") { world in
    world.start(main, .printAndExit(["one", "two", "three"], code: 0))
    _ = try world.exit(of: main)
    let lines = try world.log(of: main)
    #expect(lines.map(\.content) == ["one", "two", "three"])
    #expect(lines.allSatisfy { $0.stream == "stdout" && $0.tag == "F" && $0.time.hasSuffix("Z") })
    let second = try #require(lines.dropFirst().first)
    let rest = try world.log(of: main, from: second.offset)
    #expect(rest.map(\.content) == ["two", "three"])
    let end = try #require(lines.last).end
    let nothing = try world.runtime.logs(of: main, from: end)
    #expect(nothing.bytes.isEmpty)
    #expect(nothing.nextOffset == end)
  },

  ContractCheck("the logs of earlier attempts stay until they are removed") { world in
    let again = ContainerID(podUID: web.uid, name: "main", attempt: 1)
    world.start(main, .printAndExit(["first"], code: 1))
    _ = try world.exit(of: main)
    world.start(again, .printAndExit(["second"], code: 0))
    _ = try world.exit(of: again)
    let logs = try [main, again].map { try world.log(of: $0).map(\.content) }
    #expect(logs == [["first"], ["second"]])
  },

  ContractCheck("a new agent finds what the old one started, as it is") { world in
    let names = ["runs", "exited", "failed"].map { ContainerID(podUID: web.uid, name: $0, attempt: 0) }
    world.start(names[0], .runUntilAsked)
    world.start(names[1], .printAndExit(["last words"], code: 7))
    world.start(names[2], .haveNoImage)
    #expect(world.isRunning(names[0]))
    let early = try world.exit(of: names[1])
    #expect(early.code == 7)
    #expect(world.wait { world.container(names[2])?.state.isFailure == true })
    let before = world.runtime.pods()
    try world.restartAgent()
    #expect(world.wait { world.runtime.pods() == before })
    #expect(world.runtime.pods() == before)
    let log = try world.log(of: names[1])
    #expect(log.map(\.content) == ["last words"])
    world.perform(.stop(names[0], gracePeriod: 0))
    let late = try world.exit(of: names[0])
    #expect(late.code == 137)
  },

  ContractCheck("a container that ends while no agent looks is reported to the next") { world in
    world.start(main, .ignoreRequests)
    #expect(world.hasWritten(main))
    world.perform(.stop(main, gracePeriod: 2))
    try world.restartAgent()
    let exit = try world.exit(of: main)
    #expect(exit.code == 137)
    #expect(exit.reason == "Error")
  },

  ContractCheck("every change is announced with the pod's UID") { world in
    let announced = Announcements()
    world.runtime.onChange { announced.add($0) }
    for (expected, action) in [RuntimeAction.startSandbox(web), .stop(main, gracePeriod: 0)].enumerated() {
      if expected == 1 { world.start(main, .runUntilAsked) }
      world.perform(action)
      #expect(world.wait { announced.count > expected })
    }
    _ = try world.exit(of: main)
    let before = announced.count
    world.perform(.removeSandbox(web))
    #expect(world.wait { announced.count > before })
    #expect(announced.all.allSatisfy { $0 == web.uid })
  },
]
