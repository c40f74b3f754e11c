import Foundation
import Store

/// An object as it stands in a row.
struct StoredObject: Sendable {
  let key: Key
  let bytes: [UInt8]
  let checksum: Int64

  var data: Data { Data(bytes) }

  /// As it was read: not checked before it becomes a record.
  init(key: Key, bytes: [UInt8], checksum: Int64) {
    self.key = key
    self.bytes = bytes
    self.checksum = checksum
  }

  /// As it will be written.
  init(key: Key, bytes: [UInt8]) {
    self.init(key: key, bytes: bytes, checksum: Self.checksum(key, bytes))
  }

  /// Throws when the row is not what was written.
  func record() throws -> Record {
    guard Self.checksum(key, bytes) == checksum else { throw Damage(reason: "\(key) is not what was written") }
    return try Record(key: key, bytes: bytes)
  }

  private static func checksum(_ key: Key, _ bytes: [UInt8]) -> Int64 {
    var checksum = Checksum()
    for name in [key.resource, key.namespace, key.name] { checksum.add(Array(name.utf8)) }
    checksum.add(bytes)
    return Int64(bitPattern: checksum.value)
  }
}

/// Something in the file that cannot be.
struct Damage: Error {
  let reason: String
}

/// 64 bits that depend on every byte, eight bytes at a time with the mixing of MurmurHash64A. It is there to notice
/// accidents, not attacks.
private struct Checksum {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ bytes: [UInt8]) {
    add(UInt64(bytes.count))
    bytes.withUnsafeBytes { bytes in
      let whole = bytes.count & ~7
      for offset in stride(from: 0, to: whole, by: 8) {
        add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      }
      add(bytes[whole...].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  private mutating func add(_ word: UInt64) {
    var mixed = word &* 0xC6A4_A793_5BD1_E995
    mixed ^= mixed >> 47
    value = (value ^ (mixed &* 0xC6A4_A793_5BD1_E995)) &* 0xC6A4_A793_5BD1_E995
  }
}
