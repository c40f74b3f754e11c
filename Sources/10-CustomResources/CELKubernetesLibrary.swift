import Foundation
import Objects

// What Kubernetes adds to the language: patterns, amounts, addresses, URLs and its own rules for names. Their types
// have no literals; each has a function that reads one, and another that says whether it could.

extension CELLibrary {
  static let kubernetes: [CELFunction] = patterns + quantities + versions + addresses + urls + formats

  private static func pattern(_ text: String) throws -> RegularExpression {
    do { return try RegularExpression(text) } catch { throw CELFailure.fault("\(error)") }
  }

  private static let patterns: [CELFunction] =
    [false, true].map { isMethod in
      function("matches", .matching, isMethod: isMethod) { (text: String, pattern: String) in
        try Self.pattern(pattern).find(in: text)
      }
    } + [
      method("find", .matching) { (text: String, pattern: String) in
        try Self.pattern(pattern).findAll(in: text, limit: 1).first ?? ""
      },
      method("findAll", .matching) { (text: String, pattern: String) in
        Items<String>(elements: try Self.pattern(pattern).findAll(in: text))
      },
      method("findAll", .matching) { (text: String, pattern: String, limit: Int64) in
        Items<String>(elements: try Self.pattern(pattern).findAll(in: text, limit: limit < 0 ? .max : Int(limit)))
      },
    ]

  private static let quantities: [CELFunction] = [
    function("quantity", .reading) { (text: String) in
      do { return try Quantity(text) } catch { throw CELFailure.fault("\(error)") }
    },
    function("isQuantity", .reading) { (text: String) in (try? Quantity(text)) != nil },
    method("sign") { (amount: Quantity) in Int64(amount == .zero ? 0 : amount < .zero ? -1 : 1) },
    method("isInteger") { (amount: Quantity) in amount.exactly != nil },
    method("asInteger") { (amount: Quantity) in
      guard let whole = amount.exactly else { throw CELFailure.fault("cannot convert value to integer") }
      return whole
    },
    method("asApproximateFloat") { (amount: Quantity) in
      amount.exactly.map(Double.init) ?? Double(amount.milliValue) / 1000
    },
    method("add") { (a: Quantity, b: Quantity) in a + b },
    method("add") { (a: Quantity, b: Int64) in a + Quantity(b) },
    method("sub") { (a: Quantity, b: Quantity) in a - b },
    method("sub") { (a: Quantity, b: Int64) in a - Quantity(b) },
    method("isGreaterThan") { (a: Quantity, b: Quantity) in a > b },
    method("isLessThan") { (a: Quantity, b: Quantity) in a < b },
    method("compareTo") { (a: Quantity, b: Quantity) in Int64(a < b ? -1 : a == b ? 0 : 1) },
  ]

  private static let addresses: [CELFunction] = [
    function("ip", .reading) { (text: String) in try address(text) },
    function("isIP", .reading) { (text: String) in IPAddress(text) != nil },
    function("ip.isCanonical", .reading) { (text: String) in try address(text).description == text },
    function("string") { (address: IPAddress) in address.description },
    method("family") { (address: IPAddress) in Int64(address.isVersion6 ? 6 : 4) },
    method("isUnspecified") { (address: IPAddress) in address.bits == 0 },
    method("isLoopback") { (address: IPAddress) in address.isIn("127.0.0.0/8") || address.isIn("::1/128") },
    method("isLinkLocalMulticast") { (ip: IPAddress) in ip.isIn("224.0.0.0/24") || ip.isIn("ff02::/16") },
    method("isLinkLocalUnicast") { (ip: IPAddress) in ip.isIn("169.254.0.0/16") || ip.isIn("fe80::/10") },
    method("isGlobalUnicast") { (address: IPAddress) in
      let others = ["127.0.0.0/8", "::1/128", "224.0.0.0/4", "ff00::/8", "169.254.0.0/16", "fe80::/10"]
      return address.bits != 0 && !address.isIn("255.255.255.255/32") && !others.contains(where: address.isIn)
    },
    function("cidr", .reading) { (text: String) in try block(text) },
    function("isCIDR", .reading) { (text: String) in IPBlock(text) != nil },
    function("string") { (block: IPBlock) in block.description },
    method("containsIP") { (block: IPBlock, address: IPAddress) in block.contains(address) },
    method("containsIP", .reading) { (block: IPBlock, text: String) in block.contains(try address(text)) },
    method("containsCIDR") { (block: IPBlock, other: IPBlock) in covers(block, other) },
    method("containsCIDR", .reading) { (block: IPBlock, text: String) in covers(block, try Self.block(text)) },
    method("ip") { (block: IPBlock) in block.address },
    method("masked") { (block: IPBlock) in block.masked },
    method("prefixLength") { (block: IPBlock) in Int64(block.length) },
  ]

  private static func address(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else { throw CELFailure.fault("IP Address \"\(text)\" parse error") }
    return address
  }

