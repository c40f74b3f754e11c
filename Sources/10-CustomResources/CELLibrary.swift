import Foundation
import Jobs
import Objects

/// All functions by name. Operators are among them, but not && and ||, for which an error is not the end.
enum CELLibrary {
  static let functions: [String: [CELFunction]] = Dictionary(
    grouping: arithmetic + comparisons + collections + conversions + texts + times + lists + sorting + optionals
      + kubernetes, by: \.name)
}

// MARK: - Operators

extension CELLibrary {
  private static func checked<I: FixedWidthInteger>(_ result: (partialValue: I, overflow: Bool)) throws -> I {
    guard !result.overflow else {
      throw CELFailure.fault(I.isSigned ? "integer overflow" : "unsigned integer overflow")
    }
    return result.partialValue
  }

  private static func divided<I: FixedWidthInteger>(_ left: I, _ right: I) throws -> I {
    guard right != 0 else { throw CELFailure.fault("division by zero") }
    return try checked(left.dividedReportingOverflow(by: right))
  }

  private static func remainder<I: FixedWidthInteger>(_ left: I, _ right: I) throws -> I {
    guard right != 0 else { throw CELFailure.fault("modulus by zero") }
    return try checked(left.remainderReportingOverflow(dividingBy: right))
  }

  private static let arithmetic = [
    function("_+_") { (a: Int64, b: Int64) in try checked(a.addingReportingOverflow(b)) },
    function("_+_") { (a: UInt64, b: UInt64) in try checked(a.addingReportingOverflow(b)) },
    function("_+_") { (a: Double, b: Double) in a + b },
    function("_+_", .reading) { (a: String, b: String) in a + b },
    function("_+_", .reading) { (a: Bytes, b: Bytes) in Bytes(a.bytes + b.bytes) },
    function("_+_", .reading) { (a: Items<T>, b: Items<T>) in Items<T>(a.values + b.values) },
    function("_+_") { (a: Time, b: Duration) in try (a + b).checked() },
    function("_+_") { (a: Duration, b: Time) in try (b + a).checked() },
    function("_+_") { (a: Duration, b: Duration) in try (a + b).checked() },
    function("_-_") { (a: Int64, b: Int64) in try checked(a.subtractingReportingOverflow(b)) },
    function("_-_") { (a: UInt64, b: UInt64) in try checked(a.subtractingReportingOverflow(b)) },
    function("_-_") { (a: Double, b: Double) in a - b },
    function("_-_") { (a: Time, b: Time) in try (a - b).checked() },
    function("_-_") { (a: Time, b: Duration) in try (a - b).checked() },
    function("_-_") { (a: Duration, b: Duration) in try (a - b).checked() },
    function("_*_") { (a: Int64, b: Int64) in try checked(a.multipliedReportingOverflow(by: b)) },
    function("_*_") { (a: UInt64, b: UInt64) in try checked(a.multipliedReportingOverflow(by: b)) },
    function("_*_") { (a: Double, b: Double) in a * b },
    function("_/_") { (a: Int64, b: Int64) in try divided(a, b) },
    function("_/_") { (a: UInt64, b: UInt64) in try divided(a, b) },
    function("_/_") { (a: Double, b: Double) in a / b },
    function("_%_") { (a: Int64, b: Int64) in try remainder(a, b) },
    function("_%_") { (a: UInt64, b: UInt64) in try remainder(a, b) },
    function("-_") { (a: Int64) in try checked((0 as Int64).subtractingReportingOverflow(a)) },
    function("-_") { (a: Double) in -a },
    function("!_") { (a: Bool) in !a },
    function("_?_:_") { (condition: Bool, a: T, b: T) in condition ? a : b },
  ]

  /// The types whose values have an order: three of numbers, which are compared with each other, and those that are not.
  static let comparable: [CELType] = [.int, .uint, .double, .bool, .string, .bytes, .timestamp, .duration]

