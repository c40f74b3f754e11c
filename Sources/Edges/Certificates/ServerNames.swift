import SwiftASN1
import X509

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The names and addresses under which a server is reached; its certificate has to hold each of them.
public struct ServerNames: Sendable, Hashable {
  /// "localhost", "kubernetes.default.svc"
  public private(set) var dnsNames: [String] = []
  /// "127.0.0.1", "::1"
  public private(set) var addresses: [String] = []
  let alternatives: [GeneralName]

  /// - Parameter names: Host names and IP addresses in any order; each is told by its form, and what cannot stand in
  ///   a certificate is left out.
  public init(_ names: [String]) {
    var alternatives: [GeneralName] = []
    for name in names {
      if let bytes = Self.bytes(ofAddress: name) {
        let address = GeneralName.ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        guard !alternatives.contains(address) else { continue }
        addresses.append(name)
        alternatives.append(address)
      } else if !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !dnsNames.contains(name) {
        dnsNames.append(name)
        alternatives.append(.dnsName(name))
      }
    }
    self.alternatives = alternatives
  }

  /// Those of the API server: what pods call it, what this machine calls itself, and what else is given.
  public static func apiServer(also names: [String] = []) -> ServerNames {
    ServerNames(
      [
        "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        "localhost", hostName(), "127.0.0.1", "::1", "10.96.0.1",
      ] + names)
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// In network order: 4 or 16 bytes.
  private static func bytes(ofAddress text: String) -> [UInt8]? {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }
}
