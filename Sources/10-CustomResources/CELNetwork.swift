import Foundation
import Services

/// An address of the Internet protocol of either version. An address of version 4 that is written as one of version 6
/// is refused: it would be equal to nothing that people compare it with.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  let bits: UInt128
  let isVersion6: Bool

  var length: Int { isVersion6 ? 128 : 32 }

  init?(_ text: String) {
    if let address = IPv4Address(text) {
      (bits, isVersion6) = (UInt128(address.bits), false)
      return
    }
    guard let bits = Self.version6(text), bits >> 32 != 0xffff else { return nil }
    (self.bits, isVersion6) = (bits, true)
  }

  /// RFC 4291, 2.2: eight groups; two colons stand for groups of zeros, once; the end may be an address of version 4.
  static func version6(_ text: String) -> UInt128? {
    var text = text[...]
    if let colon = text.lastIndex(of: ":"), let tail = IPv4Address(text[text.index(after: colon)...]) {
      text = text[...colon] + String(tail.bits >> 16, radix: 16) + ":" + String(tail.bits & 0xffff, radix: 16)
    }
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false).map(Self.group) }
    guard halves.count == 1 && halves[0].count == 8 || halves.count == 2 && halves[0].count + halves[1].count < 8 else {
      return nil
    }
    let missing = [UInt16?](repeating: 0, count: 8 - halves.reduce(0) { $0 + $1.count })
    var bits: UInt128 = 0
    for group in halves[0] + missing + (halves.count == 2 ? halves[1] : []) {
      guard let group else { return nil }
      bits = bits << 16 | UInt128(group)
    }
    return bits
  }

  init(bits: UInt128, isVersion6: Bool) {
    self.bits = bits
    self.isVersion6 = isVersion6
  }

  private static func group(_ text: Substring) -> UInt16? {
    text.count <= 4 && text.allSatisfy(\.isHexDigit) ? UInt16(text, radix: 16) : nil
  }

  /// As RFC 5952 wants it: small letters, and `::` for the first of the longest runs of zeros.
  public var description: String {
    if !isVersion6 { return IPv4Address(bits: UInt32(truncatingIfNeeded: bits)).description }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * UInt128($0))) }
    var longest = 0..<0
    for start in groups.indices {
      let run = start..<start + groups[start...].prefix { $0 == 0 }.count
      if run.count > max(longest.count, 1) { longest = run }
    }
    let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
    return longest.isEmpty ? text(0..<8) : "\(text(0..<longest.lowerBound))::\(text(longest.upperBound..<8))"
  }

  func isIn(_ block: String) -> Bool { IPBlock(block)?.contains(self) ?? false }
}

/// Addresses that agree in their first bits.
public struct IPBlock: Sendable, Hashable, CustomStringConvertible {
  let address: IPAddress
  let length: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
      (0...address.length).contains(length), String(length) == parts[1]
    else { return nil }
    self.init(address: address, length: length)
  }

  init(address: IPAddress, length: Int) {
    self.address = address
    self.length = length
  }

  private func first(of address: IPAddress) -> UInt128 {
    let rest = UInt128(address.length - length)
    return rest == 128 ? 0 : (address.bits >> rest) << rest
  }

  var masked: IPBlock {
    IPBlock(address: IPAddress(bits: first(of: address), isVersion6: address.isVersion6), length: length)
  }

  func contains(_ other: IPAddress) -> Bool {
    other.isVersion6 == address.isVersion6 && first(of: other) == first(of: address)
  }

  public var description: String { "\(address)/\(length)" }
}

/// An absolute URL, or the path of one.
public struct CELURL: Sendable, Hashable {
  let text: String

  init?(_ text: String) {
    guard let parts = URLComponents(string: text), parts.scheme != nil || text.hasPrefix("/") else { return nil }
    self.text = text
  }

  var parts: URLComponents { URLComponents(string: text) ?? URLComponents() }

  /// With square brackets around an address of version 6.
  var host: String { parts.percentEncodedHost ?? "" }
}
