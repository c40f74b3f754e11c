// A sorted map that never changes in place.
//
// An update copies the nodes on the way from the root to the entry, about seventeen at 100,000 entries, and shares
// all others with the tree before it. So keeping an old version costs one pointer, and reading it needs no lock. A
// hash table would be faster to change but would have to be copied whole for every version, and would not be sorted.
//
// The tree is balanced by weight: of two siblings neither has more than three times the entries of the other
// (counting one more on each side). The count that this needs also answers "how many are left" without a walk.

struct OrderedTree<Key: Comparable & Sendable, Value: Sendable>: Sendable {
  /// A structure and not a tuple: the runtime takes a slow way to release tuples in generic code.
  struct Entry: Sendable {
    let key: Key
    let value: Value
  }

  final class Node: Sendable {
    let left: Node?
    let entry: Entry
    let right: Node?
    let count: Int

    init(_ left: Node?, _ entry: Entry, _ right: Node?) {
      self.left = left
      self.entry = entry
      self.right = right
      count = (left?.count ?? 0) + 1 + (right?.count ?? 0)
    }
  }

  private(set) var root: Node?

  init() {}

  /// In one pass, from entries in ascending order without duplicates.
  init(sorted entries: [Entry]) {
    func build(_ part: ArraySlice<Entry>) -> Node? {
      guard !part.isEmpty else { return nil }
      let middle = part.startIndex + part.count / 2
      return Node(build(part[..<middle]), part[middle], build(part[(middle + 1)...]))
    }
    root = build(entries[...])
  }

  var count: Int { root?.count ?? 0 }

  /// Assigning nil removes the entry.
  subscript(_ key: Key) -> Value? {
    get {
      // One comparison a level: the last one that is not larger is the entry, if there is one.
      var (node, candidate) = (root, Node?.none)
      while let current = node {
        if key < current.entry.key {
          node = current.left
        } else {
          candidate = current
          node = current.right
        }
      }
      return candidate?.entry.key == key ? candidate?.entry.value : nil
    }
    set {
      if let newValue {
        root = Self.inserting(Entry(key: key, value: newValue), into: root)
      } else {
        root = Self.removing(key, from: root)
      }
    }
  }
}

extension OrderedTree {
  private static func inserting(_ entry: Entry, into node: Node?) -> Node {
    guard let node else { return Node(nil, entry, nil) }
    if entry.key < node.entry.key { return balanced(inserting(entry, into: node.left), node.entry, node.right) }
    if node.entry.key < entry.key { return balanced(node.left, node.entry, inserting(entry, into: node.right)) }
    return Node(node.left, entry, node.right)
  }

  private static func removing(_ key: Key, from node: Node?) -> Node? {
    guard let node else { return nil }
    if key < node.entry.key { return balanced(removing(key, from: node.left), node.entry, node.right) }
    if node.entry.key < key { return balanced(node.left, node.entry, removing(key, from: node.right)) }
    guard let left = node.left else { return node.right }
    guard let right = node.right else { return left }
    // The next larger entry takes the place of the removed one.
    var next = right
    while let smaller = next.left { next = smaller }
    return balanced(left, next.entry, removing(next.entry.key, from: right))
  }

  /// A node over two trees, one of which may have just gained or lost an entry: turned when one side has become
  /// more than three times as heavy. The inner grandchild goes up when it is at least twice its sibling
  /// (Hirai and Yamamoto 2011 prove that three and two keep the balance through insertions and removals).
  private static func balanced(_ left: Node?, _ entry: Entry, _ right: Node?) -> Node {
    if let right, weight(right) > 3 * weight(left) {
      if let inner = right.left, weight(inner) >= 2 * weight(right.right) {
        return Node(Node(left, entry, inner.left), inner.entry, Node(inner.right, right.entry, right.right))
      }
      return Node(Node(left, entry, right.left), right.entry, right.right)
    }
    if let left, weight(left) > 3 * weight(right) {
      if let inner = left.right, weight(inner) >= 2 * weight(left.left) {
        return Node(Node(left.left, left.entry, inner.left), inner.entry, Node(inner.right, entry, right))
      }
      return Node(left.left, left.entry, Node(left.right, entry, right))
    }
    return Node(left, entry, right)
  }

