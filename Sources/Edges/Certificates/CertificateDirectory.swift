public import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A cluster's certificates and keys as files: `ca.crt`, `ca.key`, and a pair for each server and client.
///
/// What is there and good is used; what is missing, about to expire or signed by another authority is made anew, so
/// that a cluster which slept for years starts. Only the authority itself is never replaced while its files can be
/// read: every certificate that it signed would become worthless.
public struct CertificateDirectory: Sendable {
  public let path: String

  /// The directory is made, for its owner alone, when it is needed first.
  public init(path: String) { self.path = path }

  /// The cluster's authority; a new one when there is none or when its time is over.
  public func authority(at now: Date) throws -> CertificateAuthority {
    if let identity = try load("ca") {
      do throws(CertificateError) {
        let authority = try CertificateAuthority(identity)
        if identity.isValid(at: now) { return authority }
      } catch {
        throw CertificateError.inFile(file("ca.crt"), error)
      }
    }
    let authority = try CertificateAuthority.create(at: now)
    try save(authority.identity, as: "ca")
    return authority
  }

  /// The API server's certificate, `apiserver.crt`.
  public func server(_ names: ServerNames, of authority: CertificateAuthority, at now: Date) throws -> Identity {
    try identity("apiserver", of: authority, at: now) {
      $0.covers(names)
    } orMake: {
      try authority.issueServer(names, at: now)
    }
  }

  /// A client's certificate, `<name>.crt`.
  public func client(
    _ name: String, commonName: String, organizations: [String] = [], of authority: CertificateAuthority, at now: Date
  ) throws -> Identity {
    try identity(name, of: authority, at: now) {
      $0.subject.commonName == commonName && $0.subject.organizations == organizations
    } orMake: {
      try authority.issueClient(commonName: commonName, organizations: organizations, at: now)
    }
  }

  private func identity(
    _ name: String, of authority: CertificateAuthority, at now: Date, isGood: (Identity) -> Bool,
    orMake make: () throws -> Identity
  ) throws -> Identity {
    // One that cannot be read can be made again.
    if let old = try? load(name), authority.issued(old), !old.needsRenewal(at: now), isGood(old) { return old }
    let new = try make()
    try save(new, as: name)
    return new
  }

  /// Nil when one of the two files is missing: the key is written first, so a lone key is one that nobody has seen a
  /// certificate of.
  private func load(_ name: String) throws(CertificateError) -> Identity? {
    guard let certificate = try PrivateFile.read(file(name + ".crt")),
      let key = try PrivateFile.read(file(name + ".key"))
    else { return nil }
    do throws(CertificateError) {
      return try Identity(certificatePEM: certificate, privateKeyPEM: key)
    } catch {
      throw .inFile(file(name + (error == .notAPrivateKey ? ".key" : ".crt")), error)
    }
  }

  private func save(_ identity: Identity, as name: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      do {
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        throw CertificateError.cannotWrite(path, reason: error.localizedDescription)
      }
    }
    // Without the old certificate first, a crash between the two writes would leave a pair that does not match.
    unlink(file(name + ".crt"))
    try PrivateFile.write(identity.privateKeyPEM, to: file(name + ".key"))
    try PrivateFile.write(identity.certificatePEM, to: file(name + ".crt"))
  }

  private func file(_ name: String) -> String { path + "/" + name }
}

/// Files that only their owner may read, replaced whole or not at all.
public enum PrivateFile {
  /// Writes a new file beside the old one, on the disk with all its bytes, and only then puts it in the old one's
  /// place.
  public static func write(_ text: String, to path: String) throws(CertificateError) {
    let new = path + ".new"
    func check(_ isDone: Bool) throws(CertificateError) {
      guard !isDone else { return }
      let reason = String(cString: strerror(errno))
      unlink(new)
      throw .cannotWrite(path, reason: reason)
    }
    unlink(new)
    let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try check(descriptor >= 0)
    var bytes = Array(text.utf8)[...]
    var isWritten = true
    while isWritten, !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else { isWritten = count < 0 && errno == EINTR }
    }
    isWritten = isWritten && fsync(descriptor) == 0
    let reason = errno
    close(descriptor)
    errno = reason
    try check(isWritten)
    try check(rename(new, path) == 0)
  }

  /// The file's text; nil when there is no file.
  public static func read(_ path: String) throws(CertificateError) -> String? {
    do {
      return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    } catch CocoaError.fileReadNoSuchFile {
      return nil
    } catch {
      throw .cannotRead(path, reason: error.localizedDescription)
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
