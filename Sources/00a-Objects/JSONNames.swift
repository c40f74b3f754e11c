import Synchronization

/// The long names of members, each kept as one string that all documents share.
///
/// Swift stores a string of up to 15 bytes in place and any longer one on the heap. A cluster holds names such as
/// `terminationMessagePath` many thousand times, so sharing them saves a fifth of its memory.
///
/// The table is bounded and never forgets: once the fields of the API are in it, it does not change any more.
/// A parser works on a copy, which costs nothing until it learns a name, and puts that copy back. When two do so
/// at the same time one copy is lost, and with it a little memory; a name is right in either case.
struct NameTable: Sendable {
  static var current: NameTable { shared.withLock { $0 } }
  static let longestInline = 15

  private static let shared = Mutex(NameTable())
  private static let longestShared = 64
  private static let slotCount = 2048
  private static let probes = 4

  private var slots = [Slot?](repeating: nil, count: slotCount)
  private var hasLearned = false

  private struct Slot {
    let bytes: ArraySlice<UInt8>
    let name: String
  }

  /// The shared string that these bytes spell, if there is one.
  func name(spelled bytes: ArraySlice<UInt8>) -> String? {
    let home = Self.home(of: bytes)
    for probe in home..<home + Self.probes {
      guard let slot = slots[probe % Self.slotCount] else { return nil }
      if slot.bytes == bytes { return slot.name }
    }
    return nil
  }

  /// Keeps a name unless the slots where it would be looked for are taken.
  mutating func learn(_ name: String, spelled bytes: ArraySlice<UInt8>) {
    guard bytes.count <= Self.longestShared else { return }
    let home = Self.home(of: bytes)
    for probe in home..<home + Self.probes where slots[probe % Self.slotCount] == nil {
      slots[probe % Self.slotCount] = Slot(bytes: ArraySlice(Array(bytes)), name: name)
      hasLearned = true
      return
    }
  }

  /// Lets the parsers to come share what this one has learned.
  mutating func publish() {
    guard hasLearned else { return }
    hasLearned = false
    Self.shared.withLock { [self] in $0 = self }
  }

  // The length and four bytes along the way tell the names of fields apart well enough.
  private static func home(of bytes: ArraySlice<UInt8>) -> Int {
    var hash = bytes.count
    for quarter in 1...4 { hash = hash &* 37 &+ Int(bytes[bytes.startIndex + bytes.count * quarter / 4 - 1]) }
    return hash % slotCount
  }
}
