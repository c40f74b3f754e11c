import Foundation
import Objects
import Testing

@Suite struct JSONRoundTripTests {
  @Test func keepsNumbersExactly() throws {
    #expect(try Value(parsing: "9223372036854775807") == .integer(.max))
    #expect(try Value(parsing: "-9223372036854775808") == .integer(.min))
    #expect(try Value(parsing: "9223372036854775808") == .double(0x1p63))
    #expect(try Value(parsing: "9007199254740993") == 9_007_199_254_740_993)
    #expect(try Value(parsing: "1") == .integer(1))
    #expect(try Value(parsing: "1.0") == .double(1))
    #expect(try Value(parsing: "1e2") == .double(100))
    #expect(try Value(parsing: "-0") == .integer(0))
    #expect(try Value(parsing: "-0.0").encodedString == "-0.0")
    #expect(try Value(parsing: "0.1").encodedString == "0.1")
    #expect(Value.double(1e21).encodedString == "1e+21")
    #expect(Value.double(.infinity).encodedString == "null")
    #expect(Value.array([.double(.nan)]).encodedString == "[null]")
  }

  @Test func escapesOnlyWhatItMust() {
    #expect(Value.string("a\"b\\c/d").encodedString == #""a\"b\\c/d""#)
    #expect(Value.string("\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}").encodedString == #""\b\t\n\f\r\u0000\u001f\#u{7F}""#)
    #expect(Value.string("<é€𝄞&>").encodedString == "\"<é€𝄞&>\"")
  }

  @Test func keepsTheOrderOfMembers() throws {
    let text = #"{"z":1,"a":{"d":null,"c":[]},"é":true,"Z":{}}"#
    #expect(try Value(parsing: text).encodedString == text)
    #expect(
      try Value(parsing: text).encoded(as: .canonical) == Array(#"{"Z":{},"a":{"c":[],"d":null},"z":1,"é":true}"#.utf8))
  }

  @Test func indentsAsKubectlDoes() throws {
    let value: Value = ["kind": "Pod", "apiVersion": "v1", "a": [], "o": [:], "spec": ["n": [1, ["x": true]]]]
    #expect(
      String(decoding: value.encoded(as: .indented), as: UTF8.self) == """
        {
            "a": [],
            "apiVersion": "v1",
            "kind": "Pod",
            "o": {},
            "spec": {
                "n": [
                    1,
                    {
                        "x": true
                    }
                ]
            }
        }
        """)
  }

  @Test func appendsToWhatIsThere() {
    var output = Array("data: ".utf8)
    Value.array([1, "a"]).encode(into: &output)
    #expect(String(decoding: output, as: UTF8.self) == "data: [1,\"a\"]")
  }

  @Test func comesBackEqualWhateverItIs() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<5_000 {
      let value = Value.random(depth: 4, using: &random)
      let bytes = value.encoded()
      #expect(try Value(parsing: bytes) == value)
      #expect(try Value(parsing: bytes).encoded() == bytes)
      #expect(try Value(parsing: value.encoded(as: .canonical)) == value)
      #expect(try Value(parsing: value.encoded(as: .indented)) == value)
    }
  }

  @Test func sharesNamesBetweenDocumentsAndKeepsThemRight() throws {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      let length = Int.random(in: 14...70, using: &random)
      let name = String((0..<length).map { _ in "abcé".randomElement(using: &random) ?? "a" })
      #expect(try Value(parsing: "{\"\(name)\":1}").members?.names == [name])
    }
  }
}

/// No input, however broken, may stop the process. The seeds are split so that they run side by side.
@Suite struct JSONFuzzTests {
  static let documents = [
    #"{"a":[1,-2.5e3,"x\n\u00e9",true,null],"b":{}}"#, #"[[],[{}],"\ud83d\ude00é"]"#, #"{"metadata":{"name":"web"}}"#,
    "-0.125E-7", "9223372036854775807", #"{"terminationMessagePath":"/dev","":[false]}"#,
  ].map { Array($0.utf8) }
  static let tokens = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "0", "-", "1e", ".", "null", "true", " ",
    "\n",
    "\u{0}", "é", "\"a\":", "99999999999999999999",
  ].map { Array($0.utf8) }

  /// For each of ten seeds. Tools that run the tests again and again set SWIFTLET_FUZZ and make do with fewer.
  static let inputs = Int(ProcessInfo.processInfo.environment["SWIFTLET_FUZZ"] ?? "") ?? 100_000

  @Test(arguments: UInt64(0)..<10)
  func survivesAHundredThousandInputs(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for round in 0..<Self.inputs {
      let input = round % 4 == 0 ? noise(using: &random) : mutant(using: &random)
      guard let value = try? Value(parsing: input) else { continue }
      let bytes = value.encoded()
      let again = try Value(parsing: bytes)
      if again != value { Issue.record("\(input) is read as \(value) and written as \(bytes)") }
    }
  }

  func noise(using random: inout SeededGenerator) -> [UInt8] {
    let bits = random.next()
    return (0..<Int(bits % 8)).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
  }

  func mutant(using random: inout SeededGenerator) -> [UInt8] {
    var input = Self.documents[Int(random.next() % UInt64(Self.documents.count))]
    for _ in 0...random.next() % 3 {
      let bits = random.next()
      let position = Int(bits >> 32) % (input.count + 1)
      let token = Self.tokens[Int((bits >> 16) & 0xFFFF) % Self.tokens.count]
      switch bits % 5 {
      case 0: input.insert(contentsOf: token, at: position)
      case 1: input.replaceSubrange(position..<min(position + token.count, input.count), with: token)
      case 2 where position < input.count: input[position] ^= 1 << (bits >> 24 & 7)
      case 3 where position < input.count: input.remove(at: position)
      default: input.removeSubrange(position...)
      }
    }
    return input
  }
}

extension Value {
  static func random(depth: Int, using random: inout SeededGenerator) -> Value {
    switch Int.random(in: 0..<(depth == 0 ? 6 : 10), using: &random) {
    case 0: .null
    case 1: .bool(.random(using: &random))
    case 2: .integer(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
    case 3: .double(anyDouble(using: &random))
    case 4, 5: .string(text(using: &random))
    case 6, 7:
      .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
    default:
      .object(
        Members(
          (0..<Int.random(in: 0..<6, using: &random)).map { _ in
            (text(using: &random), .random(depth: depth - 1, using: &random))
          }))
    }
  }

  private static func anyDouble(using random: inout SeededGenerator) -> Double {
    let double = Double(bitPattern: random.next())
    return double.isFinite ? double : 0.5
  }

  private static func text(using random: inout SeededGenerator) -> String {
    let alphabet = Array("aZ09 _-./\"\\\u{8}\n\u{0}\u{1F}é€𝄞\u{FFFD}\u{2028}")
    return String(
      (0..<Int.random(in: 0..<24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
  }
}
