import Certificates
import Foundation
import Testing

private let day: TimeInterval = 86_400
private let now = Date(timeIntervalSince1970: 1_700_000_000)

@Suite struct CertificateTests {
  @Test func aClientsCertificateNamesUserAndGroups() throws {
    let authority = try CertificateAuthority.create(at: now)
    let client = try authority.issueClient(
      commonName: "kubernetes-admin", organizations: ["system:masters", "ä,=+"], at: now)
    #expect(client.subject.commonName == "kubernetes-admin")
    #expect(client.subject.organizations == ["system:masters", "ä,=+"])
    let pem = client.certificatePEM.split(separator: "\n").dropFirst().dropLast().joined()
    let der = try #require(Data(base64Encoded: pem))
    #expect(try Subject(certificateDER: Array(der)) == client.subject)
    #expect(throws: CertificateError.notACertificate) { try Subject(certificateDER: [1, 2, 3]) }
  }

  @Test func anAuthorityKnowsItsOwn() throws {
    let (one, other) = (try CertificateAuthority.create(at: now), try CertificateAuthority.create(at: now))
    let client = try one.issueClient(commonName: "a", at: now)
    #expect(one.issued(client))
    #expect(!other.issued(client))
    #expect(throws: CertificateError.notAnAuthority) { try CertificateAuthority(client) }
  }

  @Test func aServersCertificateHoldsItsNames() throws {
    let authority = try CertificateAuthority.create(at: now)
    let names = ServerNames.apiServer(also: ["192.168.1.7", "my-host", "127.0.0.1", "not a name", ""])
    #expect(names.dnsNames.starts(with: ["kubernetes", "kubernetes.default"]))
    #expect(names.dnsNames.last == "my-host")
    #expect(names.addresses == ["127.0.0.1", "::1", "10.96.0.1", "192.168.1.7"])
    let server = try authority.issueServer(names, at: now)
    #expect(server.covers(names))
    #expect(server.covers(ServerNames(["localhost"])))
    #expect(!server.covers(ServerNames(["192.168.1.8"])))
    #expect(!server.covers(ServerNames(["other"])))
  }

  @Test func aCertificateIsRenewedInItsLastThird() throws {
    let client = try CertificateAuthority.create(at: now).issueClient(commonName: "a", at: now)
    #expect(!client.needsRenewal(at: now))
    #expect(!client.needsRenewal(at: now + 240 * day))
    #expect(client.needsRenewal(at: now + 250 * day))
    #expect(client.isValid(at: now + 364 * day))
    #expect(!client.isValid(at: now + 366 * day))
    // A clock that was set back a day.
    #expect(client.needsRenewal(at: now - day))
  }

  @Test func nothingOutlivesItsAuthority() throws {
    let authority = try CertificateAuthority.create(at: now)
    let late = try authority.issueClient(commonName: "a", at: now + 3600 * day)
    #expect(late.notValidAfter == authority.identity.notValidAfter)
  }

  @Test func aKeyMustBelongToItsCertificate() throws {
    let authority = try CertificateAuthority.create(at: now)
    let (one, other) = (
      try authority.issueClient(commonName: "a", at: now), try authority.issueClient(commonName: "a", at: now)
    )
    #expect(throws: Never.self) {
      try Identity(certificatePEM: one.certificatePEM, privateKeyPEM: one.privateKeyPEM)
    }
    #expect(throws: CertificateError.mismatch) {
      try Identity(certificatePEM: one.certificatePEM, privateKeyPEM: other.privateKeyPEM)
    }
    #expect(throws: CertificateError.notACertificate) {
      try Identity(certificatePEM: "hello", privateKeyPEM: one.privateKeyPEM)
    }
    #expect(throws: CertificateError.notAPrivateKey) {
      try Identity(certificatePEM: one.certificatePEM, privateKeyPEM: one.certificatePEM)
    }
  }
}

@Suite final class CertificateDirectoryTests {
  private let path = FileManager.default.temporaryDirectory.path + "/certificates-\(UUID().uuidString)/pki"
  private var directory: CertificateDirectory { CertificateDirectory(path: path) }

  deinit { try? FileManager.default.removeItem(atPath: path + "/..") }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path + "/" + name)[.posixPermissions] as? Int
  }

  @Test func whatIsThereAndGoodIsUsed() throws {
    let authority = try directory.authority(at: now)
    let server = try directory.server(ServerNames(["a"]), of: authority, at: now)
    let client = try directory.client("admin", commonName: "b", organizations: ["c"], of: authority, at: now)
    let again = try directory.authority(at: now + day)
    #expect(again.identity.certificatePEM == authority.identity.certificatePEM)
    #expect(
      try directory.server(ServerNames(["a"]), of: again, at: now + day).certificatePEM == server.certificatePEM)
    #expect(
      try directory.client("admin", commonName: "b", organizations: ["c"], of: again, at: now + day).privateKeyPEM
        == client.privateKeyPEM)
    for name in ["ca.crt", "ca.key", "apiserver.crt", "apiserver.key", "admin.crt", "admin.key"] {
      #expect(try mode(name) == 0o600)
    }
    #expect(try mode("") == 0o700)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 6)
  }

  @Test func whatIsNotGoodIsMadeAnew() throws {
    let authority = try directory.authority(at: now)
    let first = try directory.server(ServerNames(["a"]), of: authority, at: now)
    let named = try directory.server(ServerNames(["a", "b"]), of: authority, at: now)
    #expect(named.certificatePEM != first.certificatePEM)
    let late = try directory.server(ServerNames(["a"]), of: authority, at: now + 300 * day)
    #expect(late.certificatePEM != named.certificatePEM)
    try PrivateFile.write("rubbish", to: path + "/apiserver.crt")
    let mended = try directory.server(ServerNames(["a"]), of: authority, at: now + 300 * day)
    #expect(authority.issued(mended))
    let other = try CertificateAuthority.create(at: now)
    #expect(other.issued(try directory.server(ServerNames(["a"]), of: other, at: now)))
    let sleeper = try directory.authority(at: now + 4000 * day)
    #expect(sleeper.identity.isValid(at: now + 4000 * day))
  }

  /// To replace it silently would make every certificate that it signed worthless.
  @Test func aBrokenAuthorityIsSaidAndKept() throws {
    _ = try directory.authority(at: now)
    try PrivateFile.write("rubbish", to: path + "/ca.key")
    #expect(throws: CertificateError.inFile(path + "/ca.key", .notAPrivateKey)) {
      try directory.authority(at: now)
    }
    #expect("\(CertificateError.inFile("/x/ca.key", .notAPrivateKey))" == "/x/ca.key: this is not a private key")
  }

  @Test func aFileIsReplacedWhole() throws {
    _ = try directory.authority(at: now)
    let file = path + "/file"
    try PrivateFile.write("one", to: file)
    // What a crash in the middle of a write left behind does not disturb the next.
    try "half".write(toFile: file + ".new", atomically: false, encoding: .utf8)
    try PrivateFile.write("two", to: file)
    #expect(try PrivateFile.read(file) == "two")
    #expect(try PrivateFile.read(path + "/none") == nil)
    #expect(!FileManager.default.fileExists(atPath: file + ".new"))
    #expect(throws: CertificateError.self) { try PrivateFile.write("x", to: path + "/none/file") }
  }
}
