import Testing

@testable import CustomResources

@Suite struct RegularExpressionTests {
  @Test func aPatternMatchesWhatItSays() throws {
    let rows: [(String, yes: [String], no: [String])] = [
      ("abc", ["abc", "xabcx"], ["ab", ""]), ("^a.c$", ["abc", "a😀c"], ["xabc", "a\nc"]),
      ("a|b|cd", ["b", "cd"], ["c"]),
      ("^(ab)*$", ["", "abab"], ["aba"]), ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]), ("^a{2}$", ["aa"], ["aaa"]),
      ("^a{2,}$", ["aaaa"], ["a"]), ("^[a-c]+$", ["abc"], ["d"]), ("^[^a-c]$", ["d"], ["a"]),
      ("^[]a]$", ["]", "a"], ["b"]),
      ("^\\d+\\.\\w*$", ["12.a_1"], ["a.b"]), ("^[\\d-]+$", ["1-2"], ["a"]), ("\\bcat\\b", ["a cat"], ["cats"]),
      ("^(?i)Abc$", ["aBC"], ["abd"]), ("^(?i:a)b$", ["Ab"], ["AB"]), ("(?s)^a.b$", ["a\nb"], []),
      ("(?m)^b$", ["a\nb"], ["ab"]),
      ("^[[:alpha:]]+$", ["abC"], ["1"]), ("^\\x41\\x{42}$", ["AB"], ["A"]), ("^[\\D]$", ["a"], ["1"]),
      ("^$", [""], ["a"]),
      ("^(?P<n>a)(?:b)$", ["ab"], ["a"]), ("", ["", "x"], []), ("a{,2}", ["a{,2}"], ["aa"]),
      ("^(a|ab)(c|bcd)$", ["abcd"], ["ab"]),
      ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", ["my-name", "a"], ["-a", "a-"]), ("^\\S+@\\S+$", ["a@b"], ["a b"]),
    ]
    for row in rows {
      let pattern = try RegularExpression(row.0)
      for text in row.yes { #expect(pattern.matches(text), "\(row.0) matches \(text)") }
      for text in row.no { #expect(!pattern.matches(text), "\(row.0) does not match \(text)") }
    }
  }

  @Test func theLeftmostMatchIsFoundAndOfThoseThePreferredOne() throws {
    #expect(try RegularExpression("a+").findAll(in: "baaac a") == ["aaa", "a"])
    #expect(try RegularExpression("a+?").findAll(in: "aa") == ["a", "a"])
    #expect(try RegularExpression("a|ab").findAll(in: "ab") == ["a"])
    #expect(try RegularExpression("ab|a").findAll(in: "ab") == ["ab"])
    #expect(try RegularExpression("").findAll(in: "ab") == ["", "", ""])
    #expect(try RegularExpression("[0-9]+").findAll(in: "1 22 333", limit: 2) == ["1", "22"])
    #expect(try RegularExpression("x*").findAll(in: "axb") == ["", "x", ""])
  }

  @Test func whatIsNoPatternIsRefused() {
    for pattern in [
      "(", ")", "[", "[z-a]", "*", "a**", "\\", "\\1", "(?=a)", "a{1001}", "((a{99}){99}){99}", "[[:no:]]", "(?P<",
    ] {
      #expect(throws: PatternError.self, "\(pattern)") { try RegularExpression(pattern) }
    }
    #expect(throws: PatternError.self) { try RegularExpression(String(repeating: "(", count: 1000)) }
  }

  @Test func timeGrowsWithTextTimesPatternOnly() throws {
    // Trying one way after the other would take 2^40 steps.
    let pattern = try RegularExpression("^(a+)+$")
    #expect(!pattern.matches(String(repeating: "a", count: 40) + "b"))
    #expect(
      !(try RegularExpression(String(repeating: "a?", count: 40) + String(repeating: "a", count: 40)).matches("aaa")))
  }
}
