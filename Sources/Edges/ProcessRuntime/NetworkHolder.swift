// The pods' network, on Linux and without privileges: a process that has taken a user namespace, in which it is root,
// and a network namespace, in which it has made a bridge. Every pod gets a network namespace with a cable to that
// bridge. The process does nothing by itself. It is what keeps all this alive when the cluster's process ends or is
// killed, and what a later one finds it by, through a socket in the data directory:
//
//     socket stream [UID]      a socket in the bridge's network, or in that pod's, handed over
//     socket datagram [UID]
//     pod UID ADDRESS          "made", or "kept" when it was there
//     remove UID
//     outbound                 "ok" when what pods send to the outside world comes to a port of the bridge
//     enter [UID]              the user namespace and, for a pod, its network, to be entered
//     end
//
// The bridge has the address 10.244.0.1, and services' addresses, 10.96.0.0/12, are its namespace's own: whoever listens
// there, on a socket that was handed over, is reached by every pod under a cluster IP.
//
// It ends when asked, and when there is no pod and nobody is connected.

#if os(Linux)
  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  final class NetworkHolder {
    static let socketName = "holder"
    static let ready = "ready\n"

    private let calls: HiddenCalls
    private let listener: LocalSocket
    private let directory: String
    private let users: Descriptor
    private let network: Descriptor
    private let netlink: Netlink
    /// Why pods cannot reach the outside world; nil when they can.
    private let outboundProblem: SystemError?
    private var pods: [String: Pod] = [:]
    private var cables = 0

    private struct Pod {
      let address: String
      let network: Descriptor
    }

    /// Only for a process with a single thread.
    init(directory: String) throws {
      leaveAgent()
      self.directory = directory
      calls = try HiddenCalls()
      let (user, group) = (geteuid(), getegid())
      try calls.leave([.users, .network])
      // Whoever could leave groups could see what is kept from them: so a mapping of groups takes this first.
      try write("deny", to: "/proc/self/setgroups")
      try write("0 \(user) 1", to: "/proc/self/uid_map")
      try write("0 \(group) 1", to: "/proc/self/gid_map")
      users = try Descriptor(opening: "/proc/self/ns/user", O_RDONLY)
      network = try Descriptor(opening: "/proc/self/ns/net", O_RDONLY)
      netlink = try Netlink()
      try netlink.raise("lo")
      // Of its own, or it would change with every cable and neighbours would send to the old one.
      try netlink.addBridge(bridge, hardwareAddress: [0x0A, 0x58] + gateway.bytes)
      try netlink.addAddress(gateway, length: 16, to: bridge)
      try netlink.addRoute(to: services, length: 12, .local)
      do throws(SystemError) {
        try Netfilter.redirectOutbound(to: UInt16(OutboundRelay.port))
        outboundProblem = nil
      } catch {
        outboundProblem = error
      }
      // So that everything else that leaves is refused at once, and not just lost.
      try? write("1", to: "/proc/sys/net/ipv4/ip_forward")
      listener = try LocalSocket.listening(at: Self.socketName, in: directory)
    }

    func run() {
      var connections: [LocalSocket] = []
      var patience: Int32 = 10_000
      while true {
        let ready = waitForInput(
          [listener.descriptor.number] + connections.map(\.descriptor.number), timeout: patience)
        if patience > 0 && !ready.contains(true) { break }
        let count = connections.count
        var isAskedToEnd = false
        connections = zip(connections, ready.dropFirst()).filter { connection, isReady in
          guard isReady else { return true }
          guard let request = try? connection.receive()?.text else { return false }
          isAskedToEnd = isAskedToEnd || request == "end"
          return reply(to: request, on: connection)
        }.map(\.0)
        if isAskedToEnd || (connections.count < count && connections.isEmpty && pods.isEmpty && !ready[0]) { break }
        if ready[0], let connection = listener.accept() {
          connections.append(connection)
          patience = -1
        }
      }
      Files.remove(directory + "/" + Self.socketName)
    }

    /// False when nobody takes the answer.
    private func reply(to request: String, on connection: LocalSocket) -> Bool {
      do {
        let (text, files) = try answer(request.split(separator: " ").map { String($0) })
        try connection.send(text, with: files)
      } catch {
        return (try? connection.send("error \(error)")) != nil
      }
      return true
    }

    private func answer(_ words: [String]) throws -> (String, [Descriptor]) {
      let pod = words.last.flatMap { pods[$0] }
      switch (words.first, words.count) {
      case ("socket", 2): return ("ok", [try openSocket(words[1])])
      case ("socket", 3):
        guard let pod else { throw SystemError("find the pod's network", code: ENOENT) }
        return ("ok", [try inside(pod.network) { () throws in try openSocket(words[1]) }])
      case ("pod", 3): return (try makePod(words[1], address: words[2]), [])
      case ("remove", 2):
        // With its last user a network goes, and the cable with it.
        pods[words[1]] = nil
        return ("ok", [])
      case ("enter", 1): return ("ok", [users])
      case ("enter", 2):
        guard let pod else { throw SystemError("find the pod's network", code: ENOENT) }
        return ("ok", [users, pod.network])
      case ("outbound", 1):
        if let outboundProblem { throw outboundProblem }
        return ("ok", [])
      case ("end", 1): return ("ok", [])
      default: throw SystemError("understand \"\(words.joined(separator: " "))\"", code: EINVAL)
      }
    }

    private func openSocket(_ kind: String) throws(SystemError) -> Descriptor {
      let type = kind == "datagram" ? SOCK_DGRAM : SOCK_STREAM
      let number = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
      guard number >= 0 else { throw SystemError("open a socket") }
      return Descriptor(owning: number)
    }

    private func makePod(_ uid: String, address text: String) throws -> String {
      if let pod = pods[uid], pod.address == text { return "kept" }
      guard let address = Netlink.Address(text) else { throw SystemError("use the address \(text)", code: EINVAL) }
      pods[uid] = nil
      let (own, inner) = try inside(nil) { () throws in
        (try Descriptor(opening: "/proc/self/ns/net", O_RDONLY), try Netlink())
      }
      cables += 1
      try netlink.addCable("pod\(cables)", to: if_nametoindex(bridge), other: own)
      try inside(own) { () throws in
        try inner.raise("lo")
        try inner.addAddress(address, length: 16, to: "eth0")
        try inner.raise("eth0")
        try inner.addRoute(to: services, length: 12, .gateway(gateway))
        if outboundProblem == nil { try inner.addRoute(to: nil, length: 0, .gateway(gateway)) }
      }
      pods[uid] = Pod(address: text, network: own)
      return "made"
    }

    /// Does something in another network, or in a new one.
    private func inside<Result>(_ other: Descriptor?, _ body: () throws -> Result) throws -> Result {
      if let other { try calls.enter(other, .network) } else { try calls.leave(.network) }
      let result = Swift.Result(catching: body)
      // Were this to fail, everything after it would happen in a pod.
      guard (try? calls.enter(network, .network)) != nil else { exit(1) }
      return try result.get()
    }
  }

  private let bridge = "pods"
  private let gateway = Netlink.Address(10, 244, 0, 1)
  private let services = Netlink.Address(10, 96, 0, 0)

  private func write(_ text: String, to path: String) throws(SystemError) {
    try Descriptor(opening: path, O_WRONLY).write(Array(text.utf8))
  }
#endif

/// Runs the process that holds the pods' network of this directory; answers with an exit code.
///
/// The binary calls this before anything else when its first argument is "network", with the arguments that follow.
/// Its standard output says "ready", or its standard error why there can be no such network.
public func runNetworkHolder(arguments: [String]) -> Int32 {
  #if os(Linux)
    guard arguments.count == 1, let directory = arguments.first else {
      return complain("network: for use by the process runtime; takes a directory")
    }
    do {
      let holder = try NetworkHolder(directory: directory)
      try Descriptor(duplicating: 1).write(Array(NetworkHolder.ready.utf8))
      let nothing = try Descriptor(opening: "/dev/null", O_RDWR)
      for number in Int32(0)..<3 { dup2(nothing.number, number) }
      holder.run()
      return 0
    } catch {
      return complain("\(error)")
    }
  #else
    return complain("network: only Linux has networks for processes of their own")
  #endif
}
