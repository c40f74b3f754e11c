import Objects
import Testing

@testable import Jobs

@Suite struct IndexesTests {
  @Test(arguments: [
    ([], ""), ([0], "0"), ([1, 2], "1,2"), ([1, 2, 3], "1-3"), ([7, 1, 5, 4, 3], "1,3-5,7"), ([0, 0, 1], "0,1"),
  ])
  func threeInARowAreARange(indexes: [Int], text: String) {
    #expect(Indexes(indexes).description == text)
    #expect(Indexes(text, below: 10) == Indexes(indexes))
  }

  @Test func setsBehaveAsSets() {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<200 {
      let left = Set((0..<8).map { _ in Int(random.next() % 20) })
      let right = Set((0..<8).map { _ in Int(random.next() % 20) })
      let (one, other) = (Indexes(left), Indexes(right))
      #expect(one.union(other) == Indexes(left.union(right)))
      #expect(one.countShared(with: other) == left.intersection(right).count)
      #expect(one.count == left.count)
      #expect((0..<20).filter(one.contains) == left.sorted())
    }
  }

  @Test func whatIsBeyondTheCompletionsIsNotRead() {
    #expect(Indexes("0,3-9", below: 5).description == "0,3,4")
    #expect(Indexes("nonsense,-,2", below: 5).description == "2")
    #expect(Indexes(nil, below: 5).isEmpty)
  }

  @Test(arguments: [
    ("1,3-4", ""),
    ("5", "too large index: \"5\""),
    ("1,3-5", "too large index: \"5\""),
    ("x", "cannot convert string to integer for index: \"x\""),
    ("", "cannot convert string to integer for index: \"\""),
    ("2,1", "non-increasing order, previous: 2, current: 1"),
    ("3-3", "non-increasing order, previous: 3, current: 3"),
    (
      "0-1-2",
      """
      the fragment "0-1-2" violates the requirement that an index interval can have at most two parts separated by '-'
      """
    ),
  ])
  func whatAnAuthorWritesIsChecked(text: String, problem: String) {
    var found = ""
    do {
      _ = try Indexes(parsing: text, below: 5)
    } catch { found = "\(error)" }
    #expect(found == problem)
  }
}
