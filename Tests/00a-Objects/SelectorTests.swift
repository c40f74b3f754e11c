import Objects
import Testing

@Suite struct LabelQueryTests {
  static let worlds: [[String: String]] = [
    [:], ["a": ""], ["a": "1"], ["a": "2"], ["b": "1"], ["a": "1", "b": "2"], ["a": "10", "b": "x"], ["a": "x"],
  ]

  /// Which of the worlds above a query selects.
  func selected(by query: LabelQuery) -> [Int] {
    Self.worlds.indices.filter { index in query.matches { Self.worlds[index][$0] } }
  }

  /// Whether an object with this label `a`, or without one, meets one requirement on it.
  func isMet(_ operator: LabelRequirement.Operator, _ values: [String], by label: String?) throws -> Bool {
    LabelQuery([try LabelRequirement("a", `operator`, values)]).matches { $0 == "a" ? label : nil }
  }

  @Test func equalsAndInAskForOneOfTheirValues() throws {
    #expect(try isMet(.equals, ["1"], by: "1"))
    #expect(try !isMet(.equals, ["1"], by: "2"))
    #expect(try isMet(.in, ["1", "2"], by: "2"), "one of the values is enough")
    #expect(try isMet(.in, [""], by: ""), "a label without text is a label")
    #expect(try !isMet(.in, [""], by: nil), "no label is not a label without text")
  }

  @Test func aLabelThatIsNotThereDiffersFromEveryValue() throws {
    #expect(try isMet(.notEquals, ["1"], by: "2"))
    #expect(try !isMet(.notEquals, ["1"], by: "1"))
    #expect(try isMet(.notEquals, ["1"], by: nil), "a!=1 also selects what has no label a")
    #expect(try isMet(.notIn, ["1", "2"], by: nil), "a notin (1,2) also selects what has no label a")
  }

  @Test func existsAsksForTheLabelAndNotForItsText() throws {
    #expect(try isMet(.exists, [], by: ""), "a label without text is there")
    #expect(try !isMet(.exists, [], by: nil))
    #expect(try isMet(.doesNotExist, [], by: nil))
    #expect(try !isMet(.doesNotExist, [], by: ""), "a label without text is there")
  }

  @Test func greaterAndLessCompareNumbersAndNotTexts() throws {
    #expect(try isMet(.greaterThan, ["9"], by: "10"), "10 is more than 9, although the text 10 comes first")
    #expect(try isMet(.lessThan, ["10"], by: "9"))
    #expect(try !isMet(.greaterThan, ["9"], by: "9"), "more, and not as much")
    #expect(try !isMet(.lessThan, ["9"], by: "9"), "less, and not as much")
    for label in ["x", "", nil] {
      #expect(try !isMet(.greaterThan, ["9"], by: label), "what is not a number is not more than one")
      #expect(try !isMet(.lessThan, ["9"], by: label), "what is not a number is not less than one")
    }
  }

  @Test(arguments: [
    ("", [0, 1, 2, 3, 4, 5, 6, 7]), ("a", [1, 2, 3, 5, 6, 7]), ("!a", [0, 4]), ("a=1", [2, 5]), ("a==1", [2, 5]),
    ("a=", [1]), ("a!=1", [0, 1, 3, 4, 6, 7]), ("a in (1,2)", [2, 3, 5]), ("a in (1)", [2, 5]), ("a in ()", [1]),
    ("a in (,1)", [1, 2, 5]), ("a notin (1,2)", [0, 1, 4, 6, 7]), ("a>1", [3, 6]), ("a<2", [2, 5]), ("a>x", []),
    ("a=1,b", [5]), ("a=1,!b", [2]), (" a = 1 , b in ( 2 , 3 ) ", [5]), ("a in (in,notin)", []), ("b=1,a!=1", [4]),
  ])
  func selects(text: String, expected: [Int]) throws {
    if text == "a>x" {
      #expect(throws: SelectorError.self) { try LabelQuery(parsing: text) }
    } else {
      let query = try LabelQuery(parsing: text)
      #expect(selected(by: query) == expected)
      #expect(try LabelQuery(parsing: query.description) == query)
    }
  }

  @Test(arguments: [
    (",", "found ',', expected: !, identifier, or 'end of string'"),
    ("a=1,", "found '', expected: identifier after ','"),
    ("a,,b", "found ',', expected: identifier after ','"),
    ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ("a=1 b", "found 'b', expected: ',' or 'end of string'"),
    ("!", "unable to parse requirement: found '', expected: identifier"),
    ("a in b", "unable to parse requirement: found 'b' expected: '('"),
    ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
    ("a=(", "unable to parse requirement: found '(', expected: identifier"),
    (
      "a>x",
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"
    ),
  ])
  func explainsWhatDoesNotFit(text: String, sentence: String) {
    #expect(throws: SelectorError(sentence)) { try LabelQuery(parsing: text) }
  }

