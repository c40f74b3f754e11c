/// Writes types into a tree, and finds what can never work: names that nobody has declared, fields that an object does
/// not have, functions that do not take these arguments. Specified by cel-spec, "Gradual type checking".
struct CELChecker {
  /// The declared variables, and those of the macros around the place.
  private var variables: [String: CELType]
  /// Whether a list may hold values of several types: only what `format` gets.
  private var mayMix = false
  private(set) var faults: [CELFault] = []

  init(variables: [String: CELType]) { self.variables = variables }

  mutating func check(_ node: inout CELNode) { node.type = type(of: &node) }

  private mutating func type(of node: inout CELNode) -> CELType {
    if case .macro(let macro, let names) = node.form { return type(of: macro, names, in: &node) }
    if let type = protobufType(&node) { return type }
    if let function = namespacedFunction(node) { node = function }
    let outer = mayMix
    defer { mayMix = outer }
    if case .call("format", isMethod: true) = node.form { mayMix = true }
    for index in node.children.indices { check(&node.children[index]) }
    let types = node.children.map(\.type)
    switch node.form {
    case .literal(let value): return Self.type(of: value)
    case .name(let name): return type(ofName: name, &node)
    case .select(let field): return type(of: field, in: types[0], at: node.position)
    case .optionalSelect(let field):
      let type = type(of: field, in: types[0], at: node.position)
      if case .optional = type.form { return type }
      return .optional(of: type)
    case .has(let field):
      _ = type(of: field, in: types[0], at: node.position)
      return .bool
    case .call(let name, let isMethod): return type(ofCall: name, isMethod, types, &node)
    case .list(let optional):
      let elements = node.children.indices.map { index in (optional.contains(index), node.children[index]) }
      return .list(of: joined(elements), maxItems: elements.count)
    case .map(let optional):
      let entries = node.children.indices.map { index in (optional.contains(index), node.children[index]) }
      let (keys, values) = (entries.indices.filter { $0 % 2 == 0 }, entries.indices.filter { $0 % 2 == 1 })
      let type = CELType.Form.map(joined(keys.map { entries[$0] }), joined(values.map { entries[$0] }))
      return CELType(type, limit: keys.count)
    case .macro: return .dyn
    }
  }

  private mutating func fail(_ position: Int, _ message: String) -> CELType {
    faults.append(CELFault(position, message))
    return .dyn
  }
}

// MARK: - Names and fields

extension CELChecker {
  private static func type(of value: CELValue) -> CELType {
    switch value {
    case .null: .null
    case .string(let text): CELType(.simple("string"), limit: text.utf8.count)
    case .bytes(let bytes): CELType(.simple("bytes"), limit: bytes.count)
    default: CELType(value.typeName)
    }
  }

  /// Types themselves are values, as in `type(x) == int`.
  private static let types: [String: CELType] = [
    "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string, "bytes": .bytes,
    "list": .list(of: .dyn), "map": CELType(.map(.dyn, .dyn)), "null_type": .null, "type": CELType(.type(.dyn)),
    "optional_type": .optional(of: .dyn),
  ]

  private mutating func type(ofName name: String, _ node: inout CELNode) -> CELType {
    if let type = variables[name] { return type }
    guard let type = Self.types[name] else {
      return fail(node.position, "undeclared reference to '\(name)' (in container '')")
    }
    node.form = .literal(.type(name))
    return CELType(.type(type))
  }

  /// `google.protobuf.Timestamp` looks like a field of a field, and is the name of a type.
  private func protobufType(_ node: inout CELNode) -> CELType? {
    guard case .select(let name) = node.form, case .select("protobuf")? = node.children.first?.form,
      case .name("google")? = node.children.first?.children.first?.form, variables["google"] == nil,
      let type = ["Timestamp": CELType.timestamp, "Duration": .duration][name]
    else { return nil }
    node.form = .literal(.type("google.protobuf.\(name)"))
    node.children = []
    return CELType(.type(type))
  }

  private mutating func type(of field: String, in type: CELType, at position: Int) -> CELType {
    switch type.form {
    case .simple("dyn"): return .dyn
    case .object(let object): return object.fields[field] ?? fail(position, "undefined field '\(field)'")
    case .map(_, let value): return value
    case .optional(let inner):
      let found = self.type(of: field, in: inner, at: position)
      if case .optional = found.form { return found }
      return .optional(of: found)
    default: return fail(position, "type '\(type)' does not support field selection")
    }
  }

  /// One type for all elements.
  private mutating func joined(_ elements: [(isOptional: Bool, node: CELNode)]) -> CELType {
    var joined: CELType?
    var largest = 0
    for (isOptional, node) in elements {
      var type = node.type
      if isOptional, case .optional(let inner) = type.form { type = inner }
      largest = max(largest, mayMix ? type.largestWeight : type.largestSize)
      guard let known = joined else {
        joined = type
        continue
      }
      var open: [String: CELType] = [:]
      if !known.accepts(type, &open) {
        guard mayMix else { return fail(node.position, "expected type '\(known)' but found '\(type)'") }
        joined = CELType(CELType.dyn.form, limit: largest)
        continue
      }
      if type == .dyn || known == .null { joined = type }
    }
    guard let joined else { return .dyn }
    return CELType(joined.form, limit: joined.limit.map { max($0, largest) })
  }
}

// MARK: - Functions

extension CELChecker {
  /// `optional.of(x)` looks like a method of `optional`, and is a function with a dot in its name.
  private func namespacedFunction(_ node: CELNode) -> CELNode? {
    guard case .call(let name, isMethod: true) = node.form, let target = node.children.first,
      case .name(let space) = target.form, variables[space] == nil, CELLibrary.functions["\(space).\(name)"] != nil
    else { return nil }
    var function = node
    function.form = .call("\(space).\(name)", isMethod: false)
    function.children.removeFirst()
    return function
  }

