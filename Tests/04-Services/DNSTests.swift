import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Services

/// Messages as bytes.
@Suite struct DNSMessageTests {
  private func everything() -> DNSMessage {
    var message = DNSMessage(id: 0x1234, asking: DNSName("Web.default.svc.cluster.local"), .srv, payloadSize: 4_096)
    message.isResponse = true
    message.isAuthoritative = true
    message.offersRecursion = true
    message.code = DNSCode.nameError.rawValue
    let name = DNSName("web.default.svc.cluster.local")
    message.answers = [
      DNSRecord(name, .a(IPv4Address(10, 96, 0, 7))), DNSRecord(name, .cname(DNSName("example.org"))),
      DNSRecord(name, .srv(priority: 0, weight: 50, port: 80, target: DNSName("a").below(name))),
      DNSRecord(name, .other(type: 99, bytes: [1, 2, 3])),
    ]
    message.authorities = [
      DNSRecord(
        DNSName("cluster.local"),
        .soa(
          server: DNSName("ns.dns.cluster.local"), mailbox: DNSName("hostmaster.cluster.local"), serial: 7,
          refresh: 7_200, retry: 1_800, expire: 86_400, minimum: 5))
    ]
    message.additionals = [
      DNSRecord(name, ttl: 30, .ptr(DNSName("x.y"))), DNSRecord(name, .ns(DNSName("cluster.local"))),
    ]
    return message
  }

  @Test func whatIsWrittenIsRead() throws {
    let message = everything()
    #expect(try DNSMessage(bytes: message.encoded()) == message)
  }

  /// The example of RFC 1035, section 4.1.4, in a question of today.
  @Test func aQuestionIsAsTheStandardWritesIt() throws {
    let bytes = DNSMessage(id: 1, asking: DNSName("a.bc"), .a, payloadSize: 1_232).encoded()
    #expect(
      bytes == [
        0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 97, 2, 98, 99, 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0,
      ])
    #expect(try DNSMessage(bytes: bytes).payloadSize == 1_232)
  }

  @Test func endsOfNamesAreWrittenOnce() {
    var message = DNSMessage(id: 1, asking: DNSName("web.default.svc.cluster.local"), .a)
    let alone = message.encoded().count
    message.answers = [DNSRecord(DNSName("db.default.svc.cluster.local"), .a(IPv4Address(1, 2, 3, 4)))]
    #expect(message.encoded().count == alone + 3 + 2 + 10 + 4)
  }

  @Test func whatDoesNotFitIsLeftOutAndSaid() throws {
    var message = DNSMessage(id: 1, asking: DNSName("web"), .a).reply()
    message.answers = (0..<100).map { DNSRecord(DNSName("web"), .a(IPv4Address(10, 0, 0, UInt8($0)))) }
    let bytes = message.encoded(limit: 512)
    #expect(bytes.count <= 512)
    let read = try DNSMessage(bytes: bytes)
    #expect(read.isTruncated)
    #expect(read.answers == Array(message.answers.prefix(read.answers.count)))
    #expect(read.answers.count > 25)
    #expect(try !DNSMessage(bytes: message.encoded(limit: 65_535)).isTruncated)
    message.additionals = message.answers
    message.answers = []
    #expect(try !DNSMessage(bytes: message.encoded(limit: 512)).isTruncated, "what was only added may be missing")
  }

  @Test func aClientThatSaysNothingTakes512Bytes() {
    func limit(_ size: UInt16?) -> Int { DNSMessage(id: 1, asking: DNSName("a"), .a, payloadSize: size).replyLimit }
    #expect([limit(nil), limit(100), limit(1_000), limit(65_535)] == [512, 512, 1_000, 1_232])
  }

  @Test func aPointerThatLeadsNowhereIsRefused() {
    let start: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    for name: [UInt8] in [[0xC0, 12], [0xC0, 200], [0xC0], [64, 1], [5, 97], [1, 97, 0xC0, 12]] {
      #expect(throws: DNSFormatError.self) { try DNSMessage(bytes: start + name + [0, 1, 0, 1]) }
    }
    // A name of labels that goes on for more than 255 bytes.
    let long: [UInt8] = Array([[UInt8]](repeating: [63] + [UInt8](repeating: 97, count: 63), count: 5).joined()) + [0]
    #expect(throws: DNSFormatError.self) { try DNSMessage(bytes: start + long + [0, 1, 0, 1]) }
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func bytesOfAnyKindAreReadOrRefused(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var bytes = everything().encoded()
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      switch random.next() % 3 {
      case 0: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeLast(Int.random(in: 0..<min(20, bytes.count), using: &random))
      default:
        bytes.insert(UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
      }
      guard !bytes.isEmpty else { return }
      if let message = try? DNSMessage(bytes: bytes) {
        // Whatever could be read can be written, and then is read as the same.
        #expect(try DNSMessage(bytes: message.encoded()).questions == message.questions)
      }
    }
    let noise = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    _ = try? DNSMessage(bytes: noise)
  }
}

