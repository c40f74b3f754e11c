public import Foundation
import SwiftASN1
import X509

/// A certificate with the private key that belongs to it.
public struct Identity: Sendable {
  let certificate: Certificate
  let key: Certificate.PrivateKey
  /// PEM.
  public let certificatePEM: String
  /// PEM. Whoever has it is the one whom the certificate names.
  public let privateKeyPEM: String

  /// Throws when one of the two cannot be read, or when they do not belong together.
  public init(certificatePEM: String, privateKeyPEM: String) throws(CertificateError) {
    guard let certificate = try? Certificate(pemEncoded: certificatePEM) else { throw .notACertificate }
    guard let key = try? Certificate.PrivateKey(pemEncoded: privateKeyPEM) else { throw .notAPrivateKey }
    guard key.publicKey == certificate.publicKey else { throw .mismatch }
    self.certificate = certificate
    self.key = key
    self.certificatePEM = certificatePEM
    self.privateKeyPEM = privateKeyPEM
  }

  init(certificate: Certificate, key: Certificate.PrivateKey) throws {
    self.certificate = certificate
    self.key = key
    certificatePEM = try certificate.serializeAsPEM().pemString + "\n"
    privateKeyPEM = try key.serializeAsPEM().pemString + "\n"
  }

  public var notValidAfter: Date { certificate.notValidAfter }

  public func isValid(at now: Date) -> Bool {
    certificate.notValidBefore <= now && now <= certificate.notValidAfter
  }

  /// Whether it is time for a new one: when less than a third of its life is left, and also when it is not valid yet,
  /// which a clock that was set back does.
  public func needsRenewal(at now: Date) -> Bool {
    let life = certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore)
    return !isValid(at: now) || certificate.notValidAfter.timeIntervalSince(now) < life / 3
  }

  /// Whether a server can be reached under all these names with this certificate.
  public func covers(_ names: ServerNames) -> Bool {
    guard let held = try? certificate.extensions.subjectAlternativeNames else { return names.alternatives.isEmpty }
    return names.alternatives.allSatisfy { held.contains($0) }
  }

  public var subject: Subject { Subject(certificate.subject) }
}

/// Whom a certificate names.
public struct Subject: Sendable, Hashable {
  /// The user, as Kubernetes reads it; "" when the certificate names nobody.
  public var commonName: String
  /// The user's groups, as Kubernetes reads them.
  public var organizations: [String]

  /// Reads a certificate as TLS hands it over. Its signature is not looked at.
  public init(certificateDER: [UInt8]) throws(CertificateError) {
    guard let certificate = try? Certificate(derEncoded: certificateDER) else { throw .notACertificate }
    self.init(certificate.subject)
  }

  init(_ name: DistinguishedName) {
    func values(of type: ASN1ObjectIdentifier) -> [String] {
      name.flatMap { part in part.filter { $0.type == type }.compactMap { String($0.value) } }
    }
    commonName = values(of: .RDNAttributeType.commonName).first ?? ""
    organizations = values(of: .RDNAttributeType.organizationName)
  }
}

/// What is wrong with a certificate or its file.
public enum CertificateError: Error, Sendable, Hashable, CustomStringConvertible {
  case notACertificate, notAPrivateKey, mismatch, notAnAuthority
  /// Certificate files that cannot be used, and why.
  indirect case inFile(String, CertificateError)
  case cannotRead(String, reason: String)
  case cannotWrite(String, reason: String)

  public var description: String {
    switch self {
    case .notACertificate: "this is not a certificate"
    case .notAPrivateKey: "this is not a private key"
    case .mismatch: "the private key does not belong to the certificate"
    case .notAnAuthority: "this certificate may not sign others"
    case .inFile(let path, let error): "\(path): \(error)"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    }
  }
}
