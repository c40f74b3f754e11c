/// Why some bytes are not a JSON document that is accepted here, and where.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  /// How many bytes stand before the one that is wrong.
  public let offset: Int

  /// What was expected and what was found, as the beginning of a sentence.
  public let reason: String

  public init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "\(reason) at byte \(offset)" }
}

/// How much a document may ask of its reader. A document beyond a limit is refused, never cut.
public struct JSONLimits: Sendable {
  /// The length of the document.
  public var bytes: Int

  /// How many arrays and objects may be open at once. Reading, writing, comparing and releasing a value all
  /// use the stack once a level, so this is what keeps a body of brackets from overflowing it.
  public var depth: Int

  /// The members of one object. They are searched one after another, which this keeps affordable.
  public var members: Int

  public init(bytes: Int = 128 << 20, depth: Int = 128, members: Int = 1 << 14) {
    self.bytes = bytes
    self.depth = depth
    self.members = members
  }
}
