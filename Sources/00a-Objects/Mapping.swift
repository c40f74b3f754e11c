/// A map of the API, such as labels: names to values of one type, in the order in which they were written.
public struct Mapping<T: FieldValue>: Sendable, Hashable {
  public var members: Members

  public init(members: Members = Members()) { self.members = members }

  public subscript(_ name: String) -> T? {
    get { members[name].flatMap(T.init) }
    set { members[name] = newValue?.asValue }
  }

  /// Adds what `other` has; where both have a name, `other` wins.
  public mutating func merge(_ other: Mapping) {
    for (name, value) in other.members { members[name] = value }
  }

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }
  public var names: [String] { members.names }
}

extension Mapping: Sequence {
  public func makeIterator() -> AnyIterator<(name: String, value: T)> {
    var rest = members.makeIterator()
    return AnyIterator {
      while let (name, value) = rest.next() {
        if let typed = T(value) { return (name, typed) }
      }
      return nil
    }
  }
}

extension Mapping: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, T)...) {
    self.init(members: Members(elements.map { ($0, $1.asValue) }))
  }
}