  private static func weight(_ node: Node?) -> Int { (node?.count ?? 0) + 1 }
}

extension OrderedTree: Sequence {
  func makeIterator() -> Iterator { entries(from: nil, to: nil) }

  /// Ascending, from the first key that is not smaller than `start` to the last that is smaller than `end`.
  func entries(from start: Key?, to end: Key?) -> Iterator {
    let skipped = start.map(rank) ?? 0
    return Iterator(root, from: start, remaining: Swift.max(0, (end.map(rank) ?? count) - skipped))
  }

  /// How many keys are smaller.
  func rank(of key: Key) -> Int {
    var (node, rank) = (root, 0)
    while let current = node {
      if current.entry.key < key {
        rank += current.count - (current.right?.count ?? 0)
        node = current.right
      } else {
        node = current.left
      }
    }
    return rank
  }

  struct Iterator: IteratorProtocol, Sendable {
    private(set) var remaining: Int
    /// The nodes whose left side is done and which themselves are not; the next one is last.
    private var path: [Node] = []

    fileprivate init(_ root: Node?, from start: Key?, remaining: Int) {
      self.remaining = remaining
      var node = root
      while let current = node {
        if let start, current.entry.key < start {
          node = current.right
        } else {
          path.append(current)
          node = current.left
        }
      }
    }

    mutating func next() -> Entry? {
      guard remaining > 0, let node = path.popLast() else { return nil }
      remaining -= 1
      var below = node.right
      while let current = below {
        path.append(current)
        below = current.left
      }
      return node.entry
    }
  }
}

// MARK: - Two trees

extension OrderedTree {
  /// What is different from another tree, ascending: nil stands for no entry. Two versions of one tree share most of
  /// their nodes, and what is shared is skipped whole, so the search costs a few steps for each difference.
  func differences(
    from other: OrderedTree, isSame: (Value, Value) -> Bool
  ) -> [(key: Key, before: Value?, after: Value?)] {
    var differences: [(Key, Value?, Value?)] = []
    var (before, after) = (Pieces(other.root), Pieces(root))
    while !before.isEmpty || !after.isEmpty {
      if let shared = before.next?.tree, shared === after.next?.tree {
        before.skip()
        after.skip()
      } else if before.size >= after.size, before.next?.tree != nil {
        before.open()
      } else if after.next?.tree != nil {
        after.open()
      } else {
        // Both begin with an entry, or are at their end: the smaller key is missing on the other side.
        let (old, new) = (before.next?.entry, after.next?.entry)
        let isOld = old.map { old in new.map { old.key <= $0.key } ?? true } ?? false
        let isNew = new.map { new in old.map { new.key <= $0.key } ?? true } ?? false
        if isOld { before.skip() }
        if isNew { after.skip() }
        if let old, let new, isOld, isNew, isSame(old.value, new.value) { continue }
        guard let key = isOld ? old?.key : new?.key else { break }
        differences.append((key, isOld ? old?.value : nil, isNew ? new?.value : nil))
      }
    }
    return differences
  }

  /// The rest of a tree, in its order: whole parts as long as nobody needs to look into them.
  private struct Pieces {
    typealias Piece = (tree: Node?, entry: Entry?)
    private var pieces: [Piece] = []

    init(_ root: Node?) { push(root) }

    var isEmpty: Bool { pieces.isEmpty }
    var next: Piece? { pieces.last }
    var size: Int { pieces.last?.tree?.count ?? 0 }

    mutating func skip() { pieces.removeLast() }

    mutating func open() {
      guard let node = pieces.popLast()?.tree else { return }
      push(node.right)
      pieces.append((nil, node.entry))
      push(node.left)
    }

    private mutating func push(_ node: Node?) {
      if let node { pieces.append((node, nil)) }
    }
  }
}
