public import Objects

/// The keys that wait to be reconciled.
///
/// What it promises:
/// 1. A key that is added is handed out at least once after it was added.
/// 2. A key waits once, however often it is added while it waits.
/// 3. A key that has been handed out is not handed out again until it is done; added meanwhile, it waits for that.
/// 4. Keys are handed out in the order in which they were added; those with a time, from that time on.
/// 5. A key that fails waits longer each time, from 5 ms to 1,000 s, until it is forgotten.
public struct WorkQueue<Item: Hashable & Comparable & Sendable>: Sendable {
  private var waiting: [Item] = []
  private var head = 0
  private var isWaiting: Set<Item> = []
  private var underWay: Set<Item> = []
  private var addedMeanwhile: Set<Item> = []
  private var later = TimerHeap<Item>()
  private var failures: [Item: Int] = [:]

  public init() {}

  public mutating func add(_ item: Item) {
    if underWay.contains(item) {
      addedMeanwhile.insert(item)
    } else if isWaiting.insert(item).inserted {
      waiting.append(item)
    }
  }

  public mutating func add(_ item: Item, at time: Time) {
    later.insert(item, at: time)
  }

  /// Adds the item after a pause that doubles with each failure in a row.
  /// - Parameter jitter: 0..<1, spreads the pauses of items that failed together.
  public mutating func addAfterFailure(_ item: Item, now: Time, jitter: Double) {
    let count = failures[item, default: 0]
    failures[item] = count + 1
    let pause = min(0.005 * Double(1 << min(count, 20)), 1_000)
    later.insert(item, at: now + .seconds(pause * (1 + 0.1 * jitter)))
  }

  public mutating func forget(_ item: Item) { failures[item] = nil }

  public func failureCount(of item: Item) -> Int { failures[item, default: 0] }

  /// The next item; nil when none is due.
  public mutating func next(at now: Time) -> Item? {
    while let due = later.removeFirst(dueAt: now) { add(due) }
    guard head < waiting.count else { return nil }
    let item = waiting[head]
    head += 1
    if head > 1_024, head * 2 > waiting.count {
      waiting.removeFirst(head)
      head = 0
    }
    isWaiting.remove(item)
    underWay.insert(item)
    return item
  }

  public mutating func done(_ item: Item) {
    underWay.remove(item)
    if addedMeanwhile.remove(item) != nil { add(item) }
  }

  public var isIdle: Bool { head == waiting.count }

  /// When the next item with a time is due.
  public var nextTime: Time? { later.first?.time }
}

/// Items with times, the earliest first. An item has one time, the earliest that it was given.
struct TimerHeap<Item: Hashable & Comparable & Sendable>: Sendable {
  struct Entry: Sendable {
    var time: Time
    var item: Item
  }

  private var entries: [Entry] = []
  private var times: [Item: Time] = [:]

  var first: Entry? { entries.first }

  mutating func insert(_ item: Item, at time: Time) {
    if let earlier = times[item], earlier <= time { return }
    times[item] = time
    entries.append(Entry(time: time, item: item))
    siftUp(from: entries.count - 1)
  }

  /// The earliest item whose time has come.
  mutating func removeFirst(dueAt now: Time) -> Item? {
    while let entry = entries.first, entry.time <= now {
      removeRoot()
      // An entry that was overtaken by an earlier one of the same item is stale.
      if times[entry.item] == entry.time {
        times[entry.item] = nil
        return entry.item
      }
    }
    return nil
  }

  private mutating func removeRoot() {
    let last = entries.removeLast()
    guard !entries.isEmpty else { return }
    entries[0] = last
    var index = 0
    while true {
      var smallest = index
      for child in [2 * index + 1, 2 * index + 2] where child < entries.count && isBefore(child, smallest) {
        smallest = child
      }
      if smallest == index { return }
      entries.swapAt(index, smallest)
      index = smallest
    }
  }

  private mutating func siftUp(from start: Int) {
    var index = start
    while index > 0, isBefore(index, (index - 1) / 2) {
      entries.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  // Items break ties, so that the order never depends on the heap's shape.
  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (entries[left].time, entries[left].item) < (entries[right].time, entries[right].item)
  }
}
