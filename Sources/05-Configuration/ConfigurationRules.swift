import Objects

// What ConfigMaps and Secrets must be. The sentences are Kubernetes'; none of them shows a Secret's content.

extension ConfigMap {
  var problems: [FieldError] {
    var errors: [FieldError] = []
    for key in self.data.names {
      let path = FieldPath("data")[key: key]
      errors += ConfigurationKey.problems(key, at: path)
      if self.binaryData.members[key] != nil {
        errors.append(.invalid(path, .string(key), "duplicate of key present in binaryData"))
      }
    }
    for key in self.binaryData.names {
      errors += ConfigurationKey.problems(key, at: FieldPath("binaryData")[key: key])
    }
    let (size, wrong) = self.binaryData.measure(at: FieldPath("binaryData"))
    let total = self.data.reduce(size) { $0 + $1.value.utf8.count }
    // Kubernetes' way to say that the object as a whole is meant.
    return errors + wrong + ContentSize.problems(total, at: FieldPath("[]"))
  }
}

extension Secret {
  var problems: [FieldError] {
    let data = FieldPath("data")
    let (size, wrong) = self.data.measure(at: data)
    return self.data.names.flatMap { ConfigurationKey.problems($0, at: data[key: $0]) }
      + wrong + ContentSize.problems(size, at: data) + typeProblems(at: data)
  }

  private func typeProblems(at path: FieldPath) -> [FieldError] {
    func missing(_ keys: String...) -> [FieldError] {
      keys.filter { self.data[$0] == nil }.map { .required(path[key: $0]) }
    }
    func document(_ key: String) -> [FieldError] {
      guard let text = self.data[key] else { return [.required(path[key: key])] }
      if let bytes = text.bytes, let value = try? Value(parsing: bytes), value.members != nil { return [] }
      return [.invalid(path[key: key], "<secret contents redacted>", "must be a JSON object")]
    }
    switch self.type {
    case "kubernetes.io/tls": return missing("tls.crt", "tls.key")
    case "kubernetes.io/dockerconfigjson": return document(".dockerconfigjson")
    case "kubernetes.io/dockercfg": return document(".dockercfg")
    case "kubernetes.io/basic-auth":
      let absent = missing("username", "password")
      return absent.count == 2 ? absent : []
    case "kubernetes.io/ssh-auth":
      let key = "ssh-privatekey"
      return self.data[key]?.text.isEmpty == false ? [] : [.required(path[key: key])]
    case "kubernetes.io/service-account-token":
      let account = "kubernetes.io/service-account.name"
      guard self.metadata.annotations[account] ?? "" == "" else { return [] }
      return [.required(FieldPath("metadata.annotations")[key: account])]
    default: return []
    }
  }
}

/// The names of settings: they become names of files and of environment variables.
enum ConfigurationKey {
  static func problems(_ key: String, at path: FieldPath) -> [FieldError] {
    var sentences: [String] = []
    if key.utf8.count > 253 { sentences.append("must be no more than 253 characters") }
    if key.isEmpty || !key.utf8.allSatisfy(isAllowed) { sentences.append(form) }
    if key == "." || key == ".." {
      sentences.append("must not be '\(key)'")
    } else if key.hasPrefix("..") {
      sentences.append("must not start with '..'")
    }
    return sentences.map { .invalid(path, .string(key), $0) }
  }

  private static let form =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    + "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

  private static func isAllowed(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return (0x61...0x7A).contains(letter) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
  }
}

enum ContentSize {
  static let limit = 1 << 20

  static func problems(_ size: Int, at path: FieldPath) -> [FieldError] {
    size > limit ? [FieldError(.tooLong, path, nil, "may not be more than \(limit) bytes")] : []
  }
}

extension Mapping<Base64Text> {
  // How many bytes there are in all, and what is no base64.
  fileprivate func measure(at path: FieldPath) -> (size: Int, wrong: [FieldError]) {
    var (size, wrong) = (0, [FieldError]())
    for (key, text) in self {
      if let bytes = text.bytes {
        size += bytes.count
      } else {
        let sentence = "illegal base64 data at input byte \(text.flaw)"
        wrong.append(FieldError(.typeInvalid, path[key: key], nil, sentence))
      }
    }
    return (size, wrong)
  }
}

enum Immutability {
  static func problems(_ new: Value, _ old: Value?, fields: [String]) -> [FieldError] {
    guard let old, old["immutable"] == true else { return [] }
    var changed = fields.filter { new[$0] != old[$0] }
    if new["immutable"] != true { changed.insert("immutable", at: 0) }
    return changed.map { .forbidden(FieldPath($0), "field is immutable when `immutable` is set") }
  }
}
