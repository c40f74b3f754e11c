import ControlLoop
import Objects
import Testing

/// The five promises at the top of WorkQueue.swift.
@Suite struct WorkQueueTests {
  let start = Time(microseconds: 0)
  var queue = WorkQueue<Int>()

  @Test mutating func anItemThatIsAddedIsHandedOut() {
    queue.add(1)
    #expect(queue.next(at: start) == 1)
    queue.done(1)
    queue.add(1)
    #expect(queue.next(at: start) == 1)
  }

  @Test mutating func anItemWaitsOnce() {
    for _ in 0..<3 { queue.add(1) }
    queue.add(1, at: start)
    #expect(!queue.isIdle)
    #expect(queue.next(at: start) == 1)
    queue.done(1)
    #expect(queue.next(at: start) == nil)
    #expect(queue.isIdle)
  }

  @Test mutating func anItemUnderWayIsNotHandedOutAgainUntilItIsDone() {
    queue.add(1)
    _ = queue.next(at: start)
    queue.add(1)
    queue.add(1)
    #expect(queue.next(at: start) == nil)
    queue.done(1)
    #expect(
      queue.next(at: start) == 1, "it was added while it was under way: that call may have looked before the change")
    queue.done(1)
    #expect(queue.next(at: start) == nil)
  }

  @Test mutating func itemsComeInTheirOrderAndNotBeforeTheirTime() {
    queue.add(5, at: start + .seconds(2))
    queue.add(4, at: start + .seconds(1))
    queue.add(3)
    queue.add(1)
    #expect(take(at: start) == [3, 1])
    #expect(queue.nextTime == start + .seconds(1))
    #expect(take(at: start + .milliseconds(999)) == [])
    #expect(take(at: start + .seconds(2)) == [4, 5])
    #expect(queue.nextTime == nil)
  }

  @Test mutating func theEarliestOfSeveralTimesCounts() {
    queue.add(1, at: start + .seconds(3))
    queue.add(1, at: start + .seconds(1))
    queue.add(1, at: start + .seconds(2))
    #expect(take(at: start + .seconds(1)) == [1])
    #expect(take(at: start + .seconds(10)) == [])
  }

  @Test mutating func pausesDoubleFromFiveMillisecondsToAThousandSecondsUntilForgotten() {
    var pauses: [Duration] = []
    for _ in 0..<20 {
      queue.addAfterFailure(1, now: start, jitter: 0)
      if let next = queue.nextTime { pauses.append(next - start) }
      _ = take(at: .distantFuture)
    }
    #expect(
      pauses.prefix(4) == [.milliseconds(5), .milliseconds(10), .milliseconds(20), .milliseconds(40)],
      "5 ms after the first failure, and twice as long after each one that follows")
    #expect(
      pauses.suffix(3) == [.milliseconds(655_360), .seconds(1_000), .seconds(1_000)], "never longer than 1,000 s")
    #expect(queue.failureCount(of: 1) == 20)
    queue.forget(1)
    #expect(queue.failureCount(of: 1) == 0)
    queue.addAfterFailure(1, now: start, jitter: 0.5)
    #expect(
      queue.nextTime == start + .microseconds(5_250), "forgotten, so 5 ms again; half the jitter makes it 5 % longer")
  }

  /// Every order of adding, taking, finishing for three items, against the obvious list.
  @Test func itNeverLosesAnItemNorHandsItOutTwice() throws {
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var queue = WorkQueue<Int>()
      var wanted: [Int] = []
      var held: [Int] = []
      var addedMeanwhile: [Int] = []
      for step in 0..<100 {
        let item = Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
          queue.add(item)
          if held.contains(item) {
            if !addedMeanwhile.contains(item) { addedMeanwhile.append(item) }
          } else if !wanted.contains(item) {
            wanted.append(item)
          }
        case 1:
          let expected = wanted.isEmpty ? nil : wanted.removeFirst()
          if let expected { held.append(expected) }
          let given = queue.next(at: start)
          try #require(given == expected, "seed \(seed), step \(step)")
        default:
          guard let done = held.popLast() else { continue }
          queue.done(done)
          if addedMeanwhile.contains(done) {
            addedMeanwhile.removeAll { $0 == done }
            wanted.append(done)
          }
        }
      }
    }
  }

  @Test mutating func manyItemsAndTimesComeInOrder() {
    var random = SeededGenerator(seed: 1)
    let times = (0..<3_000).map { _ in Int64.random(in: 0..<500, using: &random) }
    for (item, time) in times.enumerated() { queue.add(item, at: start + .seconds(time)) }
    #expect(take(at: .distantFuture) == times.indices.sorted { (times[$0], $0) < (times[$1], $1) })
  }

  private mutating func take(at now: Time) -> [Int] {
    var taken: [Int] = []
    while let item = queue.next(at: now) {
      taken.append(item)
      queue.done(item)
    }
    return taken
  }
}
