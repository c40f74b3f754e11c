import Objects

/// What a string with a format has to look like. A format that is not here says nothing, as in Kubernetes.
///
/// Specified by the Kubernetes documentation ("Validation": supported formats) and the RFCs that it names.
enum Formats {
  static let checks: [String: @Sendable (String) -> Bool] = [
    "date-time": { Time($0) != nil },
    "datetime": { Time($0) != nil },
    "date": { $0.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil && Time($0 + "T00:00:00Z") != nil },
    "duration": { $0.wholeMatch(of: /-?(?:[0-9]+(?:\.[0-9]*)? ?(?:ns|us|µs|ms|s|m|h|d|w))+|0/) != nil },
    "byte": { $0.utf8.count % 4 == 0 && $0.wholeMatch(of: /[A-Za-z0-9+\/]*={0,2}/) != nil },
    "uuid": { $0.wholeMatch(of: /(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/) != nil },
    "ipv4": isIPv4,
    "ipv6": isIPv6,
    "cidr": isCIDR,
    "email": { $0.wholeMatch(of: /[^\s@]+@[^\s@]+/) != nil },
    "hostname": { $0.utf8.count <= 253 && Names.subdomainProblems($0.lowercased()).isEmpty },
    "uri": { $0.wholeMatch(of: /(?:[A-Za-z][A-Za-z0-9+.\-]*:\S+|\/\S*)/) != nil },
    "mac": { $0.wholeMatch(of: /(?i)[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}/) != nil },
    "hexcolor": { $0.wholeMatch(of: /(?i)#?(?:[0-9a-f]{3}|[0-9a-f]{6})/) != nil },
  ]

  private static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { $0 == "0" || !$0.hasPrefix("0") && UInt8($0) != nil && $0.first != "+" }
  }

  /// RFC 4291, 2.2: eight groups; two colons stand for groups of zeros, once; the end may be an IPv4 address.
  private static func isIPv6(_ text: String) -> Bool {
    var text = Substring(text)
    var groups = 8
    if let dot = text.firstIndex(of: "."), let colon = text[..<dot].lastIndex(of: ":") {
      guard isIPv4(String(text[text.index(after: colon)...])) else { return false }
      groups = 6
      text = text[...colon]
      if !text.hasSuffix("::") { text = text.dropLast() }
    }
    func count(_ part: Substring) -> Int? {
      if part.isEmpty { return 0 }
      let names = part.split(separator: ":", omittingEmptySubsequences: false)
      return names.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy(\.isHexDigit) } ? names.count : nil
    }
    guard let gap = text.firstRange(of: "::") else { return count(text) == groups }
    guard let before = count(text[..<gap.lowerBound]), let after = count(text[gap.upperBound...]) else { return false }
    return before + after < groups
  }

  private static func isCIDR(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = UInt8(parts[1]) else { return false }
    let address = String(parts[0])
    return isIPv4(address) && length <= 32 || isIPv6(address) && length <= 128
  }
}
