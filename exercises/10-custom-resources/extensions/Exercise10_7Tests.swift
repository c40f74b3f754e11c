import Objects
import Testing

@testable import CustomResources

@Suite struct Exercise10_7Tests {
  private func value(_ source: String, _ text: String = "", budget: Int = 10_000) throws -> CELValue {
    var budget = budget
    let rule = try CELExpression(source, variables: ["text": .string(maxLength: 100), "any": .dyn])
    return try rule.evaluate(["text": .string(text), "any": .string(text)], budget: &budget)
  }

  @Test func aTextIsReadFromItsEnd() throws {
    for source in [
      "'gums'.reverse() == 'smug'", "'John Smith'.reverse() == 'htimS nhoJ'", "''.reverse() == ''",
      "'a😀é'.reverse() == 'é😀a'", "text.reverse().reverse() == text && any.reverse() == 'cba'",
    ] {
      #expect(try value(source, "abc") == .bool(true), "\(source)")
    }
    // A letter and the accent behind it are two characters here.
    #expect(try value("text.reverse().charAt(0)", "e\u{301}") == .string("\u{301}"))
    #expect("\(try CELExpression("'a'.reverse()", variables: [:]).type)" == "string")
  }

  @Test func listsAreReversedAsBefore() throws {
    #expect(
      try value("[1, 2, 3].reverse() == [3, 2, 1] && 'ab'.split('').reverse().join() == 'ab'.reverse()") == .bool(true))
    #expect("\(try CELExpression("[1].reverse()", variables: [:]).type)" == "list(int)")
  }

  @Test func readingIsPaidFor() throws {
    let long = String(repeating: "a", count: 5_000)
    #expect(throws: CELFailure.exhausted) { try value("text.reverse() == ''", long, budget: 100) }
    #expect(try value("text.reverse().size()", long) == .int(5_000))
  }
}
