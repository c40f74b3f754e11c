// Temporary: each declaration here goes when its real file lands. Whoever lands it deletes it here.
extension Time {
  public init?(_ string: String) { return nil }
  public var rfc3339: String { "" }
  public var rfc3339Micro: String { "" }
}
public struct MicroTime: Sendable, Hashable {
  public var time: Time
  public init(_ time: Time) { self.time = time }
}
public struct Quantity: Sendable, Hashable, CustomStringConvertible {
  public var description: String { "" }
  public init(_ string: String) throws {}
  public init(_ integer: Int64) {}
}
public enum IntOrString: Sendable, Hashable {
  case integer(Int)
  case string(String)
  public init?(_ value: Value) { return nil }
  public var asValue: Value { .null }
}
public enum Names {
  public static func subdomainProblems(_ name: String) -> [String] { [] }
}
extension Value {
  public var encodedString: String { "" }
}
