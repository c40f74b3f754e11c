import Objects
import Testing

@Suite struct Exercise0a_7Tests {
  private func complaint(_ text: String) throws -> String {
    "\(try #require(throws: JSONError.self) { try Value(parsing: text) })"
  }

  @Test func anErrorBelowTheFirstLineSaysItsLineAndColumn() throws {
    #expect(
      try complaint("{\n  \"kind\": \"Pod\",\n  \"spec\": {,}\n}")
        == "expected a name in quotes, found ',' at byte 30 (line 3, column 12)")
    #expect(
      try complaint("[\n1 2]").hasSuffix("at byte 4 (line 2, column 3)"), "lines and columns are counted from one")
    #expect(try complaint("[\n\n\n").hasSuffix("at byte 4 (line 4, column 1)"), "a line may be empty")
  }

  @Test func aColumnIsACharacterAndNotAByte() throws {
    #expect(
      try complaint("[\n\"é𝄞\" 2]").hasSuffix("at byte 11 (line 2, column 6)"),
      "an editor counts é and 𝄞 as one character each, though they take two and four bytes")
  }

  @Test func onTheFirstLineTheByteIsEnough() throws {
    #expect(try complaint("\n[1 2]").hasSuffix("(line 2, column 4)"))
    #expect(try complaint("[1 2]\n") == "expected ',' or ']' after an element, found '2' at byte 3")
    #expect(throws: JSONError(offset: 0, reason: "expected a value, found '}'"), "the error itself is the same") {
      try Value(parsing: "}")
    }
  }
}
