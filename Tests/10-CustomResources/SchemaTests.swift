import Objects
import Testing

@testable import CustomResources

@Suite struct SchemaTests {
  private func problems(_ value: Value, _ schema: Value, replacing old: Value? = nil) -> [String] {
    var errors: [FieldError] = []
    SchemaNode(schema).validate(value, replacing: old, at: FieldPath("spec"), &errors)
    return errors.map(\.description)
  }

  @Test(
    arguments: [
      (["type": "integer"], "x", #"spec: Invalid value: "string": spec in body must be of type integer: "string""#),
      (["type": "integer"], 1.5, #"spec: Invalid value: "number": spec in body must be of type integer: "number""#),
      (["type": "string"], .null, #"spec: Invalid value: "null": spec in body must be of type string: "null""#),
      (["type": "string", "enum": ["b", "a"]], "c", #"spec: Unsupported value: "c": supported values: "b", "a""#),
      (["type": "string", "pattern": "^a+$"], "b", #"spec: Invalid value: "b": spec in body should match '^a+$'"#),
      (["type": "string", "maxLength": 2], "abc", "spec: Too long: may not be more than 2 bytes"),
      (
        ["type": "string", "minLength": 1], "",
        #"spec: Invalid value: "": spec in body should be at least 1 chars long"#
      ),
      (
        ["type": "integer", "maximum": 10], 11,
        "spec: Invalid value: 11: spec in body should be less than or equal to 10"
      ),
      (
        ["type": "integer", "minimum": 1, "exclusiveMinimum": true], 1,
        "spec: Invalid value: 1: spec in body should be greater than 1"
      ),
      (["type": "number", "multipleOf": 2], 3, "spec: Invalid value: 3: spec in body should be a multiple of 2"),
      (
        ["type": "integer", "format": "int32"], 3_000_000_000,
        #"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec"#
      ),
      (
        ["type": "string", "format": "date-time"], "today",
        #"spec: Invalid value: "today": spec in body must be of type date-time: "today""#
      ),
      (["type": "object", "required": ["a"]], [:], "spec.a: Required value"),
      (
        ["type": "object", "properties": ["a": ["type": "boolean"]]], ["a": 1],
        #"spec.a: Invalid value: "integer": spec.a in body must be of type boolean: "integer""#
      ),
      (["type": "object", "maxProperties": 1], ["a": 1, "b": 1], "spec: Too many: 2: must have at most 1 items"),
      (
        ["type": "array", "items": ["type": "string"], "maxItems": 1], ["a", "b"],
        "spec: Too many: 2: must have at most 1 items"
      ),
      (
        ["type": "array", "items": ["type": "string"], "minItems": 1], [],
        "spec: Invalid value: 0: spec in body should have at least 1 items"
      ),
      (
        ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"], ["a", "b", "a"],
        #"spec[2]: Duplicate value: "a""#
      ),
      (
        [
          "type": "array", "items": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
          "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
        ],
        [["name": "a"], ["name": "a", "size": 1]], #"spec[1]: Duplicate value: {"name":"a"}"#
      ),
      (
        ["type": "string", "not": ["enum": ["a"]]], "a",
        #"<nil>: Invalid value: "": "spec" must not validate the schema (not)"#
      ),
      (
        ["type": "integer", "oneOf": [["minimum": 1], ["minimum": 2]]], 3,
        #"<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives"#
      ),
    ] as [(Value, Value, String)])
  func aValueIsRefusedInTheWordsOfKubernetes(_ example: (schema: Value, value: Value, problem: String)) {
    #expect(problems(example.value, example.schema) == [example.problem])
  }

  @Test(
    arguments: [
      (["type": "integer"], 2.0), (["type": "number"], 2), (["type": "string", "nullable": true], .null),
      (["x-kubernetes-int-or-string": true], "80%"), (["x-kubernetes-int-or-string": true], 80),
      (["type": "string", "enum": ["a"]], "a"), (["type": "number", "enum": [1]], 1.0),
      (["type": "object", "additionalProperties": ["type": "string"]], ["a": "b"]),
      (["type": "integer", "anyOf": [["minimum": 1], ["maximum": -1]]], 2),
      (["type": "integer", "oneOf": [["minimum": 1], ["maximum": -1]]], -2),
      (["type": "string", "format": "nobody-knows"], "x"),
    ] as [(Value, Value)])
  func aValueThatFitsIsTaken(_ example: (schema: Value, value: Value)) {
    #expect(problems(example.value, example.schema) == [])
  }

  @Test func noneOfTwoIsToldWithWhatIsNearest() {
    let schema: Value = ["type": "object", "anyOf": [["required": ["a", "b"]], ["required": ["c"]]]]
    #expect(
      problems([:], schema) == [
        #"<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)"#, "spec.c: Required value",
      ])
  }

  @Test func whatHasNotChangedIsNotCheckedAgain() {
    let schema: Value = [
      "type": "object", "properties": ["a": ["type": "integer", "maximum": 1], "b": ["type": "string"]],
    ]
    #expect(
      problems(["a": 2, "b": "x"], schema, replacing: ["a": 2, "b": "y"]) == [],
      "what has not changed was checked when it did")
    #expect(problems(["a": 3], schema, replacing: ["a": 2]).count == 1)
  }

  @Test(arguments: [
    ("ipv4", "10.0.0.1", "10.0.0.256"), ("ipv4", "0.0.0.0", "01.2.3.4"), ("ipv6", "::1", ":::"),
    ("ipv6", "2001:db8::ff00:42:8329", "2001:db8::ff00::8329"), ("ipv6", "::ffff:10.0.0.1", "1:2:3:4:5:6:7"),
    ("cidr", "10.0.0.0/8", "10.0.0.0/33"), ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
    ("date", "2026-02-28", "2026-02-30"), ("duration", "1h30m", "soon"), ("byte", "aGk=", "aGk"),
    ("hostname", "web.example.com", "web_1"), ("email", "a@example.com", "example.com"),
    ("uri", "https://example.com/x", "not a uri"), ("mac", "00:1b:44:11:3a:b7", "00:1b"), ("hexcolor", "#fff", "#ff"),
  ])
  func formatsTellTexts(_ example: (format: String, good: String, bad: String)) {
    #expect(Formats.checks[example.format]?(example.good) == true)
    #expect(Formats.checks[example.format]?(example.bad) == false)
  }
}

@Suite struct KeepingTests {
  private let spec: Value = [
    "type": "object",
    "properties": [
      "size": ["type": "integer", "default": 3], "name": ["type": "string", "nullable": true, "default": "x"],
      "parts": [
        "type": "array",
        "items": ["type": "object", "properties": ["color": ["type": "string", "default": "red"]]],
      ],
      "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
      "labels": ["type": "object", "additionalProperties": ["type": "string"]],
      "words": ["type": "array", "items": ["type": "string"]],
    ],
  ]

  private func pruned(_ value: Value) -> (value: Value, unknown: [String]) {
    var unknown: [FieldPath]? = []
    let kept = SchemaNode(spec).pruned(value, at: FieldPath("spec"), &unknown)
    return (kept, (unknown ?? []).map(\.description))
  }

  @Test func whatTheSchemaDoesNotNameIsDropped() {
    let (kept, unknown) = pruned([
      "size": 1, "sise": 2, "parts": [["color": "red", "weight": 1]], "free": ["any": ["thing": 1]],
      "labels": ["a": "b"],
    ])
    #expect(kept == ["size": 1, "parts": [["color": "red"]], "free": ["any": ["thing": 1]], "labels": ["a": "b"]])
    #expect(unknown == ["spec.sise", "spec.parts[0].weight"])
  }

  @Test func whatNeedsNoChangeStaysAsItIs() {
    let value: Value = ["words": ["a", "b"], "parts": [["color": "red"]], "name": .null]
    #expect(pruned(value).value == value)
    #expect(pruned(value).unknown == [])
  }

  @Test func defaultsReachWhatIsThere() {
    func defaulted(_ value: Value) -> Value {
      var value = value
      SchemaNode(spec).applyDefaults(to: &value)
      return value
    }
    #expect(defaulted([:]) == ["name": "x", "size": 3])
    #expect(
      defaulted(["size": .null, "name": .null]) == ["size": 3, "name": .null],
      "where null is a value, it is one that somebody has given")
    #expect(defaulted(["parts": [[:], ["color": "blue"]]])["parts"] == [["color": "red"], ["color": "blue"]])
  }

  @Test func metadataIsWhatTheServerKnows() {
    let root = SchemaNode(["type": "object", "properties": ["spec": spec]], isResource: true)
    var unknown: [FieldPath]? = []
    let kept = root.pruned(
      ["apiVersion": "a/v1", "kind": "A", "metadata": ["name": "x", "colour": 1], "data": 1], at: FieldPath(), &unknown)
    #expect(kept == ["apiVersion": "a/v1", "kind": "A", "metadata": ["name": "x"]])
    #expect(unknown?.map(\.description) == ["metadata.colour", "data"])
  }
}

@Suite struct StructuralTests {
  private func problems(_ spec: Value) -> [String] {
    StructuralRules.problems(["type": "object", "properties": ["spec": spec]], at: FieldPath("schema"))
      .map { "\($0)".replacing("schema.properties[spec]", with: "…") }
  }

  @Test(
    arguments: [
      ([:], "….type: Required value: must not be empty for specified object fields"),
      (
        ["type": "text"],
        #"….type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string""#
      ),
      (["type": "array"], "….items: Required value: must be specified"),
      (
        ["type": "string", "x-kubernetes-int-or-string": true],
        #"….type: Invalid value: "string": must be empty if x-kubernetes-int-or-string is true"#
      ),
      (
        ["type": "object", "anyOf": [["type": "object"]]],
        "….anyOf[0].type: Forbidden: must be undefined to be structural"
      ),
      (
        ["type": "object", "not": ["properties": ["a": [:]]]],
        "….properties[a]: Required value: because it is defined in ….not.properties[a]"
      ),
      (
        ["type": "object", "properties": ["a": ["type": "string"]], "additionalProperties": true],
        "….additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"
      ),
      (
        ["type": "object", "additionalProperties": false],
        "….additionalProperties: Forbidden: additionalProperties cannot be set to false"
      ),
      (
        ["type": "string", "default": 1],
        #"….default: Invalid value: "integer": ….default in body must be of type string: "integer""#
      ),
      (
        ["type": "string", "pattern": "("],
        #"….pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): `(`"#
      ),
      (
        [
          "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
          "items": ["type": "object", "properties": ["name": ["type": "string"]]],
        ],
        "….items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, "
          + "so it must have a default or be a required property"
      ),
      (
        ["type": "object", "x-kubernetes-embedded-resource": true],
        "….properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without "
          + "x-kubernetes-preserve-unknown-fields"
      ),
    ] as [(Value, String)])
  func aSchemaHasToBeStructural(_ example: (spec: Value, problem: String)) {
    #expect(problems(example.spec) == [example.problem])
  }

  @Test func integersOrStringsMayBeSaidTwice() {
    let spec: Value = ["x-kubernetes-int-or-string": true, "anyOf": [["type": "integer"], ["type": "string"]]]
    #expect(problems(spec) == [])
  }

  @Test func aWayLeadsToOneValue() {
    let object: Value = [
      "metadata": ["annotations": ["example.com/color": "red"]],
      "status": [
        "conditions": [["type": "Ready", "status": "True"], ["type": "Done", "status": "False"]], "sizes": [1, 2, 3],
      ],
    ]
    func value(_ text: String) -> Value? { FieldRoute(text)?.first(in: object) }
    #expect(value(#".status.conditions[?(@.type=="Done")].status"#) == "False")
    #expect(value(#".metadata.annotations.example\.com/color"#) == "red")
    #expect(value(".metadata.annotations['example.com/color']") == "red")
    #expect(value(".status.sizes[-1]") == 3)
    #expect(value(".status.conditions[*].type") == "Ready")
    #expect(value(".status.nothing") == nil)
    #expect(FieldRoute("status") == nil)
    #expect(FieldRoute(".status..x") == nil)
    #expect(FieldRoute(".spec.replicas")?.names == ["spec", "replicas"])
    #expect(FieldRoute(".spec.list[0]")?.names == nil)
  }
}

@Suite struct SchemaRuleTests {
  private let spec: Value = [
    "type": "object",
    "properties": [
      "least": ["type": "integer"], "most": ["type": "integer"],
      "name": ["type": "string", "maxLength": 20, "x-kubernetes-validations": [["rule": "self == oldSelf"]]],
      "parts": [
        "type": "array", "maxItems": 10, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
        "items": [
          "type": "object", "required": ["id"],
          "properties": ["id": ["type": "string"], "size": ["type": "integer"]],
          "x-kubernetes-validations": [
            ["rule": "self.size >= oldSelf.size", "message": "may not shrink", "fieldPath": ".size"]
          ],
        ],
      ],
    ],
    "x-kubernetes-validations": [
      [
        "rule": "self.least <= self.most", "reason": "FieldValueForbidden",
        "messageExpression": "string(self.least) + ' is more than ' + string(self.most)",
      ]
    ],
  ]

  private func problems(_ value: Value, replacing old: Value? = nil, budget: Int = CELCost.perRequest) -> [String] {
    var (errors, budget): ([FieldError], Int) = ([], budget)
    SchemaNode(spec).evaluateRules(value, replacing: old, at: FieldPath("spec"), budget: &budget, &errors)
    return errors.map(\.description)
  }

  @Test func rulesSayWhatIsWrongInTheirOwnWords() {
    #expect(problems(["least": 1, "most": 2]) == [])
    #expect(problems(["least": 3, "most": 2]) == ["spec: Forbidden: 3 is more than 2"])
    #expect(
      problems(["least": 3]) == [
        "spec: Invalid value: \"object\": no such key: most evaluating rule: self.least <= self.most"
      ])
  }

  @Test func whatIsAboutAChangeNeedsAValueBefore() {
    let old: Value = ["least": 1, "most": 2, "name": "a", "parts": [["id": "x", "size": 2]]]
    #expect(problems(old) == [])
    var new = old
    new["name"] = "b"
    #expect(problems(new, replacing: old) == [#"spec.name: Invalid value: "string": failed rule: self == oldSelf"#])
    new = old
    new["parts"] = [["id": "y", "size": 0], ["id": "x", "size": 1]]
    #expect(problems(new, replacing: old) == [#"spec.parts[1].size: Invalid value: "object": may not shrink"#])
  }

  @Test func aVersionMayOnlyBeRaised() {
    let rule = SchemaNode([
      "type": "string", "maxLength": 30,
      "x-kubernetes-validations": [
        [
          "rule": "!semver(self, true).isLessThan(semver(oldSelf, true))",
          "messageExpression":
            "'%s is older than %s, the version of %d characters'.format([self, oldSelf, oldSelf.size()])",
        ]
      ],
    ])
    func problems(_ new: Value, _ old: Value) -> [String] {
      var (errors, budget): ([FieldError], Int) = ([], CELCost.perRequest)
      rule.evaluateRules(new, replacing: old, at: FieldPath("version"), budget: &budget, &errors)
      return errors.map(\.description)
    }
    #expect(problems("v1.10", "v1.9.3") == [])
    #expect(
      problems("v1.9.3", "v1.10") == [
        #"version: Invalid value: "string": v1.9.3 is older than v1.10, the version of 5 characters"#
      ])
  }