  private mutating func type(
    ofCall name: String, _ isMethod: Bool, _ types: [CELType], _ node: inout CELNode
  ) -> CELType {
    if name == "_&&_" || name == "_||_" {
      for (index, type) in types.enumerated() where type != .bool && type != .dyn {
        let pair = [index == 0 ? type : .bool, index == 0 ? types[1] : type]
        return fail(node.position, noOverload(name, isMethod, pair))
      }
      return .bool
    }
    guard let functions = CELLibrary.functions[name] else {
      return fail(node.position, "undeclared reference to '\(name)' (in container '')")
    }
    var result: CELType?
    for function in functions where function.isMethod == isMethod {
      guard let type = function.result(for: types) else { continue }
      node.functions.append(function)
      // What the first arguments allow is one type; what is open until it runs is any.
      result = result == nil || result == type ? type : .dyn
    }
    guard let result else { return fail(node.position, noOverload(name, isMethod, types)) }
    checkLiteral(name, node)
    if name == "lists.range", case .literal(.int(let count)) = node.children[0].form {
      return .list(of: .int, maxItems: max(0, Int(clamping: count)))
    }
    // A text can be made of all that a list holds.
    let size: KeyPath<CELType, Int> = result == .string || name == "flatten" ? \.largestWeight : \.largestSize
    return result.limited(to: types.reduce(0) { $0.saturatingPlus($1[keyPath: size]) })
  }

  /// What a literal says can be tried now instead of with every object.
  private mutating func checkLiteral(_ name: String, _ node: CELNode) {
    if name == "format", let fault = CELTemplate.fault(in: node) { faults.append(fault) }
    guard ["matches", "duration", "timestamp"].contains(name), let last = node.children.last,
      case .literal(.string(let text)) = last.form
    else { return }
    let arguments = name == "matches" ? [.string(""), .string(text)] : [CELValue.string(text)]
    do { for function in node.functions { _ = try function.body(arguments) } } catch {
      _ = fail(last.position, "invalid \(name) argument")
    }
  }

  private func noOverload(_ name: String, _ isMethod: Bool, _ types: [CELType]) -> String {
    let list = types.dropFirst(isMethod ? 1 : 0).map(\.description).joined(separator: ", ")
    let signature = isMethod ? "\(types[0]).(\(list))" : "(\(list))"
    return "found no matching overload for '\(name)' applied to '\(signature)'"
  }
}

// MARK: - Macros

extension CELChecker {
  private mutating func type(of macro: CELMacro, _ names: [String], in node: inout CELNode) -> CELType {
    check(&node.children[0])
    let range = node.children[0]
    let outer = variables
    defer { variables = outer }
    let bound = types(of: macro, names.count, over: range)
    for (name, type) in zip(names, bound) { variables[name] = type }
    for index in node.children.indices.dropFirst() { check(&node.children[index]) }
    let result = node.children[node.children.count - 1]
    if macro.hasCondition(node) { expect(.bool, node.children[1]) }
    return switch macro {
    case .all, .exists, .existsOne: .bool
    case .filter: range.type.isMap ? .list(of: bound[0], maxItems: range.type.largestSize) : range.type
    case .map, .transformList: .list(of: result.type, maxItems: range.type.largestSize)
    case .transformMap: CELType(.map(bound[0], result.type), limit: range.type.largestSize)
    case .transformMapEntry: merged(result.type, rounds: range.type.largestSize, at: node.position)
    case .sortBy: sorted(range.type, by: result.type, at: node.position)
    case .optMap: .optional(of: result.type)
    case .optFlatMap: result.type
    }
  }

  private mutating func merged(_ entries: CELType, rounds: Int, at position: Int) -> CELType {
    switch entries.form {
    case .simple("dyn"): return .dyn
    case .map: return CELType(entries.form, limit: rounds.saturatingTimes(entries.largestSize))
    default:
      let types = "(map(dyn, dyn), \(entries))"
      return fail(position, "found no matching overload for 'cel.@mapInsert' applied to '\(types)'")
    }
  }

  private mutating func sorted(_ range: CELType, by key: CELType, at position: Int) -> CELType {
    if !range.isMap, key == .dyn || CELLibrary.comparable.contains(key) { return range }
    let types = "\(range).(list(\(key)))"
    return fail(position, "found no matching overload for '@sortByAssociatedKeys' applied to '\(types)'")
  }

  private mutating func expect(_ type: CELType, _ node: CELNode) {
    if node.type != type, node.type != .dyn {
      _ = fail(node.position, "expected type '\(type)' but found '\(node.type)'")
    }
  }

  /// What the variables of a macro stand for. One variable is an element or a key, two are index and element, or key
  /// and value.
  private mutating func types(of macro: CELMacro, _ count: Int, over range: CELNode) -> [CELType] {
    switch (macro, range.type.form) {
    case (_, .simple("dyn")): return [.dyn, .dyn]
    case (.optMap, .optional(let type)), (.optFlatMap, .optional(let type)): return [type]
    case (.optMap, _), (.optFlatMap, _):
      let name = macro.rawValue
      return [fail(range.position, "found no matching overload for '\(name)' applied to '\(range.type).()'")]
    case (_, .list(let element)): return count == 1 ? [element] : [.int, element]
    case (_, .map(let key, let value)): return [key, value]
    default:
      let words = "cannot be range of a comprehension (must be list, map, or dynamic)"
      return [fail(range.position, "expression of type '\(range.type)' \(words)"), .dyn]
    }
  }
}

extension CELType {
  fileprivate var isMap: Bool { if case .map = form { true } else { false } }
}