  @Test func checksKeysAndValues() {
    #expect {
      try LabelQuery(parsing: "a/b/c=1")
    } throws: { "\($0)".hasPrefix("unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key") }
    #expect {
      try LabelQuery(parsing: "a=-")
    } throws: {
      "\($0)".hasPrefix("unable to parse requirement: values[0][a]: Invalid value: \"-\": a valid label must")
    }
    #expect {
      try LabelRequirement("a", .in, [])
    } throws: { "\($0)".hasSuffix("for 'in', 'notin' operators, values set can't be empty") }
  }

  @Test func readsSelectorObjects() {
    func query(_ json: Value) -> LabelQuery { LabelQuery(LabelSelector(json: json)) }
    func expression(_ expression: Value) -> LabelQuery { query(["matchExpressions": [expression]]) }
    #expect(selected(by: query(["matchLabels": ["a": "1", "b": "2"]])) == [5])
    #expect(selected(by: expression(["key": "a", "operator": "In", "values": ["2", "1"]])) == [2, 3, 5])
    #expect(expression(["key": "a", "operator": "In", "values": ["2", "1", "2"]]).description == "a in (1,2)")
    #expect(selected(by: expression(["key": "a", "operator": "NotIn", "values": ["1"]])) == [0, 1, 3, 4, 6, 7])
    #expect(selected(by: expression(["key": "b", "operator": "Exists"])) == [4, 5, 6])
    #expect(selected(by: expression(["key": "b", "operator": "DoesNotExist"])) == [0, 1, 2, 3, 7])
    #expect(expression(["key": "b", "operator": "Near"]) == .nothing)
    #expect(query(["matchLabels": ["a": "1"]]).matches(["a": "1"]))
  }

  @Test func anEmptySelectorSelectsAllAndNoneNothing() {
    let all = Array(Self.worlds.indices)
    #expect(
      selected(by: LabelQuery(LabelSelector())) == all, "an empty selector asks for nothing, and everything has that")
    #expect(selected(by: LabelQuery(nil)) == [], "a selector that is not there selects nothing")
    #expect(!LabelQuery.nothing.isEmpty)
  }

  @Test func namesALabelThatAnIndexCanUse() throws {
    #expect(try LabelQuery(parsing: "z,b in (1),a!=2").equality.map { [$0.name, $0.value] } == ["b", "1"])
    #expect(try LabelQuery(parsing: "a,b in (1,2),!c").equality == nil)
  }

  @Test func selectorsInManifestsAreValidated() {
    func errors(_ json: Value) -> [String] {
      LabelSelector(json: json).problems(at: FieldPath("spec.selector")).map(\.description)
    }
    func error(_ expression: Value) -> String? { errors(["matchExpressions": [expression]]).first }
    let path = "spec.selector.matchExpressions[0]"
    #expect(errors(["matchLabels": ["a": "1"]]) == [])
    #expect(
      errors(["matchLabels": ["a": "-"]]).first?.hasPrefix("spec.selector.matchLabels: Invalid value: \"-\":") == true)
    #expect(
      error(["key": "a", "operator": "In"])
        == "\(path).values: Required value: must be specified when `operator` is 'In' or 'NotIn'")
    #expect(
      error(["key": "a", "operator": "Exists", "values": ["x"]])
        == "\(path).values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    #expect(
      error(["key": "a", "operator": "in"]) == "\(path).operator: Invalid value: \"in\": not a valid selector operator")
    #expect(
      error(["key": "-", "operator": "Exists"])?.hasPrefix("\(path).key: Invalid value: \"-\": name part must") == true)
  }
}

@Suite struct FieldQueryTests {
  @Test func readsRequirements() throws {
    let query = try FieldQuery(parsing: "metadata.name=x,status.phase!=Running,,spec.nodeName==node-1,a=")
    #expect(
      query.requirements == [
        FieldRequirement("metadata.name", "x"), FieldRequirement("status.phase", isEqual: false, "Running"),
        FieldRequirement("spec.nodeName", "node-1"), FieldRequirement("a", ""),
      ])
    #expect(query.equality(at: "metadata.name") == "x")
    #expect(query.equality(at: "status.phase") == nil)
    #expect(try FieldQuery(parsing: "").isEmpty)
  }

  @Test func readsEscapes() throws {
    let query = try FieldQuery(parsing: #"a=x\,y,b=1\=2,c=\\"#)
    #expect(query.requirements.map(\.value) == ["x,y", "1=2", "\\"])
  }

  @Test(arguments: [
    ("a", "invalid selector: 'a'; can't understand 'a'"),
    ("a=1,b", "invalid selector: 'a=1,b'; can't understand 'b'"),
    ("=1", "invalid selector: '=1'; can't understand '=1'"),
    ("a=1=2", "invalid field selector: unescaped character in value: ="),
    (#"a=\x"#, #"invalid field selector: invalid escape sequence: \x"#),
    (#"a=\"#, #"invalid field selector: invalid escape sequence: \"#),
  ])
  func explainsWhatDoesNotFit(text: String, sentence: String) {
    #expect(throws: SelectorError(sentence)) { try FieldQuery(parsing: text) }
  }

  @Test func matchesWhatTheFieldsSay() throws {
    let query = try FieldQuery(parsing: "a=1,b!=2")
    #expect(query.matches { ["a": "1", "b": "3"][$0] ?? "" })
    #expect(query.matches { ["a": "1"][$0] ?? "" })
    #expect(!query.matches { ["a": "1", "b": "2"][$0] ?? "" })
    #expect(!query.matches { _ in "" })
  }
}
