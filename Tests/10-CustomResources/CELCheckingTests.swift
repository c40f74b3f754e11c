import Objects
import Testing

@testable import CustomResources

/// What is found before anything is evaluated, with the place at which it is found, and what evaluating may cost.
@Suite struct CELCheckingTests {
  private static let spec = CELType.object(
    name: "Discount.spec",
    fields: [
      "percent": .int, "product": .string(maxLength: 20), "until": .timestamp,
      "tags": .list(of: .string(maxLength: 10), maxItems: 5), "labels": .map(values: .string, maxProperties: 4),
      "__namespace__": .string, "x__dash__y": .int, "port": .dyn, "everything": .list(of: .list(of: .string)),
    ])
  private static let variables: [String: CELType] = [
    "self": .object(name: "Discount", fields: ["spec": spec]),
    "oldSelf": .optional(of: .object(name: "Discount", fields: ["spec": spec])),
  ]

  private func compile(_ source: String) throws -> CELExpression {
    try CELExpression(source, variables: Self.variables)
  }

  private func message(_ source: String) -> String {
    do {
      return "no error, but \(try compile(source).type)"
    } catch {
      return "\(error)"
    }
  }

  @Test func anErrorNamesItsPlace() {
    #expect(
      message("self.foo > 1")
        == "compilation failed: ERROR: <input>:1:5: undefined field 'foo'\n | self.foo > 1\n | ....^")
    #expect(
      message("true &&\n\tself.spec.nope == 'é'")
        == "compilation failed: ERROR: <input>:2:11: undefined field 'nope'\n |  self.spec.nope == 'é'\n | ..........^")
    #expect(
      message("'é' + 1")
        == "compilation failed: ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'\n"
        + " | 'é' + 1\n | .．..^")
  }

  @Test(arguments: [
    ("google.protobuf.Any", 1, "undeclared reference to 'google' (in container '')"),
    ("slef.spec", 1, "undeclared reference to 'slef' (in container '')"),
    ("self.spec.percent.x", 18, "type 'int' does not support field selection"),
    ("self.spec.percent > 'a'", 19, "found no matching overload for '_>_' applied to '(int, string)'"),
    ("self.spec.product.startsWith(1)", 29, "found no matching overload for 'startsWith' applied to 'string.(int)'"),
    ("size(self.spec.percent)", 5, "found no matching overload for 'size' applied to '(int)'"),
    ("self.spec.nothing()", 18, "undeclared reference to 'nothing' (in container '')"),
    (
      "self.spec.percent.all(x, true)", 10,
      "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"
    ),
    ("self.spec.tags.all(x, x)", 23, "expected type 'bool' but found 'string'"),
    ("self.spec.tags.all(x.y, true)", 21, "argument must be a simple name"),
    ("[1, 'a']", 5, "expected type 'int' but found 'string'"), ("has(self)", 5, "invalid argument to has() macro"),
    ("has(self.spec.nope)", 4, "undefined field 'nope'"),
    ("1 && true", 3, "found no matching overload for '_&&_' applied to '(int, bool)'"),
    ("true ? 1 : 'a'", 6, "found no matching overload for '_?_:_' applied to '(bool, int, string)'"),
    ("self.spec.percent == 'a'", 19, "found no matching overload for '_==_' applied to '(int, string)'"),
    ("1 == null", 3, "found no matching overload for '_==_' applied to '(int, null)'"),
    (
      "1 +", 4,
      "Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
    ),
    ("(1", 3, "Syntax error: mismatched input '<EOF>' expecting ')'"),
    ("1 2", 3, "Syntax error: mismatched input '2' expecting <EOF>"),
    ("'abc", 1, "Syntax error: token recognition error at: ''abc'"),
    ("1 # 2", 3, "Syntax error: token recognition error at: '#'"),
    ("package", 1, "reserved identifier: package"), ("9223372036854775808", 1, "invalid int literal"),
    ("self.spec.product.matches('(')", 27, "invalid matches argument"),
    ("duration('1x')", 10, "invalid duration argument"),
    ("self.spec.labels[1]", 17, "found no matching overload for '_[_]' applied to '(map(string, string), int)'"),
  ])
  func whatCannotWorkIsRefused(_ source: String, _ column: Int, _ expected: String) {
    #expect(
      message(source).hasPrefix("compilation failed: ERROR: <input>:1:\(column): \(expected)\n | "),
      "\(message(source))")
  }

  @Test(arguments: [
    ("self.spec.percent + 1", "int"), ("self.spec.tags.map(t, t.size())", "list(int)"),
    ("self.spec.labels.app", "string"),
    ("self.spec.until - timestamp('2026-01-01T00:00:00Z')", "duration"), ("self.spec.port", "dyn"),
    ("self.spec == null", "bool"),
    ("oldSelf.spec.percent", "optional_type(int)"), ("oldSelf.?spec.percent.orValue(3)", "int"), ("[]", "list(dyn)"),
    ("{'a': 1}", "map(string, int)"), ("self.spec.__namespace__ + string(self.spec.x__dash__y)", "string"),
    ("self.spec.everything.map(l, l.filter(s, s != ''))", "list(list(string))"),
    ("quantity('1')", "kubernetes.Quantity"),
    ("self.spec.tags == [] && 'a' in self.spec.tags", "bool"), ("type(1)", "type(int)"),
    ("self.spec.port == 'http'", "bool"),
    ("self.spec.labels.filter(k, k != 'a')", "list(string)"), ("optional.of(1)", "optional_type(int)"),
  ])
  func typesAreFound(_ source: String, _ expected: String) throws {
    #expect("\(try compile(source).type)" == expected)
  }

  @Test func valuesComeFromJSONByTheirTypes() throws {
    let json: Value = [
      "spec": [
        "percent": 15, "product": "tea", "until": "2026-12-24T00:00:00Z", "namespace": "shop", "x-y": 2, "port": "http",
        "tags": ["a"], "unknown": 1,
      ]
    ]
    let values = ["self": CELValue(json, as: Self.variables["self"] ?? .dyn), "oldSelf": CELValue.optional(nil)]
    for source in [
      "self.spec.percent == 15 && self.spec.until > timestamp('2026-01-01T00:00:00Z')",
      "self.spec.__namespace__ == 'shop'",
      "self.spec.x__dash__y == 2 && self.spec.port == 'http' && !has(self.spec.labels)",
      "oldSelf.spec.percent.orValue(7) == 7",
      "type(self.spec.tags) == list && self.spec.tags[0] == 'a'",
    ] {
      var budget = CELCost.perCall
      #expect(try compile(source).evaluate(values, budget: &budget) == .bool(true), "\(source)")
    }
    var budget = CELCost.perCall
    #expect(throws: CELFailure.fault("no such key: labels")) {
      try compile("self.spec.labels.app == ''").evaluate(values, budget: &budget)
    }
    #expect(throws: CELFailure.noOverload) { try compile("self.spec.port > 1").evaluate(values, budget: &budget) }
  }

  @Test func namesAreEscaped() {
    let rows: [(String, String?)] = [
      ("namespace", "__namespace__"), ("a-b", "a__dash__b"), ("a.b/c", "a__dot__b__slash__c"),
      ("a__b", "a__underscores__b"),
      ("plain_1", "plain_1"), ("1a", nil), ("a b", nil), ("", nil), ("ä", nil),
    ]
    for (name, expected) in rows { #expect(CELNames.escaped(name) == expected, "\(name)") }
  }

  @Test func aTransitionRuleIsOneThatUsesTheOldValue() throws {
    #expect(try compile("self == self || oldSelf.hasValue()").uses("oldSelf"))
    #expect(!(try compile("self.spec.tags.all(oldSelf, oldSelf != '')").uses("oldSelf")))
  }

  // MARK: - Cost

  @Test func theEstimateGrowsWithWhatTheSchemaAllows() throws {
    let once = try compile("self.spec.tags.all(x, x != 'a')").estimatedCost
    let twice = try compile("self.spec.tags.all(x, self.spec.tags.all(y, x != y))").estimatedCost
    #expect(once > 5 && once < 100 && twice > once * 4)
    #expect(try compile("self.spec.percent > 1").estimatedCost < 10)
    let endless = try compile("self.spec.everything.all(x, x.all(y, y.contains(self.spec.product)))").estimatedCost
    #expect(endless > CELCost.perExpression)
    #expect(
      try compile("self.spec.everything.all(x, x.all(y, self.spec.everything.all(z, z == x)))").estimatedCost == .max)
  }

  @Test(arguments: [
    "self.spec.percent <= 90", "self.spec.tags.all(t, t != '' && t.size() < 20)", "'a' in self.spec.tags",
    "self.spec.product.split('').map(l, l + l).exists(l, l == 'ee')",
    "has(self.spec.labels) || self.spec.percent in [1, 2]",
    "self.spec.tags.map(t, t.contains('a') ? 1 : 2).sum() > 0 && self.spec.product.matches('^[a-z]+$')",
  ])
  func theEstimateIsNeverLowerThanThePrice(_ source: String) throws {
    let json: Value = ["spec": ["percent": 95, "product": "tea", "tags": ["a", "bb", "ccc", "dddd", "eeeee"]]]
    let rule = try compile(source)
    var budget = CELCost.perCall
    _ = try rule.evaluate(["self": CELValue(json, as: Self.variables["self"] ?? .dyn)], budget: &budget)
    #expect(CELCost.perCall - budget <= rule.estimatedCost)
  }

  @Test func anExcessIsToldInKubernetesWords() {
    #expect(
      CELCost.excess("estimated rule cost", 25, over: 10).hasPrefix(
        "estimated rule cost exceeds budget by factor of 2.5x (try"))
    #expect(CELCost.excess("x", 10_000_001, over: 10_000_000).contains("factor of 1.000000x"))
    #expect(CELCost.excess("x", .max, over: 10).contains("factor of more than 100x"))
  }

  @Test(arguments: [
    "list.all(a, list.all(b, list.all(c, a + b + c >= 0)))", "list.map(a, list.map(b, list.map(c, c))).size() > 0",
    "list.exists(a, list.exists(b, list.exists(c, c < 0)))", "list.all(x, list.all(y, list == list))",
    "text.split('').all(x, text.split('').all(y, x == y))", "text.replace('a', text).replace('a', text).size() > 0",
    "[text + text].exists(a, [a + a].exists(b, [b + b].exists(c, c.contains(text + 'b'))))",
    "list.map(x, text).join(text).split('').distinct() == []", "list.all(x, list.all(y, text.size() > 0))",
    "list.map(x, text).map(x, text).distinct().distinct() == []", "lists.range(20000000) == []",
    "lists.range(list[1] * 100000) == []", "list.map(x, lists.range(1000)) == []", "list.sortBy(x, text) == []",
    "list.map(x, '%s %.99f'.format([text, 1.5])) == []", "list.transformMapEntry(i, v, {v: text + text}) == {}",
  ])
  func nothingTakesLongerThanItsBudget(_ source: String) throws {
    let values = [
      "list": CELValue.list((0..<500).map { .int($0) }), "text": .string(String(repeating: "a", count: 2_000)),
    ]
    let rule = try CELExpression(source, variables: ["list": .list(of: .int), "text": .string])
    var budget = 20_000
    #expect(throws: CELFailure.exhausted) { try rule.evaluate(values, budget: &budget) }
    #expect(budget == 0 && rule.estimatedCost > CELCost.perExpression)
    // One call gets no more than its share of what a request may spend.
    budget = .max
    _ = try? CELExpression("1 + 1", variables: [:]).evaluate([:], budget: &budget)
    #expect(budget >= .max - CELCost.perCall)
  }

  /// What a short pattern has to look at cannot be seen from its length.
  @Test func patternsHaveAPatienceOfTheirOwn() throws {
    var budget = CELCost.perCall
    let rule = try CELExpression("text.findAll('a(.*b)?').size() > 0", variables: ["text": .string])
    let text = CELValue.string(String(repeating: "a", count: 4_000))
    #expect(throws: CELFailure.exhausted) { try rule.evaluate(["text": text], budget: &budget) }
  }

  /// Each name stands for two of the one before it: 2^30 elements in a few hundred bytes.
  @Test func aListIsWhatItHoldsAndNotTheMemoryItTakes() throws {
    var source = "v29 == v29"
    for level in (1..<30).reversed() { source = "[[v\(level - 1), v\(level - 1)]].all(v\(level), \(source))" }
    let rule = try CELExpression("[[1]].all(v0, \(source))", variables: [:])
    var budget = 10_000
    #expect(throws: CELFailure.exhausted) { try rule.evaluate([:], budget: &budget) }
  }

  // MARK: - Anything at all

  @Test func depthIsLimitedAndLengthIsNot() throws {
    for (open, close) in [
      ("(", ")"), ("[", "]"), ("{1:", "}"), ("size([", "])"), ("!(", ")"), ("-(", ")"), ("true ? 1 : ", ""),
    ] {
      let deep = String(repeating: open, count: 5_000) + "1" + String(repeating: close, count: 5_000)
      #expect(message(deep).contains("expression recursion limit exceeded: 250"), "\(open)")
    }
    #expect(message(String(repeating: "a.", count: 5_000) + "b").contains("expression recursion limit exceeded"))
    #expect(message(String(repeating: "1 + ", count: 5_000) + "1").contains("expression recursion limit exceeded"))
    let long = String(repeating: "true && ", count: 5_000) + "true"
    var budget = CELCost.perCall
    #expect(try compile(long).evaluate([:], budget: &budget) == .bool(true))
    #expect(message(String(repeating: "!", count: 5_000) + "true") == "no error, but bool")
    #expect(message(String(repeating: " ", count: 100_001)).contains("expression code point size exceeds limit"))
  }

  @Test func whateverIsWrittenEndsWithAValueOrAnError() {
    let words = [
      "self", ".spec", ".percent", ".tags", ".labels", ".product", "[0]", "[", "]", "(", ")", "{", "}", ":", ",", "?",
      "!", "-", "+",
      "*", "/", "%", "==", "<", "in", "&&", "||", "1", "0u", "1.5", "'a'", "b'x'", "null", "true", "x", ".all(x, ",
      ".map(x, ",
      ".filter(k, v, ", "has(", "size(", ".size()", "optional.of(", ".?a", "[?0]", ".orValue(", "duration('1h')",
      ".matches('a*')",
      "[1].all(y, y == 1)", "type(", "string(", "int(", ".split('')", ".join('')", "é", "\\", "'", "\"\"\"",
      "quantity('1')", "9e999", "'%s %.1f'", ".format([", "semver('1.0.0')", ".sort()", ".sortBy(x, ",
      ".transformMapEntry(k, v, ",
      "lists.range(", ".flatten(", ".first()", "google.protobuf.Timestamp",
    ]
    var generator = SeededGenerator(seed: 10)
    var evaluated = 0
    for round in 0..<4_000 {
      let length = Int.random(in: 1...(round % 12 + 1), using: &generator)
      let source = (0..<length).compactMap { _ in words.randomElement(using: &generator) }.joined()
      guard let rule = try? CELExpression(source, variables: ["self": .dyn, "x": .int]) else { continue }
      var budget = 10_000
      let json: Value = ["spec": ["percent": 1, "tags": ["a", "b"], "labels": ["a": "b"], "product": "tea"]]
      do {
        _ = try rule.evaluate(["self": CELValue(json, as: .dyn), "x": .int(3)], budget: &budget)
        evaluated += 1
      } catch {
        #expect(error is CELFailure, "\(source): \(error)")
      }
      #expect(rule.estimatedCost >= 0 && budget >= 0)
    }
    #expect(evaluated > 100, "\(evaluated)")
  }
}
