import Objects
import Testing

@testable import CustomResources

/// `format`, by the examples of cel-go's documents.
@Suite struct CELTemplateTests {
  @Test(arguments: [
    ("'no substitution'.format([])", "no substitution"),
    ("'str is %s and some more'.format(['filler'])", "str is filler and some more"),
    ("'%%%s%%'.format(['text'])", "%text%"), ("'%% and also %%'.format([])", "% and also %"),
    ("'%d %d, %s %s'.format([1, 2u, 'A', 'B'])", "1 2, A B"),
    ("'%b %b %b %b'.format([5, -5, 64u, true])", "101 -101 1000000 1"), ("'%o %o'.format([11, -11])", "13 -13"),
    ("'%x %X %x'.format([30, 30, -30])", "1e 1E -1e"),
    ("'%x'.format(['Hello world!'])", "48656c6c6f20776f726c6421"),
    ("'%X'.format([b'\\x00byte string'])", "006279746520737472696E67"),
    ("'%.3f %f'.format([1.2345, 2.71828])", "1.234 2.718280"),
    ("'%.2f %.0f %.1f'.format([1234567.891, -1234.0, -999.94])", "1,234,567.89 -1,234 -999.9"),
    ("'%.6e'.format([1052.032911275])", "1.052033\u{202f}×\u{202f}10⁰³"),
    ("'%e'.format([2.71828])", "2.718280\u{202f}×\u{202f}10⁰⁰"),
    ("'%.1e'.format([-0.00025])", "-2.5\u{202f}×\u{202f}10⁻⁰⁴"),
    ("'%f %f %f'.format(['NaN', 'Infinity', '-Infinity'])", "NaN ∞ -∞"), ("'%e'.format([-1.0 / 0.0])", "-∞"),
    ("'%s %s %s'.format([2.71, 0.000000002, 999999999999])", "2.71 2e-09 999999999999"),
    ("'%s %s'.format([double('NaN'), double('-Inf')])", "NaN -Inf"),
    ("'%s %s %s %s'.format([null, true, b'xyz', type('')])", "null true xyz string"),
    ("'%s %s'.format([timestamp('2023-02-03T23:31:20+00:00'), duration('1h45m47s')])", "2023-02-03T23:31:20Z 6347s"),
    (
      "'%s'.format([['abc', 3.14, null, [9, 8], timestamp('2023-02-03T23:31:20Z')]])",
      #"["abc", 3.140000, null, [9, 8], timestamp("2023-02-03T23:31:20Z")]"#
    ),
    (
      "'%s'.format([{'key1': b'xyz', 'key5': null, 'key2': duration('2h'), 'key4': true, 'key3': 2.71828}])",
      #"{"key1":b"xyz", "key2":duration("7200s"), "key3":2.718280, "key4":true, "key5":null}"#
    ),
    ("'%s'.format([{1: 'value1', 2u: 'value2', true: double('NaN')}])", #"{1:"value1", 2:"value2", true:"NaN"}"#),
    ("'%s'.format([[double('Inf'), double('-Inf')]])", #"["+Inf", "-Inf"]"#), ("'é%sü'.format(['ö'])", "éöü"),
    ("'%s %d'.format(dyn(['a', 1]))", "a 1"), ("dyn('%s').format([1])", "1"),
  ])
  func placesAreFilled(_ source: String, _ expected: String) throws {
    #expect(try CELTests.value(source) == .string(expected), "\(source)")
  }

  static let refusals: [(template: String, argument: String, message: String)] = [
    ("%a", "1", "could not parse formatting clause: unrecognized formatting clause \"a\""),
    ("%E", "0.5", "could not parse formatting clause: unrecognized formatting clause \"E\""),
    (
      "%.34", "5.0",
      "could not parse formatting clause: error while parsing precision: could not find end of precision specifier"
    ),
    ("%d %d", "0", "index 1 out of range"), ("filler %", "1", "unexpected end of string"),
    ("%b", "'abc'", "error during formatting: only integers and bools can be formatted as binary, was given string"),
    (
      "%d", "duration('30m')",
      "error during formatting: decimal clause can only be used on integers, was given google.protobuf.Duration"
    ),
    ("%d", "null", "error during formatting: decimal clause can only be used on integers, was given null_type"),
    ("%o", "'a'", "error during formatting: octal clause can only be used on integers, was given string"),
    (
      "%X", "0.5",
      "error during formatting: only integers, byte buffers, and strings can be formatted as hex, was given double"
    ),
    ("%f", "true", "error during formatting: fixed-point clause can only be used on doubles, was given bool"),
    ("%e", "1", "error during formatting: scientific clause can only be used on doubles, was given int"),
    (
      "%s", "[1, quantity('1')]",
      "error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
        + "types, durations, and timestamps, was given kubernetes.Quantity"
    ),
  ]

  @Test(arguments: refusals)
  func whatCannotBeFilledInIsAFault(_ row: (template: String, argument: String, message: String)) {
    #expect(throws: CELFailure.fault(row.message)) {
      try CELTests.value("dyn('\(row.template)').format([\(row.argument)])")
    }
    #expect(throws: CELFailure.self) { try CELTests.value("dyn('%f').format(['1.5'])") }
  }

  private func message(_ source: String) -> String {
    do {
      return "no error, but \(try CELExpression(source, variables: ["x": .dyn, "n": .int]).type)"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: refusals)
  func whatIsWrittenDownIsFoundByTheChecker(_ row: (template: String, argument: String, message: String)) {
    let text = message("'\(row.template)'.format([\(row.argument)])")
    #expect(text.hasPrefix("compilation failed: ERROR: <input>:1:") && text.contains(": \(row.message)\n"), "\(text)")
  }

  @Test func aWrongArgumentIsShown() {
    #expect(message("'%s %d'.format([n, 'a'])").contains("<input>:1:20: error during formatting: decimal clause"))
    #expect(
      message("'%s'.format([n, n])").contains(
        "<input>:1:12: too many arguments supplied to string.format (expected 1, got 2)"))
    #expect(message("'%s'.format([[n, semver('1.0.0')]])").contains("<input>:1:24: error during formatting"))
    #expect(message("'%d %d'.format([n, x])") == "no error, but string")
    #expect(message("'%d'.format(n)").contains("found no matching overload for 'format' applied to 'string.(int)'"))
  }

  @Test func onlyWhatIsFormattedMayBeMixed() {
    #expect(message("'%s %s'.format([1, ['a', 2]]) != '' && [n, 'a'] == []").contains("expected type 'int'"))
  }

  @Test func moreDigitsThanMeanSomethingAreRefused() throws {
    #expect(try CELTests.value("size('%.100f'.format([0.1]))") == .int(102))
    #expect(throws: CELFailure.self) { try CELTests.value("dyn('%.101f').format([0.1])") }
  }

  @Test func writingIsPaidForByWhatIsWritten() throws {
    let types: [String: CELType] = [
      "text": .string(maxLength: 100), "texts": .list(of: .string(maxLength: 10), maxItems: 5),
    ]
    let values: [String: CELValue] = [
      "text": .string(String(repeating: "a", count: 400)),
      "texts": .list([String](repeating: "bbbb", count: 5).map(CELValue.string)),
    ]
    for source in ["'%s and %d'.format([text, 1])", "'%s'.format([texts])", "'%s'.format([text]).contains(texts[0])"] {
      let rule = try CELExpression(source, variables: types)
      var budget = CELCost.perCall
      _ = try rule.evaluate(values, budget: &budget)
      #expect(CELCost.perCall - budget <= rule.estimatedCost, "\(source)")
    }
    #expect(try CELExpression("'%s and %d'.format([text, 1])", variables: types).estimatedCost < 200)
    var budget = 1_000
    let template = String(repeating: "%s", count: 500)
    #expect(throws: CELFailure.exhausted) {
      try CELExpression("text.format([text])", variables: ["text": .string]).evaluate(
        ["text": .string(template)], budget: &budget)
    }
  }
}
