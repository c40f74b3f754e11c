import Objects
import Testing

@Suite struct JSONConformanceTests {
  @Test(arguments: JSONCase.accepted + JSONCase.acceptedByChoice)
  func acceptsWhatItMust(_ document: JSONCase) throws {
    let value = try Value(parsing: document.bytes)
    #expect(try Value(parsing: value.encoded()) == value)
  }

  @Test(arguments: JSONCase.refused)
  func refusesWhatItMust(_ document: JSONCase) throws {
    let error = try #require(throws: JSONError.self) { try Value(parsing: document.bytes) }
    #expect(0...document.bytes.count ~= error.offset)
    #expect(!error.reason.isEmpty)
  }

  @Test func readsHalvesOfSurrogatePairsAsGoDoes() throws {
    #expect(try Value(parsing: #""\uD834\uDD1E""#) == "𝄞")
    #expect(try Value(parsing: #""a\uD834b""#) == "a\u{FFFD}b")
    #expect(try Value(parsing: #""\uDD1E\uD834""#) == "\u{FFFD}\u{FFFD}")
    #expect(try Value(parsing: #""\uD834\uD834\uDD1E""#) == "\u{FFFD}𝄞")
  }

  @Test(arguments: [
    ("", 0, "expected a value, found the end of the document"),
    ("[1, }", 4, "expected a value, found '}'"),
    ("[1 2]", 3, "expected ',' or ']' after an element, found '2'"),
    ("{\"a\":1 \"b\"", 7, "expected ',' or '}' after a member, found '\"'"),
    ("{\"a\" 1}", 5, "expected ':' after a name, found '1'"),
    ("{a:1}", 1, "expected a name in quotes, found 'a'"),
    ("{\"a\":1,\"a\":2}", 7, "the name \"a\" appears twice in one object"),
    ("[1] x", 4, "expected the end of the document, found 'x'"),
    ("[nulL]", 4, "expected 'null', found 'L'"),
    ("[01]", 2, "expected ',' or ']' after an element, found '1'"),
    ("[-]", 2, "expected a digit, found ']'"),
    ("[1e999]", 1, "a number too large for a 64-bit double"),
    ("\"ab", 3, "expected '\"' at the end of a string, found the end of the document"),
    ("\"a\nb\"", 2, "a control character in a string must be escaped"),
    ("\"\\q\"", 2, "expected an escape (one of \" \\ / b f n r t u), found 'q'"),
    ("\"\\u00g0\"", 5, "expected a hexadecimal digit, found 'g'"),
    ("\u{7}", 0, "expected a value, found the byte 0x7"),
  ])
  func namesThePlaceOfAnError(_ text: String, _ offset: Int, _ reason: String) {
    #expect(throws: JSONError(offset: offset, reason: reason)) { try Value(parsing: text) }
  }

  @Test func findsTheInvalidByte() {
    let bytes = Array("[\"añb".utf8) + [0xC3, 0x28] + Array("\"]".utf8)
    #expect(throws: JSONError(offset: 6, reason: "a string that is not valid UTF-8")) { try Value(parsing: bytes) }
  }
}

@Suite struct JSONLimitTests {
  @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
  func refusesToNestDeeperThanTheLimit(opening: String, closing: String) throws {
    func nested(_ depth: Int) -> String {
      String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
    }
    let deepest = JSONLimits().depth
    #expect(try Value(parsing: nested(deepest)).encodedString == nested(deepest))
    #expect(
      throws: JSONError(offset: deepest * opening.utf8.count, reason: "nesting deeper than 128 levels is refused")
    ) {
      try Value(parsing: nested(deepest + 1))
    }
    #expect(throws: JSONError.self) { try Value(parsing: String(repeating: opening, count: 100_000)) }
  }

  @Test func refusesADocumentThatIsTooLong() throws {
    let limits = JSONLimits(bytes: 4)
    #expect(try Value(parsing: "[12]", limits: limits) == [12])
    #expect(throws: JSONError(offset: 4, reason: "a document longer than 4 bytes is refused")) {
      try Value(parsing: "[123]", limits: limits)
    }
  }

  @Test func refusesTooManyMembers() throws {
    let limits = JSONLimits(members: 2)
    #expect(try Value(parsing: #"{"a":1,"b":2}"#, limits: limits).members?.count == 2)
    #expect(throws: JSONError(offset: 13, reason: "an object of more than 2 members is refused")) {
      try Value(parsing: #"{"a":1,"b":2,"c":3}"#, limits: limits)
    }
  }

  @Test func findsADuplicateAmongManyMembers() throws {
    let members = (0..<100).map { "\"name-\($0)\":\($0)" }.joined(separator: ",")
    #expect(try Value(parsing: "{\(members)}")["name-99"] == 99)
    for duplicate in [0, 15, 16, 17, 50, 99] {
      #expect(throws: JSONError.self) { try Value(parsing: "{\(members),\"name-\(duplicate)\":0}") }
    }
  }

  @Test(arguments: [
    (#"{"a":1,"a":2}"#, #"{"a":2}"#, ["a"]),
    (#"{"a":1,"b":{},"a":2,"a":3}"#, #"{"a":3,"b":{}}"#, ["a"]),
    (#"{"a":1,"a":2,"x":{"a":1,"a":2}}"#, #"{"a":2,"x":{"a":2}}"#, ["a", "x.a"]),
    (#"{"a":[{"b":[[0,{"c":1,"c":2}]]}]}"#, #"{"a":[{"b":[[0,{"c":2}]]}]}"#, ["a[0].b[0][1].c"]),
    (#"[{"a":1},{"a":1,"\u0061":2}]"#, #"[{"a":1},{"a":2}]"#, ["[1].a"]),
    (#"{"a":{"b":1}}"#, #"{"a":{"b":1}}"#, []),
  ])
  func theLastOfRepeatedNamesCounts(text: String, meaning: String, places: [String]) throws {
    var repeated: [FieldPath] = []
    #expect(try Value(parsing: text.utf8, repeated: &repeated) == Value(parsing: meaning))
    #expect(repeated.map(\.description) == places)
  }

  @Test func repeatedNamesCountAsMembers() throws {
    var repeated: [FieldPath] = []
    let names = (0..<40).map { "\"n\($0 % 20)\":\($0)" }.joined(separator: ",")
    #expect(try Value(parsing: "{\(names)}".utf8, repeated: &repeated)["n19"] == 39)
    #expect(repeated.count == 20)
    #expect(throws: JSONError.self) {
      try Value(parsing: "{\(names)}".utf8, limits: JSONLimits(members: 39), repeated: &repeated)
    }
    let many = (0..<400).map { "\"n\($0 % 200)\":0" }.joined(separator: ",")
    _ = try Value(parsing: "{\(many)}".utf8, repeated: &repeated)
    #expect(repeated.count == 100)
  }
}
