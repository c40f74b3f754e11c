import Crypto
public import Foundation
import SwiftASN1
import X509

/// The cluster's own certificate authority: whoever shows a certificate that it signed is believed to be whom the
/// certificate names (RFC 5280). Keys are ECDSA P-256.
public struct CertificateAuthority: Sendable {
  /// The authority's own certificate and key.
  public let identity: Identity

  /// Ten years, as kubeadm's.
  private static let authorityLife: TimeInterval = 3650 * 86_400
  /// One year, as kubeadm's; renewed long before.
  private static let life: TimeInterval = 365 * 86_400
  /// Clocks differ: a certificate is valid a little before it was made.
  private static let skew: TimeInterval = 300

  /// An authority that exists; throws when the certificate is not one that may sign others.
  public init(_ identity: Identity) throws(CertificateError) {
    let constraints = try? identity.certificate.extensions.basicConstraints
    guard case .isCertificateAuthority? = constraints else { throw .notAnAuthority }
    self.identity = identity
  }

  /// A new one, valid for ten years.
  public static func create(commonName: String = "kubernetes", at now: Date) throws -> CertificateAuthority {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let name = try DistinguishedName { CommonName(commonName) }
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
      notValidBefore: now - skew, notValidAfter: now + authorityLife, issuer: name, subject: name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: key.publicKey)
      },
      issuerPrivateKey: key)
    return try CertificateAuthority(Identity(certificate: certificate, key: key))
  }

  /// A certificate for the API server, valid for a year under each of these names.
  public func issueServer(_ names: ServerNames, commonName: String = "kube-apiserver", at now: Date) throws -> Identity
  {
    try issue(
      DistinguishedName { CommonName(commonName) }, for: .serverAuth, names: names, at: now)
  }

  /// A certificate for a client, valid for a year. Kubernetes reads the common name as the user's name and the
  /// organizations as its groups.
  public func issueClient(commonName: String, organizations: [String] = [], at now: Date) throws -> Identity {
    try issue(
      DistinguishedName {
        for organization in organizations { OrganizationName(organization) }
        CommonName(commonName)
      }, for: .clientAuth, names: nil, at: now)
  }

  /// Whether this authority signed that certificate.
  public func issued(_ other: Identity) -> Bool {
    other.certificate.issuer == identity.certificate.subject
      && identity.certificate.publicKey.isValidSignature(other.certificate.signature, for: other.certificate)
  }

  private func issue(
    _ subject: DistinguishedName, for usage: ExtendedKeyUsage.Usage, names: ServerNames?, at now: Date
  ) throws -> Identity {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    // What outlives its issuer is not believed, so it must not promise to.
    let end = min(now + Self.life, identity.certificate.notValidAfter)
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
      notValidBefore: now - Self.skew, notValidAfter: end,
      issuer: identity.certificate.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([usage])
        AuthorityKeyIdentifier(
          keyIdentifier: SubjectKeyIdentifier(hash: identity.certificate.publicKey).keyIdentifier)
        if let names { SubjectAlternativeNames(names.alternatives) }
      },
      issuerPrivateKey: identity.key)
    return try Identity(certificate: certificate, key: key)
  }
}
