// "registry:5000/team/web:v2@sha256:…": what names an image, taken apart.

struct ImageReference {
  /// With the registry, without tag and digest.
  let repository: String
  let tag: String?
  let digest: String?

  /// What the image is called whoever keeps it: "web".
  var shortName: Substring { repository.split(separator: "/").last ?? "" }

  /// The reference format of container registries; nil for anything else.
  init?(_ text: String) {
    var rest = Substring(text)
    var digest: Substring?
    if let at = rest.firstIndex(of: "@") {
      digest = rest[rest.index(after: at)...]
      rest = rest[..<at]
    }
    var tag: Substring?
    // A colon before a slash belongs to the registry's port.
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
      tag = rest[rest.index(after: colon)...]
      rest = rest[..<colon]
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, rest.utf8.count <= 255 else { return nil }
    let hasRegistry = parts.count > 1 && (first.contains(".") || first.contains(":") || first == "localhost")
    guard !hasRegistry || isRegistry(first), parts.dropFirst(hasRegistry ? 1 : 0).allSatisfy(isPathComponent),
      tag.map(isTag) ?? true, digest.map(isDigest) ?? true
    else { return nil }
    repository = String(rest)
    self.tag = tag.map { String($0) }
    self.digest = digest.map { String($0) }
  }
}

/// A host and perhaps a port.
private func isRegistry(_ text: Substring) -> Bool {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  guard let host = parts.first, parts.count <= 2, parts.count == 1 || UInt16(parts[1]) != nil else { return false }
  return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
    !label.isEmpty && label.utf8.first != dash && label.utf8.last != dash
      && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == dash }
  }
}

/// Lower-case letters and digits, with ".", "_", "__" or dashes between them.
private func isPathComponent(_ text: Substring) -> Bool {
  var separator: [UInt8] = []
  var hasBegun = false
  for byte in text.utf8 {
    if isLetterOrDigit(byte) && !isUpper(byte) {
      guard separator.isEmpty || hasBegun && isSeparator(separator) else { return false }
      hasBegun = true
      separator = []
    } else {
      separator.append(byte)
    }
  }
  return hasBegun && separator.isEmpty
}

private func isSeparator(_ bytes: [UInt8]) -> Bool {
  bytes == [dot] || bytes == [underscore] || bytes == [underscore, underscore] || bytes.allSatisfy { $0 == dash }
}

private func isTag(_ text: Substring) -> Bool {
  guard let first = text.utf8.first, text.utf8.count <= 128, isLetterOrDigit(first) || first == underscore
  else { return false }
  return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == underscore || $0 == dot || $0 == dash }
}

/// "sha256:" and at least 32 hexadecimal digits.
private func isDigest(_ text: Substring) -> Bool {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  guard parts.count == 2, let algorithm = parts[0].utf8.first, isLetterOrDigit(algorithm) else { return false }
  return parts[1].utf8.count >= 32 && parts[1].allSatisfy(\.isHexDigit)
}

private let dash = UInt8(ascii: "-")
private let dot = UInt8(ascii: ".")
private let underscore = UInt8(ascii: "_")

private func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || isUpper(byte) || (0x61...0x7A).contains(byte)
}
