/// The order in which Go's library writes the keys of a mapping: as a person would sort them, `a2` before `a10`.
enum KeyOrder {
  /// The first difference decides. Letters come after everything else, numbers go by their value.
  static func areInIncreasingOrder(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
    guard let index = zip(left, right).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
      return left.count < right.count
    }
    switch (left[index].properties.isAlphabetic, right[index].properties.isAlphabetic) {
    case (true, true): return left[index] < right[index]
    case (true, false): return false
    case (false, true): return true
    case (false, false): break
    }
    // In the middle of a number a zero counts: 10 is more than 1 and nothing.
    let isInsideNumber =
      (left[index] == "0" || right[index] == "0")
      && left[..<index].reversed().prefix(while: \.isDecimalDigit).contains { $0 != "0" }
    let (ours, theirs) = (
      left[index...].prefix(while: \.isDecimalDigit), right[index...].prefix(while: \.isDecimalDigit)
    )
    let start: UInt64 = isInsideNumber ? 1 : 0
    let (our, their) = (ours.number(after: start), theirs.number(after: start))
    if our != their { return our < their }
    if ours.count != theirs.count { return ours.count < theirs.count }
    return left[index] < right[index]
  }
}

extension Unicode.Scalar {
  fileprivate var isDecimalDigit: Bool { value >= 0x30 && value <= 0x39 }
}

extension ArraySlice<Unicode.Scalar> {
  fileprivate func number(after start: UInt64) -> UInt64 {
    reduce(start) { $0 &* 10 &+ UInt64($1.value - 0x30) }
  }
}
