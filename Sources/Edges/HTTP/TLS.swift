public import APIServer
import NIOCore
import NIOSSL

/// The server's side of TLS: what it shows, and whose certificates it believes. All certificates and keys are PEM.
public struct ServerTLS: Sendable {
  /// The server's own certificate first, then those that vouch for it.
  public var certificateChain: String
  public var privateKey: String
  /// A client may show a certificate signed by one of these. One that is signed by anybody else, or has expired,
  /// ends the handshake; a client that shows none is served without a user.
  public var clientAuthorities: String
  /// The user whom a believed certificate (DER) names.
  public var identify: @Sendable ([UInt8]) -> User?

  public init(
    certificateChain: String, privateKey: String, clientAuthorities: String,
    identify: @escaping @Sendable ([UInt8]) -> User?
  ) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.clientAuthorities = clientAuthorities
    self.identify = identify
  }

  /// Throws when a certificate or the key cannot be read.
  func makeContext() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try certificates(in: certificateChain).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)))
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = .optionalVerification
    configuration.trustRoots = .certificates(try certificates(in: clientAuthorities))
    configuration.applicationProtocols = ["h2", "http/1.1"]
    configuration.shutdownTimeout = .seconds(1)
    return try NIOSSLContext(configuration: configuration)
  }
}

/// The client's side of TLS. All certificates and keys are PEM.
public struct ClientTLS: Sendable {
  /// The server's certificate has to be signed by one of these; nil trusts those of the operating system.
  public var authorities: String?
  /// Shown to the server when both are there.
  public var certificateChain: String?
  public var privateKey: String?
  /// Whether any server is believed, whatever it shows.
  public var isInsecure = false
  /// The name that the server's certificate has to hold, if it is not the host's.
  public var serverName: String?

  public init(authorities: String? = nil, certificateChain: String? = nil, privateKey: String? = nil) {
    self.authorities = authorities
    self.certificateChain = certificateChain
    self.privateKey = privateKey
  }

  /// Throws when a certificate or the key cannot be read.
  func makeContext() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = .seconds(1)
    if let authorities { configuration.trustRoots = .certificates(try certificates(in: authorities)) }
    if let certificateChain, let privateKey {
      configuration.certificateChain = try certificates(in: certificateChain).map { .certificate($0) }
      configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem))
    }
    if isInsecure { configuration.certificateVerification = .none }
    return try NIOSSLContext(configuration: configuration)
  }
}

private func certificates(in pem: String) throws -> [NIOSSLCertificate] {
  pem.isEmpty ? [] : try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
}
