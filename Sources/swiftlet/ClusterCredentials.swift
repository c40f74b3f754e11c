import APIServer
import Certificates
import Foundation
import HTTP

/// The cluster's certificates: made at the first start, renewed when they run out.
struct ClusterCredentials {
  let authority: CertificateAuthority
  let server: Identity
  let administrator: Identity

  init(in directory: DataDirectory) throws {
    let files = CertificateDirectory(path: directory.certificates.path)
    let now = Date()
    authority = try files.authority(at: now)
    server = try files.server(.apiServer(), of: authority, at: now)
    administrator = try files.client(
      "admin", commonName: "kubernetes-admin", organizations: ["system:masters"], of: authority, at: now)
  }

  var tls: ServerTLS {
    ServerTLS(
      certificateChain: server.certificatePEM, privateKey: server.privateKeyPEM,
      clientAuthorities: authority.identity.certificatePEM
    ) { certificate in
      (try? Subject(certificateDER: certificate)).map { User(name: $0.commonName, groups: $0.organizations) }
    }
  }
}
