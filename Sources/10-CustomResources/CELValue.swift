import Foundation
public import Objects

/// What an expression works on and what it evaluates to.
///
/// JSON knows numbers; here 1, 1u and 1.0 are three types that can be equal. Specified by cel-spec, "Values".
public enum CELValue: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  case list([CELValue])
  case map(CELMap)
  case timestamp(Time)
  case duration(Duration)
  case type(String)
  indirect case optional(CELValue?)
  case quantity(Quantity)
  case version(SemanticVersion)
  case address(IPAddress)
  case block(IPBlock)
  case url(CELURL)
  case format(CELFormat)
}

/// Entries in the order in which they were written. Objects are maps too, whose keys are the names of fields.
public struct CELMap: Sendable {
  public private(set) var keys: [CELValue] = []
  private var values: [CELValue: CELValue] = [:]

  public init() {}

  public var count: Int { keys.count }

  public subscript(_ key: CELValue) -> CELValue? {
    get { values[key] }
    set {
      if values.updateValue(newValue ?? .null, forKey: key) == nil { keys.append(key) }
    }
  }

  subscript(_ name: String) -> CELValue? { values[.string(name)] }
}

extension CELValue {
  /// - Parameter type: tells what JSON does not: that a text is a time, that a number is a fraction. Fields that the
  ///   type does not have are left out.
  public init(_ json: Value, as type: CELType) {
    switch (json, type.form) {
    case (_, .optional(let type)): self = .optional(CELValue(json, as: type))
    case (.null, _): self = .null
    case (.bool(let bool), _): self = .bool(bool)
    case (.integer(let integer), .simple("double")): self = .double(Double(integer))
    case (.integer(let integer), _): self = .int(integer)
    case (.double(let double), .simple("int")): self = Int64(exactly: double).map(CELValue.int) ?? .double(double)
    case (.double(let double), _): self = .double(double)
    case (.string(let text), .simple("timestamp")):
      let time = Time(celTimestamp: text) ?? Time(celTimestamp: text + "T00:00:00Z")
      self = time.map(CELValue.timestamp) ?? .null
    case (.string(let text), .simple("duration")): self = Duration(goDuration: text).map(CELValue.duration) ?? .null
    case (.string(let text), .simple("bytes")): self = .bytes(Data(base64Encoded: text).map(Array.init) ?? [])
    case (.string(let text), _): self = .string(text)
    case (.array(let elements), let form):
      var inner = CELType.dyn
      if case .list(let element) = form { inner = element }
      self = .list(elements.map { CELValue($0, as: inner) })
    case (.object(let members), .object(let object)):
      var map = CELMap()
      for (name, value) in members {
        guard let name = CELNames.escaped(name), let type = object.fields[name] else { continue }
        map[.string(name)] = CELValue(value, as: type)
      }
      self = .map(map)
    case (.object(let members), let form):
      var inner = CELType.dyn
      if case .map(_, let value) = form { inner = value }
      var map = CELMap()
      for (name, value) in members { map[.string(name)] = CELValue(value, as: inner) }
      self = .map(map)
    }
  }

  /// The name that `type(x)` gives.
  var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .list: "list"
    case .map: "map"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .type: "type"
    case .optional: "optional_type"
    case .quantity: "kubernetes.Quantity"
    case .version: "kubernetes.Semver"
    case .address: "net.IP"
    case .block: "net.CIDR"
    case .url: "kubernetes.URL"
    case .format: "kubernetes.NamedFormat"
    }
  }
}

// MARK: - Equality

