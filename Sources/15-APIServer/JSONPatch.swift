import ControlLoop
import Objects

/// A list of operations, each of which changes one place of a document. All are carried out, or none.
/// Specified by RFC 6902; places are named by JSON pointers, RFC 6901.
struct JSONPatch: Sendable {
  private let operations: [Operation]

  /// Operations in one patch, as in Kubernetes.
  static let limit = 10_000

  fileprivate struct Operation: Sendable {
    var verb: Verb
    var path: Pointer
    /// Of add, replace and test.
    var value: Value?
    /// Of move and copy.
    var from: Pointer?
  }

  fileprivate enum Verb: String {
    case add, remove, replace, move, copy, test
  }

  /// Why an operation cannot be carried out: a sentence.
  struct Failure: Error {
    var sentence: String

    init(_ sentence: String) { self.sentence = sentence }
  }

  /// Throws a 400 for what is not a patch, and a 413 for too long a one.
  init(_ document: Value) throws(StatusError) {
    guard let list = document.array else { throw .badRequest("a JSON patch must be an array of operations") }
    guard list.count <= Self.limit else {
      throw StatusError(
        "RequestEntityTooLarge", code: 413,
        "The allowed maximum operations in a JSON patch is \(Self.limit), got \(list.count)")
    }
    var operations: [Operation] = []
    for (index, item) in list.enumerated() {
      do throws(Failure) {
        operations.append(try Operation(item))
      } catch {
        throw .badRequest("operation \(index) of the JSON patch: \(error.sentence)")
      }
    }
    self.operations = operations
  }

  /// Throws a 422 when an operation does not apply or a test fails.
  func apply(to document: Value) throws(StatusError) -> Value {
    var document = document
    for operation in operations {
      do throws(Failure) {
        try operation.apply(to: &document)
      } catch {
        throw StatusError(
          "Invalid", code: 422, "the server rejected our request due to an error in our request: \(error.sentence)")
      }
    }
    return document
  }
}

extension JSONPatch.Operation {
  fileprivate init(_ item: Value) throws(JSONPatch.Failure) {
    let word = item["op"]?.string ?? ""
    guard let verb = JSONPatch.Verb(rawValue: word) else { throw JSONPatch.Failure("unknown operation \"\(word)\"") }
    guard let path = item["path"]?.string else { throw JSONPatch.Failure("\(word) needs a path") }
    self.verb = verb
    self.path = try Pointer(path)
    switch verb {
    case .add, .replace, .test:
      guard let value = item["value"] else { throw JSONPatch.Failure("\(word) needs a value") }
      self.value = value
    case .move, .copy:
      guard let from = item["from"]?.string else { throw JSONPatch.Failure("\(word) needs a place to start from") }
      self.from = try Pointer(from)
    case .remove: break
    }
  }

  fileprivate func apply(to document: inout Value) throws(JSONPatch.Failure) {
    do throws(JSONPatch.Failure) {
      switch verb {
      case .add: try document.add(value ?? .null, at: path)
      case .remove: try document.remove(at: path)
      case .replace: try document.replace(at: path, with: value ?? .null)
      case .test:
        let isSame = try document.value(at: path).isEquivalent(to: value ?? .null)
        if !isSame { throw JSONPatch.Failure("test failed") }
      case .copy:
        try document.add(try document.value(at: from ?? path), at: path)
      case .move:
        let from = from ?? path
        guard !path.isInside(from) else { throw JSONPatch.Failure("a value cannot be moved into itself") }
        let value = try document.value(at: from)
        try document.remove(at: from)
        try document.add(value, at: path)
      }
    } catch {
      throw JSONPatch.Failure("\(verb.rawValue) \"\(path.text)\": \(error.sentence)")
    }
  }
}

/// The way to a place in a document.
private struct Pointer: Sendable {
  let text: String
  let names: [String]

  init(_ text: String) throws(JSONPatch.Failure) {
    guard text.isEmpty || text.hasPrefix("/") else {
      throw JSONPatch.Failure("the pointer \"\(text)\" must be empty or begin with a slash")
    }
    self.text = text
    names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map {
      Self.unescaped(Array($0))
    }
  }

