// What the small readers of this chapter share: names, times and quantities are read byte by byte.

extension UInt8 {
  var isDigit: Bool { 0x30...0x39 ~= self }
  var isLowercaseLetter: Bool { 0x61...0x7A ~= self }
}

extension ArraySlice<UInt8> {
  /// Whether this byte comes next; it is read then.
  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: scalar) else { return false }
    removeFirst()
    return true
  }

  /// All digits that come next.
  mutating func takeDigits() -> ArraySlice<UInt8> {
    let digits = prefix(while: \.isDigit)
    removeFirst(digits.count)
    return digits
  }
}

extension FixedWidthInteger {
  /// The number that decimal digits spell; nil when it does not fit.
  init?(digits: some Sequence<UInt8>) {
    self = 0
    for digit in digits {
      let (tens, isTooLarge) = multipliedReportingOverflow(by: 10)
      let (sum, isStillTooLarge) = tens.addingReportingOverflow(Self(digit - UInt8(ascii: "0")))
      if isTooLarge || isStillTooLarge { return nil }
      self = sum
    }
  }
}