  private static let comparisons: [CELFunction] = {
    let (numbers, others) = (comparable.prefix(3), comparable.dropFirst(3))
    let pairs = numbers.flatMap { left in numbers.map { (left, $0) } } + others.map { ($0, $0) }
    let orders: [(String, @Sendable (CELOrder) -> Bool)] = [
      ("_<_", { $0 == .less }), ("_<=_", { $0 != .greater }), ("_>_", { $0 == .greater }), ("_>=_", { $0 != .less }),
    ]
    let ordered = orders.flatMap { name, holds in
      pairs.map { left, right in
        CELFunction(name, [left, right], .bool, .comparing) { arguments in
          guard arguments[0].isInstance(of: left), arguments[1].isInstance(of: right) else { return nil }
          // Nothing is less than a double that is no number, and nothing greater.
          return .bool(arguments[0].compare(to: arguments[1]).map(holds) ?? false)
        }
      }
    }
    return ordered + [
      function("_==_", .comparing) { (a: T, b: T) in a.celValue == b.celValue },
      function("_!=_", .comparing) { (a: T, b: T) in a.celValue != b.celValue },
    ]
  }()

  private static let collections =
    [false, true].flatMap { isMethod in
      [
        function("size", .reading, isMethod: isMethod) { (text: String) in Int64(text.unicodeScalars.count) },
        function("size", isMethod: isMethod) { (bytes: Bytes) in Int64(bytes.bytes.count) },
        function("size", isMethod: isMethod) { (list: Items<T>) in Int64(list.values.count) },
        function("size", isMethod: isMethod) { (map: Entries<K, T>) in Int64(map.map.count) },
      ]
    } + [
      function("_[_]") { (list: Items<T>, index: Int64) in
        guard list.values.indices.contains(Int(index)) else { throw CELFailure.fault("index out of bounds: \(index)") }
        return T(list.values[Int(index)])
      },
      function("_[_]") { (map: Entries<K, T>, key: K) in
        guard let value = map.map[key.celValue] else {
          throw CELFailure.fault("no such key: \(key.celValue.plainText)")
        }
        return T(value)
      },
      function("@in", .reading) { (value: T, list: Items<T>) in list.values.contains(value.celValue) },
      function("@in") { (key: K, map: Entries<K, T>) in map.map[key.celValue] != nil },
    ]
}

extension CELValue {
  fileprivate func isInstance(of type: CELType) -> Bool {
    switch (self, type) {
    case (.timestamp, .timestamp), (.duration, .duration): true
    default: typeName == type.description
    }
  }
}

// MARK: - Conversions

extension CELLibrary {
  private static func unreadable(_ function: String, _ text: String) -> CELFailure {
    .fault("strconv.\(function): parsing \"\(text)\": invalid syntax")
  }

  private static func whole<I: FixedWidthInteger>(_ value: some BinaryInteger, as type: I.Type) throws -> I {
    guard let whole = I(exactly: value) else {
      throw CELFailure.fault(I.isSigned ? "integer overflow" : "unsigned integer overflow")
    }
    return whole
  }

  /// The fraction is cut off.
  private static func whole<I: FixedWidthInteger>(_ double: Double, as type: I.Type) throws -> I {
    guard let whole = I(exactly: double.rounded(.towardZero)) else {
      throw CELFailure.fault(I.isSigned ? "integer overflow" : "unsigned integer overflow")
    }
    return whole
  }

