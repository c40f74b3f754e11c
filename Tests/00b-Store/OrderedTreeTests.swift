import Objects
import Testing

@testable import Store

@Suite struct OrderedTreeTests {
  @Test("Every tree that insertions and removals of six keys can make, in any order, is in order and in balance")
  func everySmallWorld() {
    var known: Set<String> = [shape(nil)]
    var open = [OrderedTree<Int, Int>()]
    while let tree = open.popLast() {
      let keys = tree.map(\.key)
      for key in 0..<6 {
        var next = tree
        next[key] = keys.contains(key) ? nil : key * 10
        expectSound(next, keys: keys.contains(key) ? keys.filter { $0 != key } : keys + [key])
        if known.insert(shape(next.root)).inserted { open.append(next) }
      }
    }
    // All 2^6 sets of keys were reached, most of them in several shapes.
    #expect(known.count > 64)
  }

  @Test("Between any two trees of five keys, every difference is found and nothing else")
  func differencesOfSmallTrees() {
    let trees = (0..<32).map { set in
      var tree = OrderedTree<Int, Int>()
      for key in 0..<5 where set >> key & 1 == 1 { tree[key] = key }
      return tree
    }
    for before in trees {
      for var after in trees {
        if let first = after.first(where: { _ in true })?.key { after[first] = 100 }
        let found = after.differences(from: before, isSame: ==)
        let expected = (0..<5).filter { before[$0] != after[$0] }
        #expect(found.map(\.key) == expected)
        #expect(found.map(\.before) == expected.map { before[$0] })
        #expect(found.map(\.after) == expected.map { after[$0] })
      }
    }
  }

  @Test("What two versions of a tree share is not looked at")
  func sharedPartsAreSkipped() {
    var tree = OrderedTree<Int, Int>(sorted: (0..<10_000).map { .init(key: $0, value: $0) })
    let before = tree
    tree[5_000] = 1
    tree[20_000] = 2
    tree[17] = nil
    var looks = 0
    let found = tree.differences(from: before) { old, new in
      looks += 1
      return old == new
    }
    #expect(found.map(\.key) == [17, 5_000, 20_000])
    #expect(looks < 200)
  }

  private func inserting(_ keys: Int...) -> String {
    var tree = OrderedTree<Int, Int>()
    for key in keys { tree[key] = key * 10 }
    return shape(tree.root)
  }

  @Test("A side that has become too heavy is turned: its root goes up")
  func aHeavySideIsTurned() {
    #expect(inserting(1, 2, 3) == "(1(2(3)))", "three times as heavy is allowed")
    #expect(inserting(1, 2, 3, 4) == "((1)2(3(4)))", "more than three times is not: 2 goes up, and 1 down to its left")
    #expect(inserting(4, 3, 2, 1) == "(((1)2)3(4))", "and the same the other way around")
    #expect(inserting(1, 3, 2, 4) == "((1(2))3(4))", "an inner grandchild that weighs as much as its sibling stays in")
    #expect(inserting(4, 2, 3, 1) == "((1)2((3)4))", "and the same the other way around")
  }

  @Test("When the inner grandchild is the heavy one, it goes up itself")
  func aHeavyInnerGrandchildGoesUp() {
    #expect(
      inserting(1, 5, 3, 4) == "((1)3((4)5))", "turning 5 up would only put the weight on the other side: 3 goes up")
    #expect(inserting(5, 1, 3, 2) == "((1(2))3(5))", "and the same the other way around")
  }

  @Test("Names in alphabetical order make a tree and not a list")
  func namesInOrderMakeATree() {
    var (ascending, descending) = (OrderedTree<Int, Int>(), OrderedTree<Int, Int>())
    for key in 0..<500 {
      ascending[key] = key
      descending[-key] = key
    }
    for tree in [ascending, descending] {
      #expect(
        height(tree.root) <= 20, "500 entries have room on nine levels; whoever looks for one should not pass 500")
    }
  }

  private func height(_ node: OrderedTree<Int, Int>.Node?) -> Int {
    node.map { 1 + max(height($0.left), height($0.right)) } ?? 0
  }

  private func shape(_ node: OrderedTree<Int, Int>.Node?) -> String {
    node.map { "(\(shape($0.left))\($0.entry.key)\(shape($0.right)))" } ?? ""
  }

  @Test("A tree made in one pass from sorted entries is sound at every size")
  func bulkBuild() {
    for size in 0...64 {
      let tree = OrderedTree(sorted: (0..<size).map { .init(key: $0, value: $0 * 10) })
      expectSound(tree, keys: Array(0..<size))
      #expect(1 << height(tree.root) <= max(1, 2 * size), "\(size) entries on as few levels as they have room on")
    }
  }

  @Test("Random insertions and removals agree with a dictionary", arguments: 1...20 as ClosedRange<UInt64>)
  func randomTrees(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var tree = OrderedTree<Int, Int>()
    var model: [Int: Int] = [:]
    for step in 0..<400 {
      let key = Int.random(in: 0..<100, using: &random)
      let value = Bool.random(using: &random) ? key * 10 : nil
      tree[key] = value
      model[key] = value
      if step % 20 == 0 { expectSound(tree, keys: Array(model.keys)) }
    }
    expectSound(tree, keys: Array(model.keys))
  }

  @Test("An older version keeps its entries while newer ones change")
  func olderVersionsKeepTheirEntries() {
    var versions: [OrderedTree<Int, Int>] = [OrderedTree()]
    for key in 0..<50 {
      var next = versions[key]
      next[key] = key * 10
      versions.append(next)
    }
    var emptied = versions[50]
    for key in 0..<50 { emptied[key] = nil }
    for (size, version) in versions.enumerated() { expectSound(version, keys: Array(0..<size)) }
  }

  private func expectSound(_ tree: OrderedTree<Int, Int>, keys: [Int], _ place: SourceLocation = #_sourceLocation) {
    let sorted = keys.sorted()
    #expect(tree.map(\.key) == sorted, sourceLocation: place)
    #expect(tree.count == sorted.count, sourceLocation: place)
    #expect(isBalanced(tree.root), sourceLocation: place)
    for probe in -1...((sorted.last ?? 0) + 1) {
      if tree[probe] != (sorted.contains(probe) ? probe * 10 : nil) {
        Issue.record("entry \(probe) of \(sorted)", sourceLocation: place)
      }
      if tree.rank(of: probe) != sorted.count(where: { $0 < probe }) {
        Issue.record("rank of \(probe) in \(sorted)", sourceLocation: place)
      }
      var rest = tree.entries(from: probe, to: nil)
      if rest.next()?.key != sorted.first(where: { $0 >= probe }) {
        Issue.record("entries from \(probe) of \(sorted)", sourceLocation: place)
      }
    }
  }

  private func isBalanced(_ node: OrderedTree<Int, Int>.Node?) -> Bool {
    guard let node else { return true }
    let (left, right) = ((node.left?.count ?? 0) + 1, (node.right?.count ?? 0) + 1)
    return left <= 3 * right && right <= 3 * left && node.count == left + right - 1
      && isBalanced(node.left) && isBalanced(node.right)
  }
}
