import APIServer
import LoopbackPorts
import Synchronization
import Testing

@testable import HTTP

@Suite struct ClientTests {
  @Test func nobodyListeningIsSaidPlainly() async throws {
    let client = try HTTPClient(server: "http://127.0.0.1:\(unusedPort())")
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(Request(method: "GET", path: "/"))
    }
    #expect(error?.reason == .refused)
    #expect("\(try #require(error))".contains("is the cluster running?"))
  }

  @Test func aServerOfAnotherAuthorityIsNotBelieved() async throws {
    try await withServer(.tls) { _ in
      .now(Response(status: 200))
    } _: { address in
      let suspicious = try HTTPClient(server: "https://\(address)", tls: ClientTLS(authorities: Fixture.stranger))
      let error = await #expect(throws: HTTPClientError.self) {
        try await suspicious.send(Request(method: "GET", path: "/"))
      }
      guard case .tls = error?.reason else {
        Issue.record("not an error of TLS: \(String(describing: error))")
        return
      }
      var insecure = ClientTLS()
      insecure.isInsecure = true
      let trusting = try HTTPClient(server: "https://\(address)", tls: insecure)
      #expect(try await trusting.send(Request(method: "GET", path: "/")).status == 200)
    }
  }

  @Test func requestsOneAfterTheOtherShareAConnection() async throws {
    try await withServer(.tls) {
      .now(Response(status: 200, body: .pieces([$0.body])))
    } _: { address in
      let client = try client(.tls, address)
      for number in UInt8(0)..<20 {
        #expect(try await client.send(Request(method: "POST", path: "/", body: [number])).body == [number])
      }
      await client.close()
      #expect(try await client.send(Request(method: "GET", path: "/")).status == 200)
      await client.close()
    }
  }

  @Test func aConnectionThatTheServerGaveUpIsReplaced() async throws {
    var limits = Limits.unhurried
    limits.idleTime = .milliseconds(1)
    try await withServer(.plain, limits: limits) { _ in
      .now(Response(status: 200))
    } _: { address in
      let client = try client(.plain, address)
      for _ in 0..<100 { #expect(try await client.send(Request(method: "GET", path: "/")).status == 200) }
    }
  }

  @Test func aBusyPortIsSaidPlainly() async throws {
    try await withServer(.plain) { _ in
      .now(Response(status: 200))
    } _: { address in
      let second = HTTPServer(host: address.host, port: address.port) { _ in .now(Response(status: 200)) }
      let error = await #expect(throws: HTTPServer.StartError.self) { try await second.start() }
      #expect(error?.reason == .addressInUse)
      #expect(error?.description == "cannot listen on \(address): another program is listening there")
    }
  }

  @Test(arguments: [
    ("https://127.0.0.1:6443", "127.0.0.1:6443"), ("http://localhost", "localhost:80"), ("https://a/", "a:443"),
    ("https://[::1]:6443", "[::1]:6443"), ("https://[::1]", "[::1]:443"),
  ])
  func addressesAreUnderstood(text: String, address: String) throws {
    #expect(try HTTPClient(server: text).address == address)
  }

  @Test(arguments: [
    "", "localhost:1", "ftp://a", "https://", "https://:1", "https://a:b", "https://a:0", "https://[::1",
  ])
  func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: HTTPClientError(address: text, reason: .notAnAddress)) { try HTTPClient(server: text) }
  }
}

@Suite struct CodingTests {
  @Test func aQueryIsDecoded() {
    let pairs = PercentCoding.query(Substring("a=b&c&=d&e=f=g&h+i=%2B%20%c3%BC&&").utf8)
    #expect(pairs?.map(\.name) == ["a", "c", "", "e", "h i"])
    #expect(pairs?.map(\.value) == ["b", "", "d", "f=g", "+ ü"])
  }

  @Test(arguments: ["%", "%4", "a=%zz", "a=%ff", "a=%c3", "a b"])
  func aBrokenQueryIsRefused(query: String) {
    #expect(PercentCoding.query(Substring(query).utf8) == nil)
  }

  @Test func everyTextComesBackFromAQuery() {
    for start in UInt32(0)..<0x300 {
      let scalars = (start..<start + 8).compactMap { Unicode.Scalar($0) }
      let text = String(String.UnicodeScalarView(scalars))
      let encoded = PercentCoding.encoded([(name: text, value: text)])
      let decoded = PercentCoding.query(Substring(encoded).utf8)
      #expect(decoded?.first?.name == text && decoded?.first?.value == text)
    }
  }

  @Test func theDateIsWrittenAsHTTPWantsIt() {
    #expect(DateHeader.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
  }
}
