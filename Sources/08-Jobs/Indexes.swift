// Which indexes have succeeded, or failed: up to a hundred thousand of them in one field of the status. So they are
// kept as ranges, and written as people write page numbers.

/// A set of whole numbers from 0 on. Its text is "1,3-5,7": in order, three or more in a row as a range.
public struct Indexes: Sendable, Hashable, CustomStringConvertible {
  /// In order, with a gap between any two.
  private var ranges: [ClosedRange<Int>] = []

  public init() {}

  public init(_ indexes: some Sequence<Int>) {
    for index in indexes.sorted() { append(index...index) }
  }

  /// What a status holds. Text that is none reads as far as it makes sense; indexes from `limit` on are left out.
  public init(_ text: String?, below limit: Int) {
    for piece in (text ?? "").split(separator: ",") {
      let ends = piece.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, 0 <= first, first <= last, first < limit else { continue }
      append(first...min(last, limit - 1))
    }
  }

  public var count: Int { ranges.reduce(0) { $0 + $1.count } }
  public var isEmpty: Bool { ranges.isEmpty }

  public func contains(_ index: Int) -> Bool {
    // Binary search: the first range that does not end before the index.
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < index { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(index)
  }

  public func union(_ other: Indexes) -> Indexes {
    var union = Indexes()
    for range in (ranges + other.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) { union.append(range) }
    return union
  }

  /// How many indexes both have.
  public func countShared(with other: Indexes) -> Int { count + other.count - union(other).count }

  public var description: String {
    ranges.map { range in
      switch range.count {
      case 1: "\(range.lowerBound)"
      case 2: "\(range.lowerBound),\(range.upperBound)"
      default: "\(range.lowerBound)-\(range.upperBound)"
      }
    }.joined(separator: ",")
  }

  // Ranges come in the order of their beginnings.
  private mutating func append(_ range: ClosedRange<Int>) {
    guard let last = ranges.last, range.lowerBound <= last.upperBound + 1 else { return ranges.append(range) }
    ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
  }
}

extension Indexes {
  /// Why a text does not name indexes.
  public struct ParseError: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  /// What an author writes: strict, and in order.
  public init(parsing text: String, below limit: Int) throws(ParseError) {
    var last = -1
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = piece.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2 else {
        throw ParseError(
          description: """
            the fragment "\(piece)" violates the requirement that an index interval can have at most two parts \
            separated by '-'
            """)
      }
      var first: Int?
      for end in ends {
        guard let index = Int(end), index >= 0 else {
          throw ParseError(description: "cannot convert string to integer for index: \"\(end)\"")
        }
        guard index < limit else { throw ParseError(description: "too large index: \"\(end)\"") }
        guard index > last else {
          throw ParseError(description: "non-increasing order, previous: \(last), current: \(index)")
        }
        first = first ?? index
        last = index
      }
      append((first ?? last)...last)
    }
  }
}
