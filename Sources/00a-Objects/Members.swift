/// The members of a JSON object, in the order in which they were written.
///
/// Objects of the API have few members, so a search through an array beats a hash table in time and in memory
/// and keeps the order that a person wrote. Two objects are equal when they have equal members in any order.
public struct Members: Sendable {
  @usableFromInline var pairs: [(name: String, value: Value)]

  public init() { pairs = [] }

  /// A later pair replaces an earlier one of the same name.
  public init(_ pairs: some Sequence<(String, Value)>) {
    self.pairs = []
    for (name, value) in pairs { self[name] = value }
  }

  /// Adds a member whose name is known to be new: a parser that has refused duplicates skips the search.
  @inlinable
  public mutating func append(new name: String, _ value: Value) {
    pairs.append((name, value))
  }

  public var count: Int { pairs.count }
  public var isEmpty: Bool { pairs.isEmpty }
  public var names: [String] { pairs.map(\.name) }

  @inlinable
  public func index(of name: String) -> Int? {
    for index in pairs.indices where pairs[index].name == name { return index }
    return nil
  }

  public subscript(_ name: String) -> Value? {
    get { index(of: name).map { pairs[$0].value } }
    set {
      switch (index(of: name), newValue) {
      case (let index?, let value?): pairs[index].value = value
      case (let index?, nil): pairs.remove(at: index)
      case (nil, let value?): pairs.append((name, value))
      case (nil, nil): break
      }
    }
  }
}

extension Members: RandomAccessCollection {
  public var startIndex: Int { pairs.startIndex }
  public var endIndex: Int { pairs.endIndex }
  public subscript(position: Int) -> (name: String, value: Value) { pairs[position] }
}

extension Members: Hashable {
  public static func == (left: Members, right: Members) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.pairs.indices {
      let (name, value) = left.pairs[index]
      // The usual case is the same order; only otherwise search.
      if right.pairs[index].name == name {
        if right.pairs[index].value != value { return false }
      } else if right[name] != value {
        return false
      }
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    var combined = 0
    for (name, value) in pairs {
      var member = Hasher()
      member.combine(name)
      member.combine(value)
      combined ^= member.finalize()
    }
    hasher.combine(count)
    hasher.combine(combined)
  }
}
