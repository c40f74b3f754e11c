import Objects
import Testing

// One rule of the grammar at a time, each with a sentence for whoever breaks it.

@Suite struct JSONNumberTests {
  @Test func aWholeNumberKeepsAll64Bits() throws {
    for integer in [9_007_199_254_740_993, -9_007_199_254_740_993, Int64.max, .min, 0, -7] {
      #expect(
        try Value(parsing: "\(integer)") == .integer(integer),
        "a whole number that fits into 64 bits becomes an integer, without passing through a double on the way")
    }
  }

  @Test(arguments: [("1.0", 1), ("1e2", 100), ("-2.5E-1", -0.25), ("0.0", 0), ("1E+2", 100), ("1e007", 1e7)])
  func aDotOrAnExponentMakesADouble(text: String, double: Double) throws {
    #expect(
      try Value(parsing: text) == .double(double), "\(text) has a dot or an exponent, so it is a double, whole or not")
  }

  @Test func aWholeNumberBeyond64BitsBecomesTheNearestDouble() throws {
    #expect(try Value(parsing: "9223372036854775808") == .double(0x1p63), "2^63 is one more than the largest Int64")
    #expect(try Value(parsing: "100000000000000000000") == .double(1e20))
  }

  @Test(arguments: [("-", 1), ("-a", 1), ("1.", 2), ("1.e2", 2), ("1e", 2), ("1e+", 3), ("-0.", 3)])
  func whereTheGrammarWantsADigitOneMustStand(text: String, offset: Int) {
    let found = text.utf8.count == offset ? "the end of the document" : "'\(Array(text)[offset])'"
    #expect(throws: JSONError(offset: offset, reason: "expected a digit, found \(found)")) { try Value(parsing: text) }
  }

  @Test func afterALeadingZeroTheWholePartEnds() {
    for (text, offset) in [("01", 1), ("-01", 2), ("00.5", 1)] {
      #expect(
        throws: JSONError(offset: offset, reason: "expected the end of the document, found '\(Array(text)[offset])'"),
        "a zero in front ends the whole part: other readers take \(text) for an octal number"
      ) { try Value(parsing: text) }
    }
  }

  @Test func aNumberThatNoDoubleCanHoldIsRefusedAtItsBeginning() {
    #expect(throws: JSONError(offset: 1, reason: "a number too large for a 64-bit double")) {
      try Value(parsing: "[-1e999]")
    }
  }
}

@Suite struct JSONEscapeTests {
  @Test func fourDigitsReachTheFirst65536Characters() throws {
    #expect(try Value(parsing: #""caf\u00e9""#) == "caf\u{E9}", #"\u00e9 is one character, U+00E9"#)
    #expect(try Value(parsing: #""\u20AC\uFFFF""#) == "€\u{FFFF}")
  }

  @Test func twoHalvesAreOneCharacter() throws {
    #expect(try Value(parsing: #""\uD83D\uDE00!""#) == "😀!", "a first half and a second half are one character")
    #expect(try Value(parsing: #""\uD800\uDC00""#) == "\u{10000}", "the halves carry what is above 0x10000")
    #expect(try Value(parsing: #""\uDBFF\uDFFF""#) == "\u{10FFFF}", "ten bits of each half count")
  }

  @Test func aHalfAloneBecomesTheReplacementCharacter() throws {
    #expect(try Value(parsing: #""a\uD834b""#) == "a\u{FFFD}b", "a half alone is U+FFFD, as in Go, and no error")
    #expect(try Value(parsing: #""\uDD1E""#) == "\u{FFFD}", "a second half without a first one is alone as well")
    #expect(try Value(parsing: #""\uD834\n""#) == "\u{FFFD}\n", "what follows a half alone is read as ever")
  }

  @Test func theEscapeAfterAHalfAloneIsReadForItself() throws {
    #expect(try Value(parsing: #""\uD834\u0041""#) == "\u{FFFD}A", #"\u0041 is no half: it is read again, as an A"#)
    #expect(
      try Value(parsing: #""\uD834\uD834\uDD1E""#) == "\u{FFFD}𝄞", "the second of two first halves may have its partner"
    )
  }
}

@Suite struct JSONNameTests {
  @Test func aNameThatStandsTwiceIsRefused() {
    #expect(
      throws: JSONError(offset: 8, reason: "the name \"a\" appears twice in one object"),
      "one reader would take the first value and another one the last: what was checked would not be what is used"
    ) { try Value(parsing: #"{"a":[],"a":{}}"#) }
  }
}