  @Test func whoHasSpentAllIsStopped() {
    #expect(
      problems(["least": 3, "most": 2], budget: 1) == [
        "spec: Invalid value: \"object\": validation failed due to running out of cost budget, "
          + "no further validation rules will be run"
      ])
  }

  @Test(
    arguments: [
      (["type": "integer", "x-kubernetes-validations": [["rule": "self > 'a'"]]], "rule: Invalid value:"),
      (["type": "integer", "x-kubernetes-validations": [["rule": "self + 1"]]], "must evaluate to a bool"),
      (
        [
          "type": "array", "maxItems": 5,
          "items": ["type": "integer", "x-kubernetes-validations": [["rule": "self > oldSelf"]]],
        ], "oldSelf cannot be used on the uncorrelatable portion of the schema"
      ),
      (
        [
          "type": "array", "items": ["type": "string"],
          "x-kubernetes-validations": [["rule": "self.all(a, self.all(b, a == b))"]],
        ],
        "Forbidden: estimated rule cost exceeds budget by factor of more than 100x"
      ),
      (
        [
          "type": "array", "items": ["type": "string"],
          "x-kubernetes-validations": [
            ["rule": "self != []", "messageExpression": "self.map(a, self.map(b, a + b).join()).join()"]
          ],
        ], "Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x"
      ),
      (
        [
          "type": "integer",
          "x-kubernetes-validations": [["rule": "self > 1", "messageExpression": "'%s'.format([])"]],
        ],
        "index 0 out of range"
      ),
      (
        ["type": "integer", "x-kubernetes-validations": [["rule": "self > 1", "messageExpression": "self"]]],
        "messageExpression must evaluate to a string"
      ),
    ] as [(Value, String)])
  func aRuleIsCheckedWithItsDefinition(_ example: (schema: Value, words: String)) {
    let checks = RuleChecks(["type": "object", "properties": ["spec": example.schema]], at: FieldPath("schema"))
    #expect(checks.errors.count == 1 || example.words.hasPrefix("Forbidden"))
    #expect(checks.errors.first?.description.contains(example.words) == true)
  }
}
