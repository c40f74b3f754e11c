import Objects

/// Makes values of a text's events, one document at a time.
struct Composer {
  /// A value, and what it takes when each alias in it counts as what it stands for.
  private struct Sized {
    var value: Value
    /// In memory, about.
    var bytes: Int
    /// Lists and mappings inside each other, this one among them.
    var depth = 0

    mutating func add(_ part: Sized) {
      bytes += part.bytes
      depth = max(depth, part.depth + 1)
    }
  }

  /// Bytes that aliases may add to a document. Ten lines of aliases of aliases would otherwise stand for more than
  /// any machine holds.
  private static let mostByAlias = 8 << 20

  private let events: Events
  private let file: String?
  private let limits: JSONLimits
  private var anchors: [String: Sized] = [:]
  private var bytesByAlias = 0
  private var open = 0

  init(_ bytes: [UInt8], file: String?, limits: JSONLimits) {
    events = Events(bytes, file: file)
    self.file = file
    self.limits = limits
  }

  /// Nil after the last one.
  mutating func nextDocument() throws(YAMLError) -> YAML.Document? {
    guard case .documentStart = try events.next() else { return nil }
    anchors = [:]
    bytesByAlias = 0
    open = 0
    let first = try events.next()
    let line = events.mark.line
    let value = try compose(first).value
    _ = try events.next()
    return YAML.Document(value: value, line: line)
  }

  private mutating func compose(_ event: Events.Event) throws(YAMLError) -> Sized {
    switch event {
    case .alias(let name):
      guard let known = anchors[name] else { throw error("there is no anchor &\(name) before this alias") }
      bytesByAlias += known.bytes
      guard bytesByAlias <= Self.mostByAlias else {
        throw error("the aliases of this document stand for more than \(Self.mostByAlias >> 20) MiB")
      }
      try checkDepth(open + known.depth)
      return known
    case .scalar(let text, let isPlain, let tag, let anchor):
      let value = try scalar(text, isPlain: isPlain, tag: tag)
      return remember(Sized(value: value, bytes: 32 + text.utf8.count), as: anchor)
    case .sequenceStart(let tag, let anchor):
      try check(tag, is: "seq")
      return remember(try sequence(), as: anchor)
    case .mappingStart(let tag, let anchor):
      try check(tag, is: "map")
      return remember(try mapping(), as: anchor)
    case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
      throw error("a value is missing")
    }
  }

  private mutating func remember(_ value: Sized, as anchor: String?) -> Sized {
    if let anchor { anchors[anchor] = value }
    return value
  }

  private func checkDepth(_ depth: Int) throws(YAMLError) {
    guard depth <= limits.depth else { throw error("more than \(limits.depth) lists and mappings inside each other") }
  }

  private mutating func sequence() throws(YAMLError) -> Sized {
    open += 1
    try checkDepth(open)
    var elements: [Value] = []
    var whole = Sized(value: .null, bytes: 32, depth: 1)
    while true {
      let event = try events.next()
      if case .sequenceEnd = event { break }
      let element = try compose(event)
      elements.append(element.value)
      whole.add(element)
    }
    open -= 1
    whole.value = .array(elements)
    return whole
  }

  private mutating func mapping() throws(YAMLError) -> Sized {
    open += 1
    try checkDepth(open)
    var members = Members()
    var whole = Sized(value: .null, bytes: 32, depth: 1)
    var written: Set<String> = []
    var merged: Set<String> = []
    while true {
      let event = try events.next()
      if case .mappingEnd = event { break }
      guard members.count < limits.members else { throw error("more than \(limits.members) keys in one mapping") }
      let isMerge = event.isMergeKey
      let name = try key(event)
      guard written.insert(name).inserted else { throw error("the key \"\(name)\" occurs twice in this mapping") }
      let next = try events.next()
      let mark = events.mark
      let value = try compose(next)
      whole.add(value)
      whole.bytes += 32 + name.utf8.count
      if isMerge {
        // What is written here comes before what is merged, and what is merged first before what is merged later.
        for (name, value) in try mergeable(value.value, at: mark) where members[name] == nil {
          members.append(new: name, value)
          merged.insert(name)
        }
      } else if merged.contains(name) {
        members[name] = value.value
      } else {
        members.append(new: name, value.value)
      }
    }
    open -= 1
    whole.value = .object(members)
    return whole
  }

  /// Keys are strings in JSON; Kubernetes turns other scalars into them.
  private mutating func key(_ event: Events.Event) throws(YAMLError) -> String {
    let mark = events.mark
    switch try compose(event).value {
    case .string(let name): return name
    case .integer(let number): return String(number)
    case .double(let number): return GoFloat.text(Float(number))
    case .bool(let flag): return flag ? "true" : "false"
    case .null: throw error("a key is missing: \"null\" or nothing at all cannot be one", at: mark)
    case .array, .object: throw error("a key has to be a string, not a list or a mapping", at: mark)
    }
  }

  private func mergeable(_ value: Value, at mark: Events.Mark) throws(YAMLError) -> [(name: String, value: Value)] {
    switch value {
    case .object(let members): return Array(members)
    case .array(let elements):
      var all: [(name: String, value: Value)] = []
      for element in elements {
        guard let members = element.members else { break }
        all += members
      }
      if elements.allSatisfy({ $0.members != nil }) { return all }
    default: break
    }
    throw error("only a mapping, or a list of mappings, can be merged with <<", at: mark)
  }

  private func scalar(_ text: String, isPlain: Bool, tag: String?) throws(YAMLError) -> Value {
    guard tag == nil || tag == "!" else { return try scalar(text, tag: tag ?? "") }
    return isPlain && tag == nil ? try plain(text) : .string(text)
  }

  private func plain(_ text: String) throws(YAMLError) -> Value {
    switch PlainScalar(text) {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .integer(let number): return .integer(number)
    case .double(let number):
      guard number.isFinite else { throw error("\(text) is not a number that JSON can hold") }
      return Int64(exactly: number).map { .integer($0) } ?? .double(number)
    case .timestamp, .string: return .string(text)
    }
  }

  private func scalar(_ text: String, tag: String) throws(YAMLError) -> Value {
    let name = tag.hasPrefix(Self.tags) ? String(tag.dropFirst(Self.tags.count)) : tag
    switch (name, try plain(text)) {
    case ("str", _), ("timestamp", _): return .string(text)
    case ("null", .null): return .null
    case ("bool", .bool(let flag)): return .bool(flag)
    case ("int", .integer(let number)): return .integer(number)
    case ("float", .integer(let number)): return .integer(number)
    case ("float", .double(let number)): return .double(number)
    case ("null", _), ("bool", _), ("int", _), ("float", _): throw error("\"\(text)\" is not a !!\(name)")
    default: throw error("the tag \(tag) has no meaning here")
    }
  }

  private func check(_ tag: String?, is name: String) throws(YAMLError) {
    guard let tag, tag != "!", tag != Self.tags + name else { return }
    throw error("the tag \(tag) has no meaning here")
  }

  private static let tags = "tag:yaml.org,2002:"

  private func error(_ problem: String, at mark: Events.Mark? = nil) -> YAMLError {
    let mark = mark ?? events.mark
    return YAMLError(file: file, line: mark.line, column: mark.column, problem: problem)
  }
}

extension Events.Event {
  fileprivate var isMergeKey: Bool {
    if case .scalar(text: "<<", isPlain: true, tag: nil, anchor: _) = self { true } else { false }
  }
}
