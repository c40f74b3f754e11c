// A shim leaves nothing behind. Where the shim itself was killed, the runtime ends what its container has left: the
// processes of its session, and those that moved to another but kept the container's environment.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum Leftovers {
  /// How often to look again, with `pause` milliseconds between.
  private static let rounds = 50
  private static let pause: Int32 = 20

  /// Kills every process of the container that was once started like this. `mark` is an entry of its environment
  /// that no other container has.
  static func kill(of started: StartRecord, mark: String) {
    // Since the machine's restart the number may be anybody's.
    guard started.birth.hasSuffix("@" + HostProcess.machineStart) else { return }
    for _ in 0..<rounds {
      let leader = HostProcess.find(started.process)
      // A session keeps its number from being used again, but not beyond its last process.
      let keepsSession = leader == nil || leader?.birth == started.birth
      let left = HostProcess.all().filter { process in
        !process.isZombie && process.number != getpid()
          && (keepsSession && process.session == started.process || has(mark, process.environment))
      }
      if left.isEmpty { return }
      for process in left { end(process.number) }
      _ = waitForInput([], timeout: pause)
    }
  }

  private static func has(_ mark: String, _ environment: [UInt8]) -> Bool {
    environment.split(separator: 0).contains { $0.elementsEqual(mark.utf8) }
  }
}

private func end(_ process: pid_t) { kill(process, SIGKILL) }
