// How Linux is asked to change a network: messages of a header and attributes, each a length, a type and content, on a
// socket of the namespace that is meant. This is what the program `ip` does; it need not be installed.

#if os(Linux)
  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  /// Changes the network of the namespace in which it was made.
  final class Netlink {
    private let descriptor: Descriptor
    private var sequence: UInt32 = 0

    init() throws(SystemError) {
      let number = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard number >= 0 else { throw SystemError("open a netlink socket") }
      descriptor = Descriptor(owning: number)
    }

    /// A link that goes up at once.
    func addBridge(_ name: String, hardwareAddress: [UInt8]) throws(SystemError) {
      try request(
        .newLink, creates: true, link(flags: up),
        attribute(.linkAddress, hardwareAddress) + attribute(.linkName, text(name))
          + attribute(.linkInfo, attribute(.infoKind, text("bridge"))),
        "add the bridge \(name)")
    }

    /// A cable: one end here, at a bridge, the other, `eth0`, in another namespace.
    func addCable(_ name: String, to bridge: UInt32, other namespace: Descriptor) throws(SystemError) {
      let peer =
        link() + attribute(.linkName, text("eth0")) + attribute(.linkNamespace, bytes(of: UInt32(namespace.number)))
      let kind = attribute(.infoKind, text("veth")) + attribute(.infoData, attribute(.peer, peer))
      try request(
        .newLink, creates: true, link(flags: up),
        attribute(.linkName, text(name)) + attribute(.linkMaster, bytes(of: bridge)) + attribute(.linkInfo, kind),
        "add the link \(name)")
    }

    func raise(_ name: String) throws(SystemError) {
      try request(
        .newLink, creates: false, link(flags: up), attribute(.linkName, text(name)), "bring the link \(name) up")
    }

    func addAddress(_ address: Address, length: UInt8, to name: String) throws(SystemError) {
      let header = [UInt8(AF_INET), length, 0, 0] + bytes(of: if_nametoindex(name))
      try request(
        .newAddress, creates: true, header,
        attribute(.address, address.bytes) + attribute(.localAddress, address.bytes),
        "give \(name) the address \(address)")
    }

    enum Route {
      /// Through a neighbour.
      case gateway(Address)
      /// Whatever goes there is for this namespace itself.
      case local
    }

    /// - Parameter address: nil for every address that no other route is for.
    func addRoute(to address: Address?, length: UInt8, _ route: Route) throws(SystemError) {
      var attributes = address.map { attribute(.destination, $0.bytes) } ?? []
      let isLocal: Bool
      switch route {
      case .gateway(let gateway):
        isLocal = false
        attributes += attribute(.gateway, gateway.bytes)
      case .local:
        isLocal = true
        attributes += attribute(.outgoingLink, bytes(of: if_nametoindex("lo")))
      }
      // Family, lengths, type of service, table, who says so, scope, type, flags.
      let header = [
        UInt8(AF_INET), length, 0, 0, isLocal ? 255 : 254, 3, isLocal ? 254 : 0, isLocal ? 2 : 1, 0, 0, 0, 0,
      ]
      try request(.newRoute, creates: true, header, attributes, "add the route to \(address.map { "\($0)" } ?? "all")")
    }

    private func request(
      _ kind: RequestKind, creates: Bool, _ header: [UInt8], _ attributes: [UInt8], _ attempt: String
    ) throws(SystemError) {
      sequence += 1
      let flags: UInt16 = 0x5 | (creates ? 0x600 : 0)
      let content = header + attributes
      var message = bytes(of: UInt32(16 + content.count)) + bytes(of: kind.rawValue) + bytes(of: flags)
      message += bytes(of: sequence) + bytes(of: UInt32(0)) + content
      guard uninterrupted({ send(descriptor.number, message, message.count, 0) }) == message.count else {
        throw SystemError(attempt)
      }
      var answer = [UInt8](repeating: 0, count: 8192)
      guard uninterrupted({ recv(descriptor.number, &answer, answer.count, 0) }) >= 20 else {
        throw SystemError(attempt)
      }
      let code = answer[16..<20].reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
      guard code == 0 else { throw SystemError(attempt, code: -code) }
    }
  }

  extension Netlink {
    /// An address in four bytes.
    struct Address: CustomStringConvertible {
      let bytes: [UInt8]

      init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        bytes = [first, second, third, fourth]
      }

      init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, !parts.contains(nil) else { return nil }
        bytes = parts.compactMap(\.self)
      }

      var description: String { bytes.map { String($0) }.joined(separator: ".") }
    }
  }

  private enum RequestKind: UInt16 {
    case newLink = 16
    case newAddress = 20
    case newRoute = 24
  }

  private enum AttributeKind {
    case linkAddress, linkName, linkMaster, linkInfo, linkNamespace
    case infoKind, infoData, peer
    case address, localAddress
    case destination, outgoingLink, gateway

    /// Numbers count anew in every kind of message.
    var number: UInt16 {
      switch self {
      case .linkAddress, .infoKind, .peer, .address, .destination: 1
      case .infoData, .localAddress: 2
      case .linkName: 3
      case .outgoingLink: 4
      case .gateway: 5
      case .linkMaster: 10
      case .linkInfo: 18
      case .linkNamespace: 28
      }
    }
  }

  private let up: UInt32 = 1

  /// The header of messages about links.
  private func link(flags: UInt32 = 0) -> [UInt8] {
    [0, 0, 0, 0, 0, 0, 0, 0] + bytes(of: flags) + bytes(of: flags)
  }

  private func attribute(_ kind: AttributeKind, _ content: [UInt8]) -> [UInt8] {
    netlinkAttribute(kind.number, content)
  }

  func netlinkAttribute(_ number: UInt16, _ content: [UInt8]) -> [UInt8] {
    let padding = (4 - content.count % 4) % 4
    return bytes(of: UInt16(4 + content.count)) + bytes(of: number) + content + [UInt8](repeating: 0, count: padding)
  }

  private func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

  private func bytes(of number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
#endif