/// The names of a cluster.
@Suite struct ClusterDNSTests {
  private let dns = ClusterDNS()
  private let view: View

  init() throws {
    let headless = storedService("db", ip: "None") {
      $0.spec.selector = [:]
      $0.spec.ports = [servicePort(5_432, "sql")]
    }
    let outside = storedService("outside", ip: "") {
      $0.spec.type = .externalName
      $0.spec.externalName = "www.example.org"
    }
    view = try makeStore([
      storedService("web", ip: "10.96.1.1") {
        $0.spec.ports = [servicePort(80, "http"), servicePort(53, "dns", .udp)]
      },
      headless, outside, storedService("none", ip: "None"),
      makeSlice(
        makeEndpoint("10.244.1.1", hostname: "db-0"), makeEndpoint("10.244.1.2"),
        makeEndpoint("10.244.1.3", ready: false),
        named: "db-1", of: "db", port: "sql"),
      makeSlice(makeEndpoint("10.244.5.5"), named: "web-1", of: "web", port: "http"),
    ]).view
  }

  private func ask(_ name: String, _ type: DNSRecordType = .a, id: UInt16 = 0) -> DNSMessage? {
    dns.answer(to: DNSMessage(id: id, asking: DNSName(name), type), in: view)
  }

  /// The answers' data, or the code when it is not 0.
  private func data(_ name: String, _ type: DNSRecordType = .a) -> [String] {
    guard let answer = ask(name, type) else { return ["forwarded"] }
    if answer.code != 0 { return ["code \(answer.code)"] }
    return answer.answers.map { record in
      switch record.data {
      case .a(let address): "\(address)"
      case .cname(let name), .ptr(let name), .ns(let name): "\(name)"
      case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
      case .txt(let text): text
      case .soa, .other: "other"
      }
    }
  }

  @Test func aServiceHasItsAddress() {
    #expect(data("web.default.svc.cluster.local") == ["10.96.1.1"])
    #expect(data("WEB.Default.svc.cluster.LOCAL") == ["10.96.1.1"])
    let answer = ask("web.default.svc.cluster.local")
    #expect(answer?.isAuthoritative == true)
    #expect(answer?.answers.first?.ttl == 5)
    #expect(answer?.questions.first?.type == 1)
  }

  /// A resolver that hears "no such name" about IPv6 does not ask for IPv4.
  @Test func aNameWithoutThatSortOfAddressExistsAllTheSame() throws {
    let answer = try #require(ask("web.default.svc.cluster.local", .aaaa))
    #expect(answer.code == 0, "the name exists, although it has no IPv6 address")
    #expect(answer.answers.isEmpty)
    guard case .soa(_, _, _, _, _, _, let minimum)? = answer.authorities.first?.data else { throw Missing() }
    #expect(minimum == 5)
    #expect(data("default.svc.cluster.local") == [])
    #expect(data("svc.cluster.local") == [])
    #expect(data("none.default.svc.cluster.local") == [])
  }

