// `kubectl create configmap` and `kubectl create secret`: objects made of files, words and credentials.

import Foundation
import Objects

extension Command {
  static let createData: [Command] = [
    Command(
      name: "create configmap", summary: "Create a config map from a local file, directory or literal value",
      usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [options]", flags: newFlags + dataFlags,
      needsServer: isOnline
    ) { invocation in
      var object: Value = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": .string(try invocation.onlyName()), "creationTimestamp": nil],
      ]
      for (key, bytes) in try invocation.data() {
        if let text = String(validating: bytes, as: UTF8.self) {
          object["data", default: .emptyObject][key] = .string(text)
        } else {
          object["binaryData", default: .emptyObject][key] = .string(Data(bytes).base64EncodedString())
        }
      }
      try await invocation.create(
        object,
        Resource(
          group: "", version: "v1", name: "configmaps", singular: "configmap", kind: "ConfigMap", isNamespaced: true))
    },
    Command(
      name: "create secret generic", summary: "Create a secret from a local file, directory, or literal value",
      usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [options]",
      flags: newFlags + dataFlags + [Flag("type", "The type of secret to create")], needsServer: isOnline
    ) { invocation in
      try await invocation.createSecret(invocation.arguments["type"], try invocation.data())
    },
    Command(
      name: "create secret tls", summary: "Create a TLS secret",
      usage: "NAME --cert=path/to/cert/file --key=path/to/key/file [options]",
      flags: newFlags + [
        Flag("cert", "Path to PEM encoded public key certificate"),
        Flag("key", "Path to private key associated with given certificate"),
      ], needsServer: isOnline
    ) { invocation in
      guard let certificate = invocation.arguments["cert"].nonEmpty, let key = invocation.arguments["key"].nonEmpty
      else { throw Failure.error("key and cert must be specified") }
      let files = try [("tls.crt", certificate), ("tls.key", key)].map { name, path in
        guard let bytes = invocation.world.read(path) else {
          throw Failure.error("Cannot read file \(path), open \(path): no such file or directory")
        }
        return (key: name, bytes: bytes)
      }
      try await invocation.createSecret("kubernetes.io/tls", files)
    },
    Command(
      name: "create secret docker-registry", summary: "Create a secret for use with a Docker registry",
      usage: "NAME --docker-username=user --docker-password=password --docker-email=email [options]",
      flags: newFlags + [
        Flag("docker-email", "Email for Docker registry"),
        Flag("docker-password", "Password for Docker registry authentication"),
        Flag("docker-server", "Server location for Docker registry"),
        Flag("docker-username", "Username for Docker registry authentication"),
        Flag("from-file", nil, .list, "A docker config file, instead of the credentials"),
      ], needsServer: isOnline
    ) { invocation in
      var data = try invocation.data(defaultKey: ".dockerconfigjson")
      if data.isEmpty {
        guard let user = invocation.arguments["docker-username"].nonEmpty,
          let password = invocation.arguments["docker-password"].nonEmpty
        else {
          throw Failure.error(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is "
              + "required")
        }
        var entry: Value = ["username": .string(user), "password": .string(password)]
        if let email = invocation.arguments["docker-email"].nonEmpty { entry["email"] = .string(email) }
        entry["auth"] = .string(Data("\(user):\(password)".utf8).base64EncodedString())
        let server = invocation.arguments["docker-server"].nonEmpty ?? "https://index.docker.io/v1/"
        data = [(".dockerconfigjson", Array((["auths": [server: entry]] as Value).encodedString.utf8))]
      }
      try await invocation.createSecret("kubernetes.io/dockerconfigjson", data)
    },
  ]

  private static let dataFlags = [
    Flag("from-file", nil, .list, "Key file or directory; without a key the file's name is used"),
    Flag("from-literal", nil, .list, "Specify a key and literal value (i.e. mykey=somevalue)"),
    Flag("from-env-file", nil, .list, "Specify the path to a file to read lines of key=val pairs"),
  ]
}

extension Invocation {
  fileprivate func createSecret(_ type: String?, _ data: [(key: String, bytes: [UInt8])]) async throws {
    var object: Value = [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": ["name": .string(try onlyName()), "creationTimestamp": nil],
    ]
    if let type { object["type"] = .string(type) }
    for (key, bytes) in data {
      object["data", default: .emptyObject][key] = .string(Data(bytes).base64EncodedString())
    }
    try await create(
      object,
      Resource(group: "", version: "v1", name: "secrets", singular: "secret", kind: "Secret", isNamespaced: true))
  }

  /// What `--from-literal` and `--from-file` hold, or `--from-env-file` alone; each key once.
  fileprivate func data(defaultKey: String? = nil) throws -> [(key: String, bytes: [UInt8])] {
    let sources = arguments.all("from-file") + arguments.all("from-literal")
    if let path = arguments.all("from-env-file").first {
      guard sources.isEmpty else {
        throw Failure.error("from-env-file cannot be combined with from-file or from-literal")
      }
      return try variables(in: path)
    }
    var data: [(key: String, bytes: [UInt8])] = []
    func add(_ key: String, _ bytes: [UInt8]) throws {
      if let fault = fault(ofKey: key) {
        throw Failure.error("\"\(key)\" is not a valid key name for a ConfigMap: \(fault)")
      }
      guard !data.contains(where: { $0.key == key }) else {
        throw Failure.error("cannot add key \"\(key)\", another key by that name already exists in Data")
      }
      data.append((key, bytes))
    }
    for literal in arguments.all("from-literal") {
      guard let (key, value) = pair(literal) else {
        throw Failure.error("invalid literal source \(literal), expected key=value")
      }
      try add(key, Array(value.utf8))
    }
    for source in arguments.all("from-file") {
      let (key, path) = pair(source) ?? ("", source)
      if let bytes = world.read(path) {
        try add(key.isEmpty ? defaultKey ?? path.split(separator: "/").last.map(String.init) ?? path : key, bytes)
      } else if key.isEmpty, let names = try? FileManager.default.contentsOfDirectory(atPath: path) {
        for name in names.sorted() {
          if let bytes = world.read("\(path)/\(name)") { try add(name, bytes) }
        }
      } else {
        throw Failure.error("error reading \(path): no such file or directory")
      }
    }
    return data
  }

  private func variables(in path: String) throws -> [(key: String, bytes: [UInt8])] {
    guard let bytes = world.read(path) else {
      throw Failure.error("error reading \(path): no such file or directory")
    }
    return try String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.drop(while: \.isWhitespace) }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
      .compactMap { line in
        let name = String(line.prefix { $0 != "=" })
        if let fault = fault(ofVariable: name) {
          throw Failure.error("\"\(name)\" is not a valid key name: \(fault)")
        }
        // A name alone takes the value that the shell gives it, if it does.
        let value = line.contains("=") ? String(line.dropFirst(name.count + 1)) : world.environment[name]
        return value.map { (name, Array($0.utf8)) }
      }
  }
}

private let keyCharacters = Set("-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

private func fault(ofKey key: String) -> String? {
  guard key.isEmpty || !key.allSatisfy(keyCharacters.contains) else { return nil }
  return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
}

private func fault(ofVariable name: String) -> String? {
  guard name.first?.isNumber != false || !name.allSatisfy(keyCharacters.contains) else { return nil }
  return "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must "
    + "not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is "
    + "'[-._a-zA-Z][-._a-zA-Z0-9]*')"
}
