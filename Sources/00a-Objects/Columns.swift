/// A column of the table that `kubectl get` prints.
public struct Column: Sendable {
  public var name: String
  /// "string", "integer", "boolean" or "date".
  public var type: String
  /// Clients show columns above 0 only when asked for more (`-o wide`).
  public var priority: Int
  public var documentation: String
  public var cell: @Sendable (_ object: Value, _ now: Time) -> Value

  public init(
    _ name: String, type: String = "string", priority: Int = 0, _ documentation: String,
    cell: @escaping @Sendable (_ object: Value, _ now: Time) -> Value
  ) {
    self.name = name
    self.type = type
    self.priority = priority
    self.documentation = documentation
    self.cell = cell
  }
}

extension Kind {
  /// The columns of its table, in their order.
  public var table: [Column] {
    let own = columns.isEmpty ? [.age] : columns
    return own.contains { $0.name == Column.name.name } ? own : [.name] + own
  }
}

extension Column {
  public static let name = Column("Name", "The object's name.") { object, _ in
    .string(Object(json: object).name)
  }

  /// How long ago the object was created.
  public static let age = Column("Age", "How long ago the object was created.") { object, now in
    .string(now.age(since: Object(json: object).metadata.creationTimestamp))
  }
}

extension Time {
  /// How long ago another moment was, as tables show it: "5s", "3m20s", "2d"; "<unknown>" for none.
  public func age(since time: Time?) -> String { time.map { (self - $0).humanReadable } ?? "<unknown>" }
}