extension CELValue: Hashable {
  /// Numbers are compared as numbers, whatever their types; values of different types are otherwise not equal.
  public static func == (left: CELValue, right: CELValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.bytes(let left), .bytes(let right)): left == right
    case (.list(let left), .list(let right)): left == right
    case (.map(let left), .map(let right)):
      left.count == right.count && left.keys.allSatisfy { key in right[key].map { $0 == left[key] } ?? false }
    case (.timestamp(let left), .timestamp(let right)): left == right
    case (.duration(let left), .duration(let right)): left == right
    case (.type(let left), .type(let right)): left == right
    case (.optional(let left), .optional(let right)): left == right
    case (.quantity(let left), .quantity(let right)): left == right
    case (.version(let left), .version(let right)): left == right
    case (.address(let left), .address(let right)): left == right
    case (.block(let left), .block(let right)): left == right
    case (.url(let left), .url(let right)): left == right
    case (.format(let left), .format(let right)): left == right
    default: left.isNumber && left.compare(to: right) == .equal
    }
  }

  /// Equal numbers have equal hashes, because they are the same double. Only keys are ever hashed, and these are flat.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .int(let int): hasher.combine(Double(int))
    case .uint(let uint): hasher.combine(Double(uint))
    case .double(let double): hasher.combine(double)
    case .string(let string): hasher.combine(string)
    case .bool(let bool): hasher.combine(bool)
    default: hasher.combine(typeName)
    }
  }
}

// MARK: - Order

enum CELOrder: Int { case less = -1, equal, greater }

extension CELValue {
  var isNumber: Bool {
    switch self {
    case .int, .uint, .double: true
    default: false
    }
  }

  /// How two values of an ordered type, or two numbers, stand to each other; nil when they have no order.
  func compare(to other: CELValue) -> CELOrder? {
    switch (self, other) {
    case (.int(let left), .int(let right)): order(left, right)
    case (.int(let left), .uint(let right)): left < 0 ? .less : order(UInt64(left), right)
    case (.uint(let left), .uint(let right)): order(left, right)
    case (.double(let left), .double(let right)): left.isNaN || right.isNaN ? nil : order(left, right)
    case (.int(let left), .double(let right)): compareWhole(Int128(left), with: right)
    case (.uint(let left), .double(let right)): compareWhole(Int128(left), with: right)
    case (.uint, .int), (.double, .int), (.double, .uint):
      other.compare(to: self).flatMap { CELOrder(rawValue: -$0.rawValue) }
    case (.bool(let left), .bool(let right)): order(left ? 1 : 0, right ? 1 : 0)
    case (.string(let left), .string(let right)): orderInTurn(left.utf8, right.utf8)
    case (.bytes(let left), .bytes(let right)): orderInTurn(left, right)
    case (.timestamp(let left), .timestamp(let right)): order(left, right)
    case (.duration(let left), .duration(let right)): order(left, right)
    default: nil
    }
  }

  private func order<T: Comparable>(_ left: T, _ right: T) -> CELOrder {
    left < right ? .less : left == right ? .equal : .greater
  }

  private func orderInTurn(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> CELOrder {
    left.lexicographicallyPrecedes(right) ? .less : left.elementsEqual(right) ? .equal : .greater
  }

  /// Exactly, although the double may be far beyond all integers, or between two of them.
  private func compareWhole(_ whole: Int128, with double: Double) -> CELOrder? {
    if double.isNaN { return nil }
    if double.magnitude > 1e30 { return double > 0 ? .less : .greater }
    let floor = Int128(double.rounded(.down))
    return whole == floor && double > double.rounded(.down) ? .less : order(whole, floor)
  }
}

// MARK: - Size

extension CELValue {
  /// How much there is to read: bytes of a text, and everything in a list or map, but never counted far beyond the
  /// limit. A list that holds one list many times over can be larger than the memory it takes.
  func weight(upTo limit: Int) -> Int {
    switch self {
    case .string(let string): return string.utf8.count
    case .bytes(let bytes): return bytes.count
    case .list(let elements): return Self.sum(elements, upTo: limit)
    case .map(let map):
      return Self.sum(map.keys, upTo: limit) + Self.sum(map.keys.lazy.compactMap { map[$0] }, upTo: limit)
    case .optional(let value): return 1 + (value?.weight(upTo: limit) ?? 0)
    default: return 1
    }
  }

  private static func sum(_ values: some Sequence<CELValue>, upTo limit: Int) -> Int {
    var sum = 1
    for value in values where sum <= limit { sum += value.weight(upTo: limit - sum) }
    return sum
  }
}
