import Foundation
import NIOSSL
import Objects
import Store
import Synchronization

/// The certificates of ingresses, ready for use. A new one serves the handshakes that come after it; connections that
/// are established have no need of it.
final class IngressCertificates: Sendable {
  private struct Loaded {
    var revision: Revision
    var context: NIOSSLContext
  }

  private let loaded = Mutex<[Key: Loaded]>([:])
  private let fallback: NIOSSLContext?

  /// - Parameter fallback: for names for which there is no certificate; without one their handshakes fail.
  init(fallback: IngressIdentity? = nil) throws {
    self.fallback = try fallback.map {
      try Self.context(chain: Array($0.certificatePEM.utf8), key: Array($0.privateKeyPEM.utf8))
    }
  }

  func context(of secret: Key?) -> NIOSSLContext? {
    secret.flatMap { secret in loaded.withLock { $0[secret]?.context } } ?? fallback
  }

  /// Loads the certificates of these secrets, those that have changed, and forgets all others.
  /// - Returns: what is wrong with secrets that cannot be used. One that could be used before stays in use as it was.
  func update(_ secrets: Set<Key>, in snapshot: Snapshot) -> [String] {
    var problems: [String] = []
    var next = loaded.withLock { $0 }.filter { secrets.contains($0.key) }
    for secret in secrets.sorted() {
      guard let record = snapshot.record(secret) else {
        next[secret] = nil
        problems.append("\(secret) is not there")
        continue
      }
      if next[secret]?.revision == record.revision { continue }
      do {
        next[secret] = Loaded(revision: record.revision, context: try Self.context(of: record.value))
      } catch {
        problems.append("\(secret) cannot be used: \(error)")
      }
    }
    loaded.withLock { $0 = next }
    return problems
  }

  private static func context(of secret: Value) throws -> NIOSSLContext {
    func bytes(_ name: String) throws -> [UInt8] {
      guard let text = secret["data"]?[name]?.string, let data = Data(base64Encoded: text) else {
        throw NetworkError("read \(name)", code: 2)
      }
      return Array(data)
    }
    return try context(chain: bytes("tls.crt"), key: bytes("tls.key"))
  }

  private static func context(chain: [UInt8], key: [UInt8]) throws -> NIOSSLContext {
    let certificates = try NIOSSLCertificate.fromPEMBytes(chain).map { NIOSSLCertificateSource.certificate($0) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates, privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return try NIOSSLContext(configuration: configuration)
  }
}

/// A certificate with its key, as PEM.
public struct IngressIdentity: Sendable {
  public var certificatePEM: String
  public var privateKeyPEM: String

  public init(certificatePEM: String, privateKeyPEM: String) {
    self.certificatePEM = certificatePEM
    self.privateKeyPEM = privateKeyPEM
  }
}