  @Test func whatDoesNotExistDoesNotExistWithAuthority() {
    for name in [
      "nobody.default.svc.cluster.local", "web.nowhere.svc.cluster.local", "x.cluster.local",
      "a.web.default.svc.cluster.local", "x.y.z.web.default.svc.cluster.local",
      "_http._udp.web.default.svc.cluster.local",
      "1-2-3.default.pod.cluster.local", "1-2-3-4.nowhere.pod.cluster.local",
    ] {
      let answer = ask(name)
      #expect(answer?.code == 3, "\(name)")
      #expect(answer?.authorities.count == 1)
    }
  }

  @Test func aHeadlessServiceHasTheAddressesOfItsReadyPods() {
    #expect(data("db.default.svc.cluster.local") == ["10.244.1.1", "10.244.1.2"])
    #expect(ask("db.default.svc.cluster.local", id: 1)?.answers.map(\.data).first == .a(IPv4Address(10, 244, 1, 2)))
    #expect(data("db-0.db.default.svc.cluster.local") == ["10.244.1.1"])
    #expect(data("10-244-1-2.db.default.svc.cluster.local") == ["10.244.1.2"])
    #expect(data("10-244-1-3.db.default.svc.cluster.local") == ["code 3"])
  }

  @Test func servicePortsHaveRecordsOfTheirOwn() {
    #expect(
      data("_http._tcp.web.default.svc.cluster.local", .srv) == ["0 100 80 web.default.svc.cluster.local."])
    #expect(data("_dns._udp.web.default.svc.cluster.local", .srv) == ["0 100 53 web.default.svc.cluster.local."])
    #expect(
      data("_sql._tcp.db.default.svc.cluster.local", .srv) == [
        "0 50 8080 db-0.db.default.svc.cluster.local.", "0 50 8080 10-244-1-2.db.default.svc.cluster.local.",
      ])
    #expect(ask("_sql._tcp.db.default.svc.cluster.local", .srv)?.additionals.count == 2)
    #expect(data("_tcp.web.default.svc.cluster.local", .srv) == [])
  }

  @Test func aNameForSomethingOutsideLeadsThere() {
    #expect(data("outside.default.svc.cluster.local") == ["www.example.org."])
    #expect(data("outside.default.svc.cluster.local", .aaaa) == ["www.example.org."])
  }

  @Test func aPodHasItsAddressInItsName() {
    #expect(data("10-244-1-7.default.pod.cluster.local") == ["10.244.1.7"])
    #expect(data("default.pod.cluster.local") == [])
  }

  @Test func addressesHaveNames() {
    #expect(data("1.1.96.10.in-addr.arpa", .ptr) == ["web.default.svc.cluster.local."])
    #expect(data("1.1.244.10.in-addr.arpa", .ptr) == ["db-0.db.default.svc.cluster.local."])
    #expect(data("5.5.244.10.in-addr.arpa", .ptr) == ["10-244-5-5.web.default.svc.cluster.local."])
    #expect(data("9.9.96.10.in-addr.arpa", .ptr) == ["code 3"])
    #expect(data("8.8.8.8.in-addr.arpa", .ptr) == ["forwarded"])
  }

  @Test func whatIsNotTheClustersIsForOthers() {
    #expect(data("www.example.org") == ["forwarded"])
    #expect(data("cluster.local.example.org") == ["forwarded"])
    #expect(data("ns.dns.cluster.local") == [ClusterAddresses.dns.description])
    #expect(data("dns-version.cluster.local", .txt) == ["1.1.0"])
    #expect(data("cluster.local", .ns) == ["ns.dns.cluster.local."])
  }

  @Test func whatIsNoQuestionIsAnsweredSo() {
    var update = DNSMessage(id: 1, asking: DNSName("web.default.svc.cluster.local"), .a)
    update.operation = 5
    #expect(dns.answer(to: update, in: view)?.code == 4)
    #expect(dns.answer(to: DNSMessage(id: 1), in: view)?.code == 1)
  }

  private struct Missing: Error {}
}
