/// An amount of something: "500m" of a processor, "1Gi" of memory, "110" pods.
///
/// It is an exact number of billionths. No binary fraction is anywhere near it, because 0.1 has to be 0.1 when a
/// thousand of them are added up. Finer amounts are rounded away from zero: who asks for a little gets a little.
/// Specified by the Kubernetes API reference, "Quantity".
public struct Quantity: Sendable {
  private var billionths: Int128

  /// How the amount was written, and is written again.
  public private(set) var format: Format

  public enum Format: Sendable, Hashable {
    /// Powers of ten with the letters n u m k M G T P E.
    case decimalSI
    /// Powers of 1024 with the letters Ki Mi Gi Ti Pi Ei.
    case binarySI
    /// Powers of ten as numbers: "12e6".
    case decimalExponent
  }

  public init(_ integer: some BinaryInteger, format: Format = .decimalSI) {
    self.init(billionths: Int128(Int64(clamping: integer)) * Self.one, format: format)
  }

  private init(billionths: Int128, format: Format) {
    self.billionths = billionths
    self.format = format
  }

  private static let one: Int128 = 1_000_000_000
}

// MARK: - Reckoning

extension Quantity: Hashable, Comparable {
  /// Amounts are equal however they are written: "1" is "1000m".
  public static func == (left: Quantity, right: Quantity) -> Bool { left.billionths == right.billionths }
  public static func < (left: Quantity, right: Quantity) -> Bool { left.billionths < right.billionths }
  public func hash(into hasher: inout Hasher) { hasher.combine(billionths) }
}

extension Quantity: AdditiveArithmetic {
  public static let zero = Quantity(0 as Int)

  /// The sum, written like the first amount unless that is zero.
  public static func + (left: Quantity, right: Quantity) -> Quantity {
    let (sum, isTooLarge) = left.billionths.addingReportingOverflow(right.billionths)
    let limit: Int128 = right.billionths < 0 ? .min : .max
    return Quantity(billionths: isTooLarge ? limit : sum, format: left == .zero ? right.format : left.format)
  }

  public static func - (left: Quantity, right: Quantity) -> Quantity { left + -right }

  public static prefix func - (quantity: Quantity) -> Quantity {
    Quantity(billionths: 0 - max(quantity.billionths, -.max), format: quantity.format)
  }

  /// The amount as a whole number, rounded away from zero.
  public var value: Int64 { rounded(toMultipleOf: Self.one) }

  /// The amount in thousandths, rounded away from zero: what processors are counted in.
  public var milliValue: Int64 { rounded(toMultipleOf: Self.one / 1000) }

  private func rounded(toMultipleOf unit: Int128) -> Int64 {
    let (quotient, remainder) = billionths.quotientAndRemainder(dividingBy: unit)
    return Int64(clamping: quotient + remainder.signum())
  }
}

// MARK: - Writing

extension Quantity: CustomStringConvertible {
  public var description: String { canonicalForm }

  /// No fraction, and the largest unit that allows that. "1.5" becomes "1500m".
  private var canonicalForm: String {
    if billionths == 0 { return "0" }
    let (whole, fraction) = billionths.quotientAndRemainder(dividingBy: Self.one)
    if format == .binarySI, fraction == 0, whole.magnitude >= 1024 {
      let (number, power) = Self.removeFactors(of: 1024, from: whole, upTo: 6)
      return "\(number)\(Unit.binary[power])"
    }
    let (number, thousands) = Self.removeFactors(of: 1000, from: billionths, upTo: .max)
    if format != .decimalExponent, thousands < Unit.decimal.count { return "\(number)\(Unit.decimal[thousands])" }
    return thousands == 3 ? "\(number)" : "\(number)e\(3 * thousands - 9)"
  }

  private static func removeFactors(of factor: Int128, from number: Int128, upTo limit: Int) -> (Int128, count: Int) {
    var (rest, count) = (number, 0)
    while rest % factor == 0, count < limit {
      rest /= factor
      count += 1
    }
    return (rest, count)
  }

  private enum Unit {
    static let binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    static let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
  }
}

// MARK: - Reading

/// Why a text is not a quantity.
public enum QuantityError: String, Error, CustomStringConvertible {
  case format =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  case number = "unable to parse numeric part of quantity"
  case suffix = "unable to parse quantity's suffix"

  public var description: String { rawValue }
}

extension Quantity {
  /// - Throws: which part of the text is not understood. Numbers of more than 38 digits and amounts beyond 10^29
  ///   are not either.
  public init(_ text: some StringProtocol) throws(QuantityError) {
    var rest = Array(text.utf8)[...]
    let isNegative = rest.take("-")
    if !isNegative { _ = rest.take("+") }
    let whole = rest.takeDigits()
    let fraction = rest.take(".") ? rest.takeDigits() : []
    guard !whole.isEmpty || !fraction.isEmpty, Self.isSuffix(rest) else { throw .format }
    guard var scale = Scale(String(decoding: rest, as: UTF8.self)) else { throw .suffix }
    scale.places += fraction.count
    guard let number = UInt128(digits: whole + fraction), var amount = scale.billionths(in: number) else {
      throw .number
    }
    if scale.format == .binarySI { amount = min(amount, Int128(Int64.max) * Self.one) }
    self.init(billionths: isNegative ? -amount : amount, format: scale.format)
  }

  private static func isSuffix(_ suffix: ArraySlice<UInt8>) -> Bool {
    var rest = suffix.drop { "eEinumkKMGTP".utf8.contains($0) }
    if !rest.take("-") { _ = rest.take("+") }
    return rest.allSatisfy(\.isDigit)
  }

  /// What a suffix makes of the number before it: that many billionths, divided by ten a number of times.
  private struct Scale {
    var format: Format
    var unit: UInt128
    var places = 0

    init?(_ suffix: String) {
      if let power = Unit.binary.firstIndex(of: suffix), power > 0 {
        (format, unit) = (.binarySI, UInt128(Quantity.one) << (10 * power))
      } else if let thousands = Unit.decimal.firstIndex(of: suffix) {
        (format, unit) = (.decimalSI, Self.powerOfTen(3 * thousands))
      } else if let letter = suffix.first, "eE".contains(letter), let exponent = Int(suffix.dropFirst()) {
        // No number that can be read has digits left after a hundred places either way.
        let power = max(-100, min(exponent, 100)) + 9
        (format, unit, places) = (.decimalExponent, Self.powerOfTen(max(0, min(power, 38))), max(0, -power))
        if power > 38 { unit = .max }
      } else {
        return nil
      }
    }

    private static func powerOfTen(_ power: Int) -> UInt128 { (0..<power).reduce(1) { product, _ in product * 10 } }

    /// The exact product, then divided and rounded up; nil when it is too large.
    func billionths(in number: UInt128) -> Int128? {
      var (high, low) = number.multipliedFullWidth(by: unit)
      var isExact = true
      for _ in 0..<places {
        let (quotient, remainder) = high.quotientAndRemainder(dividingBy: 10)
        let division = UInt128(10).dividingFullWidth((remainder, low))
        (high, low) = (quotient, division.quotient)
        isExact = isExact && division.remainder == 0
      }
      guard high == 0, let amount = Int128(exactly: low), amount < .max else { return nil }
      return isExact ? amount : amount + 1
    }
  }
}
