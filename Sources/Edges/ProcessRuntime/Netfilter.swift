// One rule for packets, as the program `nft` would set it: what pods send to the outside world by TCP comes to a port of
// the bridge. The kernel knows where it was meant to go, and tells whoever listens there.

#if os(Linux)
  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  enum Netfilter {
    /// Has TCP that leaves the cluster's networks come to this port instead.
    ///
    ///     table ip pods { chain outbound { type nat hook prerouting priority -100;
    ///       ip daddr & 255.240.0.0 != 10.96.0.0 ip daddr & 255.255.0.0 != 10.244.0.0 meta l4proto tcp redirect to :PORT } }
    static func redirectOutbound(to port: UInt16) throws(SystemError) {
      let (table, chain) = (zeroEnded("pods"), zeroEnded("outbound"))
      let hook = field(1, big(0)) + field(2, big(UInt32(bitPattern: -100)))
      let expressions =
        isNot([10, 96, 0, 0], mask: [255, 240, 0, 0]) + isNot([10, 244, 0, 0], mask: [255, 255, 0, 0])
        + expression("meta", field(1, register) + field(2, big(16)))
        + expression("cmp", field(1, register) + field(2, big(0)) + field(3, value([UInt8(IPPROTO_TCP)])))
        + expression("immediate", field(1, register) + field(2, value([UInt8(port >> 8), UInt8(port & 0xFF)])))
        + expression("redir", field(1, register))
      try commit([
        (0, field(1, table)),
        (3, field(1, table) + field(3, chain) + field(4, hook) + field(7, zeroEnded("nat"))),
        (6, field(1, table) + field(2, chain) + field(4, expressions)),
      ])
    }

    /// The destination, masked, is not this.
    private static func isNot(_ address: [UInt8], mask: [UInt8]) -> [UInt8] {
      expression("payload", field(1, register) + field(2, big(1)) + field(3, big(16)) + field(4, big(4)))
        + expression(
          "bitwise",
          field(1, register) + field(2, register) + field(3, big(4)) + field(4, value(mask))
            + field(5, value([0, 0, 0, 0])))
        + expression("cmp", field(1, register) + field(2, big(1)) + field(3, value(address)))
    }

    private static func expression(_ name: String, _ content: [UInt8]) -> [UInt8] {
      field(1, field(1, zeroEnded(name)) + field(2, content))
    }

    /// The first of the rule's registers.
    private static let register = big(1)

    private static func field(_ number: UInt16, _ content: [UInt8]) -> [UInt8] { netlinkAttribute(number, content) }
    private static func value(_ bytes: [UInt8]) -> [UInt8] { field(1, bytes) }
    private static func zeroEnded(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }
    private static func big(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// All of the requests, or none.
    private static func commit(_ requests: [(kind: UInt16, content: [UInt8])]) throws(SystemError) {
      let attempt = "set a rule for packets"
      let number = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 12)
      guard number >= 0 else { throw SystemError(attempt) }
      let netfilter = Descriptor(owning: number)
      let subsystem: UInt16 = 10
      var batch = message(0x10, flags: 1, [0, 0, 0, UInt8(subsystem)])
      for request in requests {
        batch += message(subsystem << 8 | request.kind, flags: 0x405, [UInt8(AF_INET), 0, 0, 0] + request.content)
      }
      batch += message(0x11, flags: 1, [0, 0, 0, UInt8(subsystem)])
      guard uninterrupted({ send(netfilter.number, batch, batch.count, 0) }) == batch.count else {
        throw SystemError(attempt)
      }
      var answer = [UInt8](repeating: 0, count: 8192)
      for _ in requests {
        guard waitForInput([netfilter.number], timeout: 1000) == [true],
          uninterrupted({ recv(netfilter.number, &answer, answer.count, 0) }) >= 20
        else { throw SystemError(attempt, code: ETIMEDOUT) }
        let code = answer[16..<20].reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
        guard code == 0 else { throw SystemError(attempt, code: -code) }
      }
    }

    private static func message(_ kind: UInt16, flags: UInt16, _ content: [UInt8]) -> [UInt8] {
      var header = [UInt8](repeating: 0, count: 16)
      header.withUnsafeMutableBytes {
        $0.storeBytes(of: UInt32(16 + content.count), as: UInt32.self)
        $0.storeBytes(of: kind, toByteOffset: 4, as: UInt16.self)
        $0.storeBytes(of: flags, toByteOffset: 6, as: UInt16.self)
      }
      return header + content
    }
  }
#endif
