/// A number, or a word that stands for one: a port by number or by name, replicas by count or as a percentage.
public enum IntOrString: Sendable, Hashable {
  case integer(Int)
  case string(String)
}

extension IntOrString {
  /// Nil when the JSON is neither.
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
}

// MARK: - Percentages

extension IntOrString {
  /// The number before the percent sign; nil for anything that is not a plain percentage such as "25%".
  public var percentage: Int? {
    guard case .string(let string) = self, string.last == "%", string.utf8.dropLast().allSatisfy(\.isDigit) else {
      return nil
    }
    return Int(string.dropLast())
  }

  /// The number itself, or that percentage of a total; nil for a string that is not a percentage.
  public func scaled(of total: Int, roundingUp: Bool) -> Int? {
    if case .integer(let integer) = self { return integer }
    guard let percentage else { return nil }
    let hundredths = Int128(percentage) * Int128(total)
    return Int(clamping: (hundredths + (roundingUp ? 99 : 0)) / 100)
  }
}
