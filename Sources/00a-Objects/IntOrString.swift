/// A number, or a text that stands for one: a percentage, or the name of a port.
public enum IntOrString: Sendable, Hashable {
  case integer(Int)
  case string(String)

  public init?(_ value: Value) {
    switch value {
    case .integer(let integer): self = .integer(Int(integer))
    case .string(let string): self = .string(string)
    default: return nil
    }
  }

  public var asValue: Value {
    switch self {
    case .integer(let integer): .integer(Int64(integer))
    case .string(let string): .string(string)
    }
  }

  /// The number, or the percentage of `total`; nil for a text that is no percentage.
  public func scaled(of total: Int, roundingUp: Bool) -> Int? {
    switch self {
    case .integer(let integer): return integer
    case .string:
      guard let percentage else { return nil }
      let (product, overflow) = total.multipliedReportingOverflow(by: percentage)
      if overflow { return nil }
      return (product + (roundingUp ? 99 : 0)) / 100
    }
  }

  /// 25 for "25%"; nil for anything else.
  public var percentage: Int? {
    guard case .string(let text) = self, text.hasSuffix("%") else { return nil }
    let digits = text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int(digits)
  }
}
