// Files of objects: `-f` with a file, a folder or standard input, YAML or JSON, several documents, lists taken apart.

import Foundation
import Objects
import YAMLCoding

/// One object of a file, and where it stands.
struct Manifest: Sendable {
  var object: Value
  /// The file's name as it was given, or "STDIN".
  var source: String
  var line: Int

  var apiVersion: String { object["apiVersion"].text }
  var kind: String { object["kind"].text }
  var name: String { object["metadata"]?["name"].text ?? "" }

  /// "web.yaml, line 12": where to look.
  var place: String { "\(source), line \(line)" }
}

extension Manifest {
  /// Reads the text of a file.
  ///
  /// - Throws: `Failure` that names file, line and what to write, for what is not an object of the API.
  static func all(in bytes: [UInt8], source: String) throws -> [Manifest] {
    let documents: [YAML.Document]
    do { documents = try YAML.documents(in: bytes, file: source) } catch {
      throw Failure.error("error parsing \(source): \(error)")
    }
    var manifests: [Manifest] = []
    for document in documents {
      let manifest = Manifest(object: document.value, source: source, line: document.line)
      guard document.value.members != nil else {
        throw Failure.error("\(manifest.place): not an object. Begin it with \"apiVersion:\" and \"kind:\".")
      }
      if manifest.kind.hasSuffix("List"), let items = document.value["items"]?.array {
        for item in items { manifests.append(Manifest(object: item, source: source, line: document.line)) }
      } else {
        manifests.append(manifest)
      }
    }
    for manifest in manifests { try manifest.checkType() }
    return manifests
  }

  private func checkType() throws {
    if kind.isEmpty {
      throw Failure.error("error validating \"\(source)\": \(place): kind not set. Add a line such as \"kind: Pod\".")
    }
    if apiVersion.isEmpty {
      throw Failure.error(
        "error validating \"\(source)\": \(place): apiVersion not set. Add a line such as \"apiVersion: v1\".")
    }
    if object["metadata"] != nil, object["metadata"]?.members == nil {
      throw Failure.error("\(place): metadata is not an object. Write \"name:\" indented under it.")
    }
  }
}

extension Invocation {
  /// The objects of all `-f` flags.
  func manifests() throws -> [Manifest] {
    guard !arguments.all("filename").isEmpty else { throw Failure.error("must specify one of -f and -k") }
    var manifests: [Manifest] = []
    for path in arguments.list("filename") {
      if path == "-" {
        manifests += try Manifest.all(in: world.input(), source: "STDIN")
      } else if path.hasPrefix("http://") || path.hasPrefix("https://") {
        throw Failure.error(
          "\(path): files are not fetched from the network here. Use: curl -L \(path) | kubectl \(command) -f -")
      } else {
        for file in try files(at: path) {
          guard let bytes = world.read(file) else { throw Failure.error("the path \"\(file)\" cannot be read") }
          manifests += try Manifest.all(in: bytes, source: file)
        }
      }
    }
    guard !manifests.isEmpty else { throw Failure.error("no objects passed to \(command)") }
    return manifests
  }

  /// The file, or the manifests of a folder in the order of their names.
  private func files(at path: String) throws -> [String] {
    if world.read(path) != nil { return [path] }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw Failure.error("the path \"\(path)\" does not exist")
    }
    let extensions = [".json", ".yaml", ".yml"]
    var files: [String] = []
    for name in names.sorted() {
      let inside = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if world.read(inside) == nil {
        if arguments.isOn("recursive") { files += (try? self.files(at: inside)) ?? [] }
      } else if extensions.contains(where: name.hasSuffix) {
        files.append(inside)
      }
    }
    guard !files.isEmpty else {
      throw Failure.error("error reading [\(path)]: recognized file extensions are [.json .yaml .yml]")
    }
    return files
  }

  /// A manifest with the server's resource and the namespace in which it belongs.
  func item(_ manifest: Manifest, _ discovery: Discovery) throws -> Item {
    guard let resource = discovery.resource(apiVersion: manifest.apiVersion, kind: manifest.kind) else {
      let near =
        discovery.resources.first { $0.kind.lowercased() == manifest.kind.lowercased() }
        ?? discovery.resources.first { $0.kind.isNear(manifest.kind) }
      let advice =
        near.map { "\n\(manifest.place): write \"apiVersion: \($0.apiVersion)\" and \"kind: \($0.kind)\"" }
        ?? "\nensure CRDs are installed first"
      throw Failure.error(
        "resource mapping not found for name: \"\(manifest.name)\" namespace: "
          + "\"\(manifest.object["metadata"]?["namespace"].text ?? "")\" from \"\(manifest.source)\": "
          + "no matches for kind \"\(manifest.kind)\" in version \"\(manifest.apiVersion)\"\(advice)")
    }
    var object = manifest.object
    guard resource.isNamespaced else {
      return Item(resource: resource, namespace: nil, name: manifest.name, object: object, source: manifest)
    }
    let own = object["metadata"]?["namespace"]?.string.nonEmpty
    if let own, let wanted = arguments["namespace"].nonEmpty, own != wanted {
      throw Failure.error(
        "the namespace from the provided object \"\(own)\" does not match the namespace \"\(wanted)\". "
          + "You must pass '--namespace=\(own)' to perform this operation.")
    }
    if own == nil { object["metadata", default: .emptyObject]["namespace"] = .string(namespace) }
    return Item(
      resource: resource, namespace: own ?? namespace, name: manifest.name, object: object, source: manifest)
  }

  func items(_ manifests: [Manifest], _ discovery: Discovery) throws -> [Item] {
    try manifests.map { try item($0, discovery) }
  }
}

extension Value {
  /// The member with this name, or another value where there is none.
  subscript(_ name: String, default value: Value) -> Value {
    get { self[name] ?? value }
    set { self[name] = newValue }
  }
}

extension String {
  /// Whether two words differ by at most two letters that were added, left out or changed.
  func isNear(_ other: String) -> Bool {
    let (left, right) = (Array(lowercased()), Array(other.lowercased()))
    guard abs(left.count - right.count) <= 2 else { return false }
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let changed = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(changed, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count] <= 2
  }
}
