import Objects

extension CELLibrary {
  /// Kubernetes' functions for lists, and those of cel-go's lists and sets. What compares every element with every
  /// other is paid as such.
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
      Items<T>(try slice(list.values, start, end))
    },
    method("reverse", .reading) { (list: Items<T>) in Items<T>(list.values.reversed() as [CELValue]) },
    method("distinct", .pairing) { (list: Items<T>) in
      Items<T>(list.values.reduce(into: [CELValue]()) { if !$0.contains($1) { $0.append($1) } })
    },
    method("flatten", .reading) { (list: Items<Items<T>>) in Items<T>(flat(list.values, 1)) },
    method("flatten", .reading) { (list: Items<CELValue>, depth: Int64) in
      guard depth >= 0 else { throw CELFailure.fault("level must be non-negative") }
      return Items<CELValue>(flat(list.values, depth))
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

  private static func slice(_ list: [CELValue], _ start: Int64, _ end: Int64) throws -> [CELValue] {
    let why =
      start < 0 || end < 0
      ? "negative indexes not supported"
      : start > end
        ? "start index must be less than or equal to end index"
        : end > list.count ? "list is length \(list.count)" : nil
    if let why { throw CELFailure.fault("cannot slice(\(start), \(end)), \(why)") }
    return Array(list[Int(start)..<Int(end)])
  }

  private static func flat(_ list: [CELValue], _ depth: Int64) -> [CELValue] {
    if depth == 0 { return list }
    return list.flatMap { if case .list(let inner) = $0 { flat(inner, depth - 1) } else { [$0] } }
  }

  /// A list for each type that has an order, since nothing else can be sorted; and one that counts.
  static let sorting: [CELFunction] =
    comparable.map { type in
      CELFunction("sort", isMethod: true, [.list(of: type)], .list(of: type), .pairing) { arguments in
        guard case .list(let elements) = arguments[0] else { return nil }
        return .list(try sorted(elements, by: elements))
      }
    } + [
      // No evaluation can pay for more.
      CELFunction("lists.range", [.int], .list(of: .int, maxItems: CELCost.perCall), .counting) {
        guard case .int(let count) = $0[0] else { return nil }
        if count < 0 { throw CELFailure.fault("lists.range: size must be non-negative, got \(count)") }
        return .list((0..<count).map { .int($0) })
      }
    ]

  /// Elements with equal keys keep their order.
  static func sorted(_ elements: [CELValue], by keys: [CELValue]) throws -> [CELValue] {
    guard let first = keys.first else { return elements }
    guard keys.allSatisfy({ $0.typeName == first.typeName }) else {
      throw CELFailure.fault("list elements must have the same type")
    }
    if !first.isNumber, first.compare(to: first) == nil {
      throw CELFailure.fault("list elements must be comparable")
    }
    return keys.indices.sorted { keys[$0].compare(to: keys[$1]) == .less }.map { elements[$0] }
  }

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
    method("first") { (list: Items<T>) in list.values.first.map { T($0) } },
    method("last") { (list: Items<T>) in list.values.last.map { T($0) } },
    function("optional.unwrap", .reading) { (list: Items<T?>) in try present(list) },
    method("unwrapOpt", .reading) { (list: Items<T?>) in try present(list) },
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

  private static func present(_ list: Items<T?>) throws -> Items<T> {
    Items<T>(elements: try list.elements().compactMap(\.self))
  }

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
