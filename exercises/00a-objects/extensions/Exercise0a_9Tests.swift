import Objects
import Testing

@Suite struct Exercise0a_9Tests {
  private func selected(_ text: String) throws -> [String] {
    let query = try LabelQuery(parsing: text)
    return ["", "8", "9", "10", "11", "x", nil].filter { label in query.matches { $0 == "a" ? label : nil } }
      .map { $0 ?? "none" }
  }

  @Test func atLeastAndAtMostIncludeTheirBound() throws {
    #expect(try selected("a>=9") == ["9", "10", "11"])
    #expect(try selected("a<=10") == ["8", "9", "10"])
    #expect(try selected("a >= 9 , a<=10") == ["9", "10"], "blanks between the words are as welcome as ever")
    #expect(try selected("a>=9,a<10") == ["9"])
  }

  @Test func theyAreWrittenAsTheyAreRead() throws {
    for text in ["a>=9", "a<=10", "a>9", "a<10", "a=9"] {
      #expect(try LabelQuery(parsing: text).description == text)
    }
  }

  @Test func theirValueIsANumber() throws {
    #expect {
      try LabelQuery(parsing: "a>=x")
    } throws: {
      "\($0)".hasSuffix("values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")
    }
    #expect {
      try LabelQuery(parsing: "a>=")
    } throws: { "\($0)".contains("the value must be an integer") }
  }

  @Test func signsThatAreNoOperatorStayWrong() throws {
    #expect(try selected("a>=9").count == 3)
    for text in ["a=>9", "a=<9", "a>>9", "a><9", "a>==9"] {
      #expect(throws: SelectorError.self, "\(text) means nothing") { try LabelQuery(parsing: text) }
    }
  }
}
