// Where the cluster is and who asks: the kubeconfig files, merged as kubectl merges them. The first file that names a
// cluster, user or context wins, and the first that names a current context.

import Foundation
import HTTP
import Objects
import YAMLCoding

struct Kubeconfig {
  /// The merged configuration.
  var merged: Value
  /// The files in order, each with its own content; those that do not exist are not here.
  var files: [(path: String, content: Value)]
  /// Where a change to the current context is written.
  var writablePath: String

  static let empty: Value = ["apiVersion": "v1", "kind": "Config"]

  /// - Throws: `Failure` for a file that was named with `--kubeconfig` and does not exist, or that is not YAML.
  init(explicitPath: String?, environment: [String: String], read: (String) -> [UInt8]?) throws {
    let paths: [String]
    if let explicitPath {
      paths = [explicitPath]
    } else if let list = environment["KUBECONFIG"], !list.isEmpty {
      paths = list.split(separator: ":").map(String.init)
    } else {
      paths = [(environment["HOME"] ?? "") + "/.kube/config"]
    }
    files = []
    for path in paths {
      guard let bytes = read(path) else {
        if explicitPath != nil { throw Failure.error("stat \(path): no such file or directory") }
        continue
      }
      do {
        let content = try YAML.documents(in: bytes, file: path).first?.value ?? Self.empty
        guard content.members != nil else { throw Failure.error("\(path) is not a kubeconfig file") }
        files.append((path, Self.withAbsolutePaths(content, of: path)))
      } catch let error as YAMLError {
        throw Failure.error("error loading config file \"\(path)\": \(error)")
      }
    }
    writablePath =
      files.first { $0.content["current-context"].text != "" }?.path ?? files.first?.path ?? paths.last ?? ""
    merged = Self.empty
    for list in ["clusters", "contexts", "users"] {
      var entries: [Value] = []
      for entry in files.flatMap({ $0.content[list]?.array ?? [] })
      where !entries.contains(where: { $0["name"] == entry["name"] }) {
        entries.append(entry)
      }
      entries.sort { $0["name"].text < $1["name"].text }
      merged[list] = entries.isEmpty ? .null : .array(entries)
    }
    merged["current-context"] = .string(files.map { $0.content["current-context"].text }.first { $0 != "" } ?? "")
    merged["preferences"] = .emptyObject
  }

  /// Relative paths in a kubeconfig are relative to its folder.
  private static func withAbsolutePaths(_ content: Value, of path: String) -> Value {
    let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    var content = content
    for (list, part, names) in [
      ("clusters", "cluster", ["certificate-authority"]),
      ("users", "user", ["client-certificate", "client-key", "tokenFile"]),
    ] {
      guard var entries = content[list]?.array else { continue }
      for index in entries.indices {
        for name in names {
          guard let file = entries[index][part]?[name]?.string, !file.isEmpty, !file.hasPrefix("/") else { continue }
          entries[index][part]?[name] = .string(folder + "/" + file)
        }
      }
      content[list] = .array(entries)
    }
    return content
  }

  var currentContext: String { merged["current-context"].text }

  func entry(_ list: String, _ part: String, named name: String) -> Value? {
    merged[list]?.array?.first { $0["name"].text == name }.flatMap { $0[part] ?? .emptyObject }
  }
}

extension Value? {
  /// A string, or the empty one.
  var text: String { self?.string ?? "" }
}

/// How to reach a server, as flags and kubeconfig together say it.
struct Connection: Sendable {
  var server: String
  var tls = ClientTLS()
  var token: String?
  var namespace = "default"
}

extension Connection {
  /// - Throws: `Failure` that says what is missing; without any cluster, how to start one.
  init(_ config: Kubeconfig, _ flags: Arguments, read: (String) -> [UInt8]?) throws {
    let contextName = flags["context"] ?? config.currentContext
    var context: Value = .emptyObject
    if !contextName.isEmpty {
      guard let found = config.entry("contexts", "context", named: contextName) else {
        throw Failure.error("context \"\(contextName)\" does not exist")
      }
      context = found
    }
    let cluster = config.entry("clusters", "cluster", named: flags["cluster"] ?? context["cluster"].text)
    let user = config.entry("users", "user", named: flags["user"] ?? context["user"].text) ?? .emptyObject
    guard let server = flags["server"] ?? cluster?["server"]?.string else {
      let what = config.files.isEmpty ? "there is no kubeconfig file" : "the kubeconfig has no current context"
      throw Failure.error("no cluster to talk to: \(what). Start one with: swiftlet start")
    }
    self.server = server.contains("://") ? server : "http://" + server
    namespace = flags["namespace"].nonEmpty ?? context["namespace"]?.string.nonEmpty ?? "default"

    func pem(_ owner: Value?, _ name: String, _ flag: String) throws -> String? {
      if flags[flag] == nil, let data = owner?["\(name)-data"]?.string.nonEmpty {
        guard let bytes = Data(base64Encoded: data) else {
          throw Failure.error("\(name)-data in the kubeconfig is not base64")
        }
        return String(decoding: bytes, as: UTF8.self)
      }
      guard let path = flags[flag] ?? owner?[name]?.string.nonEmpty else { return nil }
      guard let bytes = read(path) else {
        throw Failure.error("unable to read \(name) \(path): no such file or directory")
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    tls.authorities = try pem(cluster, "certificate-authority", "certificate-authority")
    tls.certificateChain = try pem(user, "client-certificate", "client-certificate")
    tls.privateKey = try pem(user, "client-key", "client-key")
    tls.isInsecure = flags.isOn("insecure-skip-tls-verify", default: cluster?["insecure-skip-tls-verify"] == true)
    tls.serverName = flags["tls-server-name"] ?? cluster?["tls-server-name"]?.string
    token = flags["token"] ?? user["token"]?.string
    if token == nil, let path = user["tokenFile"]?.string, let bytes = read(path) {
      token = String(decoding: bytes, as: UTF8.self).trimmed
    }
  }
}
