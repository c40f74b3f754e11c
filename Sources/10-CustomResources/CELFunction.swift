import Objects

/// A function of the language: a Swift closure, whose parameters' types say what it takes.
struct CELFunction: Sendable {
  let name: String
  let isMethod: Bool
  let parameters: [CELType]
  let result: CELType
  let effort: CELEffort
  /// Nil when the arguments are of other types than its own.
  let body: @Sendable ([CELValue]) throws -> CELValue?

  init(
    _ name: String, isMethod: Bool = false, _ parameters: [CELType], _ result: CELType, _ effort: CELEffort = .constant,
    body: @escaping @Sendable ([CELValue]) throws -> CELValue?
  ) {
    self.name = name
    self.isMethod = isMethod
    self.parameters = parameters
    self.result = result
    self.effort = effort
    self.body = body
  }

  /// The type of its result; nil when it does not take such arguments.
  func result(for types: [CELType]) -> CELType? {
    guard types.count == parameters.count else { return nil }
    var open: [String: CELType] = [:]
    for (parameter, type) in zip(parameters, types) where !parameter.accepts(type, &open) { return nil }
    return result.filled(from: open)
  }
}

/// Swift's type for a type of the language.
protocol CELTyped: Sendable {
  static var celType: CELType { get }
  init?(_ value: CELValue)
  var celValue: CELValue { get }
}

extension CELLibrary {
  static func function<each A: CELTyped, R: CELTyped>(
    _ name: String, _ effort: CELEffort = .constant, isMethod: Bool = false,
    _ body: @escaping @Sendable (repeat each A) throws -> R
  ) -> CELFunction {
    var parameters: [CELType] = []
    repeat parameters.append((each A).celType)
    return CELFunction(name, isMethod: isMethod, parameters, R.celType, effort) { arguments in
      var index = 0
      func next<T: CELTyped>(_: T.Type) throws -> T {
        guard index < arguments.count, let argument = T(arguments[index]) else { throw Mismatch() }
        index += 1
        return argument
      }
      let taken: (repeat each A)
      do { taken = (repeat try next((each A).self)) } catch { return nil }
      return try body(repeat each taken).celValue
    }
  }

  static func method<each A: CELTyped, R: CELTyped>(
    _ name: String, _ effort: CELEffort = .constant, _ body: @escaping @Sendable (repeat each A) throws -> R
  ) -> CELFunction {
    function(name, effort, isMethod: true, body)
  }
}

private struct Mismatch: Error {}

// MARK: - The types

extension Bool: CELTyped {
  static var celType: CELType { .bool }
  init?(_ value: CELValue) { if case .bool(let bool) = value { self = bool } else { return nil } }
  var celValue: CELValue { .bool(self) }
}

extension Int64: CELTyped {
  static var celType: CELType { .int }
  init?(_ value: CELValue) { if case .int(let int) = value { self = int } else { return nil } }
  var celValue: CELValue { .int(self) }
}

extension UInt64: CELTyped {
  static var celType: CELType { .uint }
  init?(_ value: CELValue) { if case .uint(let uint) = value { self = uint } else { return nil } }
  var celValue: CELValue { .uint(self) }
}

extension Double: CELTyped {
  static var celType: CELType { .double }
  init?(_ value: CELValue) { if case .double(let double) = value { self = double } else { return nil } }
  var celValue: CELValue { .double(self) }
}

extension String: CELTyped {
  static var celType: CELType { .string }
  init?(_ value: CELValue) { if case .string(let string) = value { self = string } else { return nil } }
  var celValue: CELValue { .string(self) }
}

struct Bytes: CELTyped {
  var bytes: [UInt8]
  static var celType: CELType { .bytes }
  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  init?(_ value: CELValue) { if case .bytes(let bytes) = value { self.bytes = bytes } else { return nil } }
  var celValue: CELValue { .bytes(bytes) }
}

extension Time: CELTyped {
  static var celType: CELType { .timestamp }
  init?(_ value: CELValue) { if case .timestamp(let time) = value { self = time } else { return nil } }
  var celValue: CELValue { .timestamp(self) }
}

extension Duration: CELTyped {
  static var celType: CELType { .duration }
  init?(_ value: CELValue) { if case .duration(let duration) = value { self = duration } else { return nil } }
  var celValue: CELValue { .duration(self) }
}

extension CELValue: CELTyped {
  static var celType: CELType { .dyn }
  init?(_ value: CELValue) { self = value }
  var celValue: CELValue { self }
}

/// A value of a type that the function leaves open; the same wherever it stands in one function.
struct T: CELTyped {
  static var celType: CELType { CELType(.parameter("T")) }
  let celValue: CELValue
  init(_ value: CELValue) { celValue = value }
}

struct K: CELTyped {
  static var celType: CELType { CELType(.parameter("K")) }
  let celValue: CELValue
  init(_ value: CELValue) { celValue = value }
}

/// A list. Its elements are looked at when they are needed: taking the length of a long one has to be cheap.
struct Items<Element: CELTyped>: CELTyped {
  static var celType: CELType { .list(of: Element.celType) }
  var values: [CELValue]
  init(_ values: [CELValue]) { self.values = values }
  init(elements: [Element]) { values = elements.map(\.celValue) }
  init?(_ value: CELValue) { if case .list(let values) = value { self.values = values } else { return nil } }
  var celValue: CELValue { .list(values) }

  /// - Throws: when one is of another type.
  func elements() throws -> [Element] {
    try values.map { value in
      guard let element = Element(value) else { throw CELFailure.noOverload }
      return element
    }
  }
}

struct Entries<Key: CELTyped, Element: CELTyped>: CELTyped {
  static var celType: CELType { CELType(.map(Key.celType, Element.celType)) }
  var map: CELMap
  init(_ map: CELMap) { self.map = map }
  init?(_ value: CELValue) { if case .map(let map) = value { self.map = map } else { return nil } }
  var celValue: CELValue { .map(map) }
}

extension Optional: CELTyped where Wrapped: CELTyped {
  static var celType: CELType { .optional(of: Wrapped.celType) }
  init?(_ value: CELValue) {
    guard case .optional(let inner) = value else { return nil }
    guard let inner else {
      self = .none
      return
    }
    guard let wrapped = Wrapped(inner) else { return nil }
    self = .some(wrapped)
  }
  var celValue: CELValue { .optional(self?.celValue) }
}