  // "~1" stands for a slash and "~0" for a tilde.
  private static func unescaped(_ name: [UInt8]) -> String {
    guard name.contains(UInt8(ascii: "~")) else { return String(decoding: name, as: UTF8.self) }
    var plain: [UInt8] = []
    var rest = name[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "~"), let code = rest.first, code == UInt8(ascii: "0") || code == UInt8(ascii: "1") {
        plain.append(UInt8(ascii: code == UInt8(ascii: "0") ? "~" : "/"))
        rest.removeFirst()
      } else {
        plain.append(byte)
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  func isInside(_ other: Pointer) -> Bool {
    names.count > other.names.count && names.starts(with: other.names)
  }
}

extension Value {
  fileprivate func value(at pointer: Pointer) throws(JSONPatch.Failure) -> Value {
    var value = self
    for name in pointer.names { value = try value.child(name) }
    return value
  }

  fileprivate mutating func add(_ value: Value, at pointer: Pointer) throws(JSONPatch.Failure) {
    guard !pointer.names.isEmpty else {
      self = value
      return
    }
    try edit(pointer.names[...]) { (parent, name) throws(JSONPatch.Failure) in
      switch parent {
      case .object: parent[name] = value
      case .array(var elements):
        elements.insert(value, at: name == "-" ? elements.count : try Self.position(name, upTo: elements.count))
        parent = .array(elements)
      default: throw JSONPatch.Failure("the parent is neither an object nor an array")
      }
    }
  }

  fileprivate mutating func remove(at pointer: Pointer) throws(JSONPatch.Failure) {
    guard !pointer.names.isEmpty else { throw JSONPatch.Failure("the whole document cannot be removed") }
    try edit(pointer.names[...]) { (parent, name) throws(JSONPatch.Failure) in
      _ = try parent.child(name)
      if case .array(var elements) = parent {
        elements.remove(at: try Self.position(name, upTo: elements.count - 1))
        parent = .array(elements)
      } else {
        parent[name] = nil
      }
    }
  }

  fileprivate mutating func replace(at pointer: Pointer, with value: Value) throws(JSONPatch.Failure) {
    guard !pointer.names.isEmpty else {
      self = value
      return
    }
    try edit(pointer.names[...]) { (parent, name) throws(JSONPatch.Failure) in
      try parent.replaceChild(name, with: value)
    }
  }

  private func child(_ name: String) throws(JSONPatch.Failure) -> Value {
    switch self {
    case .object(let members):
      if let member = members[name] { return member }
    case .array(let elements):
      return elements[try Self.position(name, upTo: elements.count - 1)]
    default: break
    }
    throw JSONPatch.Failure("there is no \"\(name)\"")
  }

  private mutating func replaceChild(_ name: String, with value: Value) throws(JSONPatch.Failure) {
    _ = try child(name)
    if case .array(var elements) = self {
      elements[try Self.position(name, upTo: elements.count - 1)] = value
      self = .array(elements)
    } else {
      self[name] = value
    }
  }

  // Walks down to the parent of the place, lets it be changed, and puts the changed values back on the way up.
  private mutating func edit(
    _ names: ArraySlice<String>, _ change: (inout Value, _ name: String) throws(JSONPatch.Failure) -> Void
  ) throws(JSONPatch.Failure) {
    guard let name = names.first else { return }
    guard names.count > 1 else { return try change(&self, name) }
    var child = try child(name)
    try child.edit(names.dropFirst(), change)
    try replaceChild(name, with: child)
  }

  private static func position(_ name: String, upTo last: Int) throws(JSONPatch.Failure) -> Int {
    let isNumber = !name.isEmpty && name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isNumber, name == "0" || !name.hasPrefix("0"), let position = Int(name) else {
      throw JSONPatch.Failure("\"\(name)\" is not an array index")
    }
    guard position <= last else { throw JSONPatch.Failure("there is no index \(position)") }
    return position
  }

  /// Equal as RFC 6902 has it: numbers by their value, members in any order.
  fileprivate func isEquivalent(to other: Value) -> Bool {
    switch (self, other) {
    case (.integer(let integer), .double(let double)), (.double(let double), .integer(let integer)):
      Int64(exactly: double) == integer
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let left), .object(let right)):
      left.count == right.count && left.allSatisfy { right[$0.name].map($0.value.isEquivalent) ?? false }
    default: self == other
    }
  }
}