  private static func block(_ text: String) throws -> IPBlock {
    guard let block = IPBlock(text) else { throw CELFailure.fault("network address parse error: \"\(text)\"") }
    return block
  }

  private static func covers(_ block: IPBlock, _ other: IPBlock) -> Bool {
    block.length <= other.length && block.contains(other.address)
  }

  private static let urls: [CELFunction] = [
    function("url", .reading) { (text: String) in
      guard let url = CELURL(text) else {
        throw CELFailure.fault("URL parse error during conversion from string: \(text)")
      }
      return url
    },
    function("isURL", .reading) { (text: String) in CELURL(text) != nil },
    method("getScheme") { (url: CELURL) in url.parts.scheme ?? "" },
    method("getHost") { (url: CELURL) in url.host + (url.parts.port.map { ":\($0)" } ?? "") },
    method("getHostname") { (url: CELURL) in url.host.trimmingCharacters(in: ["[", "]"]) },
    method("getPort") { (url: CELURL) in url.parts.port.map(String.init) ?? "" },
    method("getEscapedPath") { (url: CELURL) in url.parts.percentEncodedPath },
    method("getQuery") { (url: CELURL) in
      var query = CELMap()
      for item in url.parts.queryItems ?? [] {
        var values: [CELValue] = []
        if case .list(let before)? = query[item.name] { values = before }
        query[.string(item.name)] = .list(values + [.string(item.value ?? "")])
      }
      return Entries<String, Items<String>>(query)
    },
  ]

  private static let formats: [CELFunction] =
    CELFormat.allCases.map { format in function("format.\(format)") { () in format } } + [
      function("format.named", .reading) { (name: String) in CELFormat(rawValue: name) },
      method("validate", .reading) { (format: CELFormat, text: String) in
        let problems = format.problems(text)
        return problems.isEmpty ? nil : Optional(Items<String>(elements: problems))
      },
    ]
}

/// How a text has to be spelled, by the names that Kubernetes has for its rules.
public enum CELFormat: String, Sendable, CaseIterable {
  case dns1123Label, dns1123Subdomain, dns1035Label, dns1123LabelPrefix, dns1123SubdomainPrefix, dns1035LabelPrefix
  case qualifiedName, labelValue, uri, uuid, byte, date, datetime

  func problems(_ text: String) -> [String] {
    // A prefix may end in a dash, because something will follow.
    let filled = text.hasSuffix("-") ? text.dropLast() + "a" : text
    return switch self {
    case .dns1123Label: Names.labelProblems(text)
    case .dns1123Subdomain: Names.subdomainProblems(text)
    case .dns1035Label: Names.serviceProblems(text)
    case .dns1123LabelPrefix: Names.labelProblems(filled)
    case .dns1123SubdomainPrefix: Names.subdomainProblems(filled)
    case .dns1035LabelPrefix: Names.serviceProblems(filled)
    case .qualifiedName: Names.qualifiedNameProblems(text)
    case .labelValue: Names.labelValueProblems(text)
    case .uri: CELURL(text) != nil ? [] : ["invalid URI"]
    case .uuid: UUID(uuidString: text) != nil ? [] : ["does not match the UUID format"]
    case .byte: Data(base64Encoded: text) != nil ? [] : ["invalid base64"]
    case .date: Time(text + "T00:00:00Z") != nil ? [] : ["invalid date"]
    case .datetime: Time(text) != nil ? [] : ["invalid datetime"]
    }
  }
}

extension Quantity {
  /// The amount, when it is a whole number that fits into 64 bits.
  fileprivate var exactly: Int64? {
    let whole = value
    return self == Quantity(whole) ? whole : nil
  }
}

extension Quantity: CELTyped {
  static var celType: CELType { CELType("kubernetes.Quantity") }
  init?(_ value: CELValue) { if case .quantity(let quantity) = value { self = quantity } else { return nil } }
  var celValue: CELValue { .quantity(self) }
}

extension IPAddress: CELTyped {
  static var celType: CELType { CELType("net.IP") }
  init?(_ value: CELValue) { if case .address(let address) = value { self = address } else { return nil } }
  var celValue: CELValue { .address(self) }
}

extension IPBlock: CELTyped {
  static var celType: CELType { CELType("net.CIDR") }
  init?(_ value: CELValue) { if case .block(let block) = value { self = block } else { return nil } }
  var celValue: CELValue { .block(self) }
}

extension CELURL: CELTyped {
  static var celType: CELType { CELType("kubernetes.URL") }
  init?(_ value: CELValue) { if case .url(let url) = value { self = url } else { return nil } }
  var celValue: CELValue { .url(self) }
}

extension CELFormat: CELTyped {
  static var celType: CELType { CELType("kubernetes.NamedFormat") }
  init?(_ value: CELValue) { if case .format(let format) = value { self = format } else { return nil } }
  var celValue: CELValue { .format(self) }
}
