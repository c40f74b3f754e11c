import Objects
import Testing

@testable import CustomResources

@Suite struct Exercise10_7Tests {
  private func value(_ source: String, _ list: CELValue = .list([]), budget: Int = 10_000) throws -> CELValue {
    var budget = budget
    let rule = try CELExpression(source, variables: ["list": .list(of: .dyn)])
    return try rule.evaluate(["list": list], budget: &budget)
  }

  @Test func aListIsSortedByItsOwnOrder() throws {
    for source in [
      "[3, 1, 2].sort() == [1, 2, 3]", "['b', 'a'].sort() == ['a', 'b']", "[].sort() == []",
      "[duration('1m'), duration('1s')].sort()[0] == duration('1s')", "[2, 1].sort().isSorted()",
    ] {
      #expect(try value(source) == .bool(true), "\(source)")
    }
    let mixed = CELValue.list([.int(2), .uint(1), .double(1), .int(1)])
    guard case .list(let sorted) = try value("list.sort()", mixed) else {
      Issue.record("the result is a list")
      return
    }
    #expect(sorted.map(\.typeName) == ["uint", "double", "int", "int"], "equal elements keep their order")
    #expect("\(try CELExpression("[1].sort()", variables: [:]).type)" == "list(int)", "a list of the same type")
  }

  @Test func whatHasNoOrderCannotBeSorted() throws {
    #expect(throws: CELFailure.noOverload) { try value("[{'a': 1}, {'a': 2}].sort()") }
    #expect(throws: CELFailure.noOverload) { try value("list.sort()", .list([.int(1), .string("a")])) }
    #expect(try value("[{'a': 1}].sort().size()") == .int(1))
  }

  @Test func sortingIsPaidFor() throws {
    let long = CELValue.list((0..<5_000).reversed().map { .int($0) })
    #expect(throws: CELFailure.exhausted) { try value("list.sort().size()", long, budget: 100) }
    #expect(try value("list.sort()[0]", long) == .int(0))
  }
}