  private static let conversions = [
    function("int") { (a: Int64) in a },
    function("int") { (a: UInt64) in try whole(a, as: Int64.self) },
    function("int") { (a: Double) in try whole(a, as: Int64.self) },
    function("int") { (a: Time) in a.wholeSeconds },
    function("int", .reading) { (a: String) in
      guard let int = Int64(a) else { throw unreadable("ParseInt", a) }
      return int
    },
    function("uint") { (a: UInt64) in a },
    function("uint") { (a: Int64) in try whole(a, as: UInt64.self) },
    function("uint") { (a: Double) in try whole(a, as: UInt64.self) },
    function("uint", .reading) { (a: String) in
      guard let uint = UInt64(a) else { throw unreadable("ParseUint", a) }
      return uint
    },
    function("double") { (a: Double) in a },
    function("double") { (a: Int64) in Double(a) },
    function("double") { (a: UInt64) in Double(a) },
    function("double", .reading) { (a: String) in
      guard let double = Double(a) else { throw unreadable("ParseFloat", a) }
      return double
    },
    function("bool") { (a: Bool) in a },
    function("bool") { (a: String) in
      if ["1", "t", "true", "TRUE", "True", "T"].contains(a) { return true }
      if ["0", "f", "false", "FALSE", "False", "F"].contains(a) { return false }
      throw unreadable("ParseBool", a)
    },
    function("bytes", .reading) { (a: String) in Bytes(a.utf8) },
    function("bytes") { (a: Bytes) in a },
    function("string", .reading) { (a: Bytes) in
      guard let text = String(validating: a.bytes, as: UTF8.self) else {
        throw CELFailure.fault("invalid UTF-8 in bytes, cannot convert to string")
      }
      return text
    },
    function("string") { (a: String) in a },
    function("string") { (a: Bool) in CELValue.bool(a).plainText },
    function("string") { (a: Int64) in CELValue.int(a).plainText },
    function("string") { (a: UInt64) in CELValue.uint(a).plainText },
    function("string") { (a: Double) in CELValue.double(a).plainText },
    function("string") { (a: Time) in CELValue.timestamp(a).plainText },
    function("string") { (a: Duration) in CELValue.duration(a).plainText },
    function("timestamp") { (a: Time) in a },
    function("timestamp") { (a: Int64) in
      guard let micros = Int64(exactly: Int128(a) * 1_000_000) else { throw CELFailure.fault("timestamp overflow") }
      return try Time(microseconds: micros).checked()
    },
    function("timestamp") { (a: String) in
      guard let time = Time(celTimestamp: a) else { throw CELFailure.fault("invalid timestamp: \(a)") }
      return time
    },
    function("duration") { (a: Duration) in a },
    function("duration") { (a: String) in
      do { return Duration.nanoseconds(try GoDuration.nanoseconds(a)) } catch { throw CELFailure.fault("\(error)") }
    },
    function("dyn") { (a: CELValue) in a },
    CELFunction("type", [CELType(.parameter("T"))], CELType(.type(CELType(.parameter("T"))))) { .type($0[0].typeName) },
  ]
}

extension CELValue {
  /// As `string(x)` writes it.
  var plainText: String {
    switch self {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .int(let int): String(int)
    case .uint(let uint): String(uint)
    case .double(let double): double.goText
    case .string(let text): text
    case .timestamp(let time): time.celText
    case .duration(let duration): duration.celText
    case .type(let name): name
    default: typeName
    }
  }
}

extension Double {
  /// The shortest digits that are this number, with an exponent from a million on: "1", "0.5", "1e+06".
  var goText: String {
    if isNaN { return "NaN" }
    if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
    let parts = magnitude.description.split(separator: "e")
    let pieces = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = pieces.count > 1 && pieces[1] != "0" ? pieces[1] : ""
    var digits = String(pieces[0] + fraction)
    // The number is 0.digits times ten to this power.
    var power = pieces[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.hasPrefix("0"), digits.count > 1 { (digits, power) = (String(digits.dropFirst()), power - 1) }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    let sign = self.sign == .minus ? "-" : ""
    if digits == "0" { return sign + "0" }
    if power - 1 < -4 || power > 6 {
      let exponent = abs(power - 1)
      let mantissa = digits.prefix(1) + (digits.count > 1 ? "." + digits.dropFirst() : "")
      return "\(sign)\(mantissa)e\(power < 1 ? "-" : "+")\(exponent < 10 ? "0" : "")\(exponent)"
    }
    if power <= 0 { return sign + "0." + String(repeating: "0", count: -power) + digits }
    if power >= digits.count { return sign + digits + String(repeating: "0", count: power - digits.count) }
    return sign + digits.prefix(power) + "." + digits.dropFirst(power)
  }
}
