/// An address of the Internet protocol, version 4.
public struct IPv4Address: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let bits: UInt32

  public init(bits: UInt32) { self.bits = bits }

  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// Four decimal numbers with dots between them; nil for anything else, and for leading zeros, which some read as
  /// octal.
  public init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
      var byte: UInt32 = 0
      for digit in part {
        guard (48...57).contains(digit) else { return nil }
        byte = byte * 10 + UInt32(digit - 48)
        guard byte <= 255 else { return nil }
      }
      guard !part.isEmpty, part.count == 1 || part.first != 48 else { return nil }
      bits = bits << 8 | byte
    }
    self.init(bits: bits)
  }

  /// From the most significant to the least.
  public var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) } }

  public var description: String { bytes.map(String.init).joined(separator: ".") }

  public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.bits < right.bits }
}

/// A block of addresses that agree in their first bits: 10.96.0.0/12.
public struct CIDR: Sendable, Hashable, CustomStringConvertible {
  /// The first address.
  public let base: IPv4Address
  /// How many bits the addresses agree in.
  public let length: Int

  public init(base: IPv4Address, length: Int) {
    self.length = min(max(length, 0), 32)
    self.base = IPv4Address(bits: base.bits & Self.mask(self.length))
  }

  /// Nil unless it is an address, a slash and a number up to 32.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = IPv4Address(parts[0]), let length = Int(parts[1]), (0...32).contains(length)
    else { return nil }
    self.init(base: base, length: length)
  }

  private static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : ~UInt32(0) << (32 - length) }

  public var count: Int { 1 << (32 - length) }

  public func contains(_ address: IPv4Address) -> Bool { address.bits & Self.mask(length) == base.bits }

  /// The address at a position, counted from 0; those beyond the end wrap around.
  public subscript(_ position: Int) -> IPv4Address {
    IPv4Address(bits: base.bits | UInt32(truncatingIfNeeded: position) & ~Self.mask(length))
  }

  public var description: String { "\(base)/\(length)" }
}
