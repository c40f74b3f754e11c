/// The members of a JSON object, in the order in which they were written.
///
/// Objects of the API have few members, so a search through an array beats a hash table in time and in memory
/// and keeps the order that a person wrote. Two objects are equal when they have equal members in any order.
public struct Members: Sendable {
  @usableFromInline var pairs: [Pair]

  // A structure of its own and not a tuple: releasing an array of tuples takes the slow way through the runtime.
  @usableFromInline struct Pair: Sendable {
    @usableFromInline let name: String
    @usableFromInline var value: Value

    @usableFromInline init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  public init() { pairs = [] }

  /// A later pair replaces an earlier one of the same name.
  public init(_ pairs: some Sequence<(String, Value)>) {
    self.pairs = []
    for (name, value) in pairs { self[name] = value }
  }

  /// Adds a member whose name is known to be new: a parser that has refused duplicates skips the search.
  @inlinable
  public mutating func append(new name: String, _ value: Value) {
    pairs.append(Pair(name, value))
  }

  public var count: Int { pairs.count }
  public var isEmpty: Bool { pairs.isEmpty }
  public var names: [String] { pairs.map(\.name) }

  @inlinable
  public func index(of name: String) -> Int? {
    // Most names differ in length, which costs less to compare than their text.
    let length = name.utf8.count
    for index in pairs.indices where pairs[index].name.utf8.count == length && pairs[index].name == name {
      return index
    }
    return nil
  }

  /// The member with this name. Assigning nil removes it.
  public subscript(_ name: String) -> Value? {
    get { index(of: name).map { pairs[$0].value } }
    set { replace(at: index(of: name), name, with: newValue) }
    _modify {
      // The value is moved out while it is changed, so that it has one owner and is not copied.
      let index = index(of: name)
      var value: Value?
      if let index {
        value = pairs[index].value
        pairs[index].value = .null
      }
      defer { replace(at: index, name, with: value) }
      yield &value
    }
  }

  private mutating func replace(at index: Int?, _ name: String, with value: Value?) {
    switch (index, value) {
    case (let index?, let value?): pairs[index].value = value
    case (let index?, nil): pairs.remove(at: index)
    case (nil, let value?): pairs.append(Pair(name, value))
    case (nil, nil): break
    }
  }
}

extension Members: RandomAccessCollection {
  public var startIndex: Int { pairs.startIndex }
  public var endIndex: Int { pairs.endIndex }
  public subscript(position: Int) -> (name: String, value: Value) { (pairs[position].name, pairs[position].value) }
}

extension Members: Hashable {
  public static func == (left: Members, right: Members) -> Bool {
    guard left.count == right.count else { return false }
    // Two versions of an object share what has not changed.
    if left.pairs.span.isIdentical(to: right.pairs.span) { return true }
    for index in left.pairs.indices {
      // The usual case is the same order; only otherwise search.
      if right.pairs[index].name == left.pairs[index].name {
        guard right.pairs[index].value == left.pairs[index].value else { return false }
      } else {
        guard right[left.pairs[index].name] == left.pairs[index].value else { return false }
      }
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    var combined = 0
    for (name, value) in self {
      var member = Hasher()
      member.combine(name)
      member.combine(value)
      combined ^= member.finalize()
    }
    hasher.combine(count)
    hasher.combine(combined)
  }
}
