import Objects

extension CELLibrary {
  /// Kubernetes' functions for lists, and those of cel-go's sets. What compares every element with every other is
  /// paid as such.
  static let lists: [CELFunction] = [
    method("isSorted", .reading) { (list: Items<T>) in
      try zip(list.values, list.values.dropFirst()).allSatisfy { left, right in
        guard let order = left.compare(to: right) else { throw CELFailure.noOverload }
        return order != .greater
      }
    },
    method("sum", .reading) { (list: Items<Int64>) in try sum(list, zero: .int(0)) },
    method("sum", .reading) { (list: Items<UInt64>) in try sum(list, zero: .uint(0)) },
    method("sum", .reading) { (list: Items<Double>) in try sum(list, zero: .double(0)) },
    method("sum", .reading) { (list: Items<Duration>) in try sum(list, zero: .duration(.zero)) },
    method("min", .reading) { (list: Items<T>) in T(try best(of: list.values, "min", .less)) },
    method("max", .reading) { (list: Items<T>) in T(try best(of: list.values, "max", .greater)) },
    method("indexOf", .reading) { (list: Items<T>, value: T) in
      Int64(list.values.firstIndex(of: value.celValue) ?? -1)
    },
    method("lastIndexOf", .reading) { (list: Items<T>, value: T) in
      Int64(list.values.lastIndex(of: value.celValue) ?? -1)
    },
    method("slice", .reading) { (list: Items<T>, start: Int64, end: Int64) in
      Items<T>(Array(list.values[try list.values.range(start, end)]))
    },
    method("reverse", .reading) { (list: Items<T>) in Items<T>(list.values.reversed() as [CELValue]) },
    method("distinct", .pairing) { (list: Items<T>) in
      Items<T>(list.values.reduce(into: [CELValue]()) { if !$0.contains($1) { $0.append($1) } })
    },
    method("flatten", .reading) { (list: Items<CELValue>) in
      Items<CELValue>(list.values.flatMap { if case .list(let inner) = $0 { inner } else { [$0] } })
    },
    function("sets.contains", .searching) { (list: Items<T>, other: Items<T>) in
      other.values.allSatisfy(list.values.contains)
    },
    function("sets.equivalent", .searching) { (list: Items<T>, other: Items<T>) in
      other.values.allSatisfy(list.values.contains) && list.values.allSatisfy(other.values.contains)
    },
    function("sets.intersects", .searching) { (list: Items<T>, other: Items<T>) in
      other.values.contains(where: list.values.contains)
    },
  ]

  /// The elements' own `+`, one after the other.
  private static func sum<Element>(_ list: Items<Element>, zero: CELValue) throws -> CELValue {
    try list.values.reduce(zero) { sum, value in
      for function in functions["_+_"] ?? [] {
        if let result = try function.body([sum, value]) { return result }
      }
      throw CELFailure.noOverload
    }
  }

  private static func best(of values: [CELValue], _ name: String, _ wanted: CELOrder) throws -> CELValue {
    guard var best = values.first else { throw CELFailure.fault("\(name) called on empty list") }
    for value in values.dropFirst() {
      guard let order = value.compare(to: best) else { throw CELFailure.noOverload }
      if order == wanted { best = value }
    }
    return best
  }

  /// A value that may be missing, without being null and without being an error.
  static let optionals: [CELFunction] = [
    function("optional.none") { () in T?.none },
    function("optional.of") { (value: T) in Optional(value) },
    function("optional.ofNonZeroValue") { (value: T) in value.celValue.isZero ? nil : Optional(value) },
    method("hasValue") { (value: T?) in value != nil },
    method("value") { (value: T?) in
      guard let value else { throw CELFailure.fault("optional.none() dereference") }
      return value
    },
    method("or") { (value: T?, other: T?) in value ?? other },
    method("orValue") { (value: T?, other: T) in value ?? other },
    function("_[?_]") { (list: Items<T>, index: Int64) in
      list.values.indices.contains(Int(index)) ? Optional(T(list.values[Int(index)])) : nil
    },
    function("_[?_]") { (map: Entries<K, T>, key: K) in map.map[key.celValue].map(T.init) },
    function("_[?_]") { (list: Items<T>?, index: Int64) in
      guard let list, list.values.indices.contains(Int(index)) else { return T?.none }
      return T(list.values[Int(index)])
    },
    function("_[?_]") { (map: Entries<K, T>?, key: K) in map?.map[key.celValue].map { T($0) } },
  ]

  /// Times and durations answer some of the same questions.
  static let times: [CELFunction] =
    clock("getFullYear") { $0.parts[0] } + clock("getMonth") { $0.parts[1] - 1 }
    + clock("getDayOfMonth") { $0.parts[2] - 1 } + clock("getDate") { $0.parts[2] } + clock("getHours") { $0.parts[3] }
    + clock("getMinutes") { $0.parts[4] } + clock("getSeconds") { $0.parts[5] }
    + clock("getMilliseconds") { ($0.microseconds - $0.wholeSeconds * 1_000_000) / 1000 }
    + clock("getDayOfYear") { $0.dayOfYear } + clock("getDayOfWeek") { $0.dayOfWeek } + [
      method("getHours") { (duration: Duration) in duration.components.seconds / 3600 },
      method("getMinutes") { (duration: Duration) in duration.components.seconds / 60 },
      method("getSeconds") { (duration: Duration) in duration.components.seconds },
      method("getMilliseconds") { (duration: Duration) in Int64(clamping: duration.nanoseconds / 1_000_000) },
    ]

  private static func clock(_ name: String, _ part: @escaping @Sendable (Time) -> Int64) -> [CELFunction] {
    [
      method(name) { (time: Time) in part(time) },
      method(name) { (time: Time, zone: String) in part(try time.local(in: zone)) },
    ]
  }
}

extension CELValue {
  fileprivate var isZero: Bool {
    switch self {
    case .null, .bool(false), .string(""): true
    case .int, .uint, .double: self == .int(0)
    case .bytes(let bytes): bytes.isEmpty
    case .list(let elements): elements.isEmpty
    case .map(let map): map.count == 0
    case .duration(let duration): duration == .zero
    case .optional(let value): value == nil
    default: false
    }
  }
}
