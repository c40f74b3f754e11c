// How pods come by addresses, in the best of three forms that a machine allows.

import Pods
public import Services
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The network of the pods of one cluster, which all its nodes on this machine share.
public final class PodNetwork: ClusterNetwork {
  public enum Form: String, Sendable, CaseIterable {
    /// A network namespace for every pod, with an address in 10.244.0.0/16 and a localhost of its own. Linux, where
    /// users may make namespaces; neither root nor programs have to be there for it.
    case namespaces
    /// An address in 127.244.0.0/16 of the machine itself for every pod, told by `POD_IP`. Linux.
    case loopback
    /// 127.0.0.1 for all.
    case host
  }

  public let form: Form
  /// Why it is not the best form, and what this one cannot do: a sentence for people. Nil when there is nothing to say.
  public var limits: String? {
    #if os(Linux)
      return outboundProblem.withLock { $0 } ?? formLimits
    #else
      return formLimits
    #endif
  }

  private let formLimits: String?
  /// Where the holder of the namespaces is found; nil in the other forms.
  let directory: String?
  private let executable: String
  /// The pods that a new holder would have to make again: UID and address.
  private let pods = Mutex<[String: String]>([:])

  /// The machine's own network, without anything to be kept.
  public static let host = PodNetwork(form: .host, executable: "")

  private init(form: Form, directory: String? = nil, executable: String, why: String? = nil) {
    self.form = form
    self.directory = directory
    self.executable = executable
    let sentence: String? =
      switch form {
      case .namespaces: nil
      case .loopback:
        "pods share this machine's network: two of them collide when both listen on 0.0.0.0 with one port; each can "
          + "listen on an address of its own, $POD_IP"
      case .host: "pods share this machine's network and its address: two of them cannot listen on one port"
      }
    formLimits = sentence.map { $0 + (why.map { " (\($0))" } ?? "") }
  }

  /// Opens the network of this directory: finds what an earlier process has left of it, or begins.
  /// - Parameters:
  ///   - executable: the program whose `main` begins with `runHiddenCommand`.
  ///   - form: nil for the best that works.
  /// - Throws: when that form was asked for and does not work.
  public static func open(directory: String, executable: String, form: Form? = nil) throws -> PodNetwork {
    switch form {
    case .loopback?, .host?: return PodNetwork(form: form ?? .host, executable: executable)
    case .namespaces?, nil: break
    }
    do {
      return try openNamespaces(directory, executable)
    } catch  where form == nil {
      #if os(Linux)
        return PodNetwork(form: .loopback, executable: executable, why: "no network namespaces: \(error)")
      #else
        return PodNetwork(form: .host, executable: executable)
      #endif
    }
  }

  private static func openNamespaces(_ directory: String, _ executable: String) throws -> PodNetwork {
    #if os(Linux)
      try Files.makeDirectory(directory)
      let network = PodNetwork(form: .namespaces, directory: directory, executable: executable)
      // The last thing an idle holder waits for is that nobody is connected: this connection says that somebody is.
      network.lease.withLock { $0 = try? HolderConnection(to: directory) }
      _ = try network.ask("socket stream")
      network.openWayOut()
      return network
    #else
      throw SystemError("use network namespaces", code: ENOTSUP)
    #endif
  }

  #if os(Linux)
    private let lease = Mutex<HolderConnection?>(nil)
    private let relay = Mutex<OutboundRelay?>(nil)
    private let outboundProblem = Mutex<String?>(nil)

    private func openWayOut() {
      do {
        _ = try ask("outbound")
        relay.withLock { $0 = nil }
        let listener = try listen(address: "10.244.0.1", port: OutboundRelay.port, transport: .tcp)
        let next = try OutboundRelay(Descriptor(owning: listener))
        relay.withLock { $0 = next }
        outboundProblem.withLock { $0 = nil }
      } catch {
        outboundProblem.withLock {
          $0 = "pods reach each other, services and this machine's cluster, but nothing outside (\(error))"
        }
      }
    }

    /// Asks the holder. When there is none any more, a new one is started and makes the pods' networks anew.
    private func ask(_ request: String) throws -> (text: String, files: [Descriptor]) {
      guard let directory else { throw SystemError("find the pods' network", code: ENOTSUP) }
      if let connection = try? HolderConnection(to: directory) { return try connection.ask(request) }
      let isNew = try lease.withLock { lease in
        if let found = try? HolderConnection(to: directory) {
          lease = found
          return false
        }
        try HolderConnection.start(executable, directory: directory)
        let connection = try HolderConnection(to: directory)
        for (uid, address) in pods.withLock({ $0 }) { try connection.ask("pod \(uid) \(address)") }
        lease = connection
        return true
      }
      if isNew && relay.withLock({ $0 != nil }) { openWayOut() }
      return try HolderConnection(to: directory).ask(request)
    }
  #endif

  /// A socket of the cluster's network or of a pod's, which does not block.
  func openSocketInside(isDatagram: Bool, _ pod: String?) throws -> Descriptor {
    #if os(Linux)
      let kind = isDatagram ? "datagram" : "stream"
      let files = try ask("socket \(kind)" + (pod.map { " " + $0 } ?? "")).files
      guard let file = files.first else { throw SystemError("receive a socket", code: EPROTO) }
      return file
    #else
      throw SystemError("use network namespaces", code: ENOTSUP)
    #endif
  }

  /// Ends what outlives this process. Only when no pod runs any more.
  public func end() {
    #if os(Linux)
      guard let directory else { return }
      lease.withLock { $0 = nil }
      relay.withLock { $0 = nil }
      _ = try? HolderConnection(to: directory).ask("end")
    #endif
  }
}

// MARK: Pods

extension PodNetwork {
  /// What the addresses of a node's pods begin with; nil when they all have the machine's.
  func prefix(ofNode number: Int) -> String? {
    switch form {
    case .namespaces: "10.244.\(number)."
    case .loopback: "127.244.\(number)."
    case .host: nil
    }
  }

  /// Gives a pod its network. False when it was there.
  @discardableResult
  func add(_ uid: String, address: String) throws -> Bool {
    guard form == .namespaces else { return false }
    #if os(Linux)
      pods.withLock { $0[uid] = address }
      return try ask("pod \(uid) \(address)").text == "made"
    #else
      return false
    #endif
  }

  func remove(_ uid: String) {
    #if os(Linux)
      guard form == .namespaces, pods.withLock({ $0.removeValue(forKey: uid) }) != nil else { return }
      _ = try? ask("remove \(uid)")
    #endif
  }
}

/// The addresses of one node's pods. One that was given back is the last to be given again.
struct AddressPool {
  let prefix: String?
  private var last = 1

  init(prefix: String?) { self.prefix = prefix }

  /// Begins behind the addresses that are in use.
  /// - Returns: whether this is one of the node's.
  @discardableResult
  mutating func restore(_ address: String) -> Bool {
    guard let prefix else { return address == hostAddress }
    guard address.hasPrefix(prefix), let number = Int(address.dropFirst(prefix.count)) else { return false }
    last = max(last, number)
    return true
  }

  mutating func take(unless taken: Set<String>) throws(SystemError) -> String {
    guard let prefix else { return hostAddress }
    for step in 1...253 {
      // 0, 1 and 255 have other meanings in most networks.
      let number = (last - 2 + step) % 253 + 2
      if taken.contains("\(prefix)\(number)") { continue }
      last = number
      return "\(prefix)\(number)"
    }
    throw SystemError("find a free address in \(prefix)0/24", code: EADDRNOTAVAIL)
  }
}

/// The address of whoever uses the machine's own network.
let hostAddress = "127.0.0.1"
