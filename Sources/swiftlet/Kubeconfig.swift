import Foundation
import Objects
import YAMLCoding

/// The file in which kubectl finds its clusters. Entries of other clusters are kept as they are.
struct Kubeconfig {
  let url: URL
  private var content: Value

  /// Reads the file that kubectl would write to: the first of `$KUBECONFIG`, or `.kube/config` in the home directory.
  /// Throws when the file is there and is not a kubeconfig.
  init() throws {
    let listed = ProcessInfo.processInfo.environment["KUBECONFIG"]?.split(separator: ":").first.map(String.init)
    url =
      listed.map { URL(fileURLWithPath: $0) }
      ?? Home.url.appendingPathComponent(".kube/config")
    let empty: Value = ["apiVersion": "v1", "kind": "Config", "preferences": [:]]
    guard let data = try? Data(contentsOf: url), !data.isEmpty else {
      content = empty
      return
    }
    let documents = try YAML.documents(in: String(decoding: data, as: UTF8.self), file: url.path)
    guard let first = documents.first?.value, first.members != nil else {
      throw Failure("\(url.path) is not a kubeconfig. Move it away, or set KUBECONFIG to another file.")
    }
    content = first
  }

  struct Credentials {
    var server: String
    var authority: String
    var certificate: String
    var privateKey: String
  }

  /// Adds the cluster, its user and its context under one name, and makes the context the current one.
  mutating func add(_ name: String, _ credentials: Credentials) {
    func base64(_ text: String) -> Value { .string(Data(text.utf8).base64EncodedString()) }
    put(
      ["server": .string(credentials.server), "certificate-authority-data": base64(credentials.authority)],
      as: "cluster", named: name, in: "clusters")
    put(
      [
        "client-certificate-data": base64(credentials.certificate),
        "client-key-data": base64(credentials.privateKey),
      ], as: "user", named: name, in: "users")
    put(
      ["cluster": .string(name), "namespace": "default", "user": .string(name)], as: "context", named: name,
      in: "contexts")
    content["current-context"] = .string(name)
  }

  /// Takes the cluster, its user and its context out.
  mutating func remove(_ name: String) {
    for list in ["clusters", "users", "contexts"] {
      content[list] = .array((content[list]?.array ?? []).filter { $0["name"]?.string != name })
    }
    if content["current-context"]?.string == name { content["current-context"] = "" }
  }

  /// Writes the file in one piece, readable by its owner only.
  func save() throws {
    let directory = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let temporary = directory.appendingPathComponent(".\(url.lastPathComponent).\(getpid())")
      let created = FileManager.default.createFile(
        atPath: temporary.path, contents: Data(YAML.text(content).utf8), attributes: [.posixPermissions: 0o600])
      guard created, rename(temporary.path, url.path) == 0 else {
        throw Failure("cannot write \(url.path): \(String(cString: strerror(errno)))")
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("cannot write \(url.path): \(error.localizedDescription)")
    }
  }

  private mutating func put(_ entry: Value, as kind: String, named name: String, in list: String) {
    var entries = (content[list]?.array ?? []).filter { $0["name"]?.string != name }
    entries.append(.object(Members([(kind, entry), ("name", .string(name))])))
    content[list] = .array(entries)
  }
}
