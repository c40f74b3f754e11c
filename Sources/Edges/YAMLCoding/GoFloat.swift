/// Numbers with a fraction as Go writes them ("%g"): the shortest digits, with an exponent when it is less than -4 or
/// more than 5.
enum GoFloat {
  static func text<Number: BinaryFloatingPoint & CustomStringConvertible>(_ number: Number) -> String {
    guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
    if let integer = Int64(exactly: number) { return String(integer) }
    if let integer = UInt64(exactly: number) { return String(integer) }
    // Swift writes the same digits: "1.5", "1e-07", "1.2345e+25".
    let text = number.magnitude.description
    let parts = text.split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = mantissa.joined()
    exponent += mantissa[0].count - 1
    let leadingZeros = digits.prefix { $0 == "0" }.count
    digits = String(digits.dropFirst(leadingZeros))
    exponent -= leadingZeros
    while digits.last == "0" { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    guard exponent < -4 || exponent > 5 else {
      if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
      // What has a fraction has more digits than those before the point.
      return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }
    let fraction = digits.dropFirst()
    let magnitude = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + (exponent < 0 ? "e-" : "e+") + magnitude
  }
}
