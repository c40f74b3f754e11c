import Objects
import Testing
import YAMLCoding

@Suite struct ReadingTests {
  private func read(_ text: String) throws -> Value? {
    try YAML.documents(in: text).first?.value
  }

  @Test func aManifestIsRead() throws {
    let text = """
      # A pod.
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        labels: {app: web, "tier": 'front'}
      spec:
        containers:
        - name: web
          image: nginx:1.25
          args: ["-c", "sleep 1"]
          ports:
            - containerPort: 80
          command:
          - sh
          - -c
          - |
            echo one
            echo two
        terminationGracePeriodSeconds: 30
      """
    let container: Value = [
      "name": "web", "image": "nginx:1.25", "args": ["-c", "sleep 1"], "ports": [["containerPort": 80]],
      "command": ["sh", "-c", "echo one\necho two\n"],
    ]
    #expect(
      try read(text) == [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": "web", "labels": ["app": "web", "tier": "front"]],
        "spec": ["containers": [container], "terminationGracePeriodSeconds": 30],
      ])
  }

  @Test func documentsKnowTheirLine() throws {
    let text = """
      # nothing yet
      ---
      a: 1
      ---
      # empty

      ---

      b: 2
      ...
      ---
      null
      --- {c: 3}
      ---
      """
    let documents = try YAML.documents(in: text)
    #expect(documents.map(\.value) == [["a": 1], ["b": 2], ["c": 3]])
    #expect(documents.map(\.line) == [3, 9, 13])
    #expect(try YAML.documents(in: "").isEmpty)
    #expect(try YAML.documents(in: "\u{feff}a: 1\r\nb: 2\r\n").map(\.value) == [["a": 1, "b": 2]])
  }

  @Test func jsonIsYAML() throws {
    #expect(
      try read("{\n\t\"a\": [1, 2.5, \"x\\u00fc\\n\", null, true],\n\t\"b\": {}\n}") == [
        "a": [1, 2.5, "xü\n", nil, true], "b": [:],
      ])
  }

  @Test(
    arguments: [
      ("1", 1), ("-1", -1), ("0777", 511), ("0o17", 15), ("0xff", 255), ("1_000", 1000), ("1.0", 1), ("1e3", 1000),
      ("1.5", 1.5), ("9223372036854775807", 9_223_372_036_854_775_807),
      ("18446744073709551615", 18446744073709551615.0),
      ("yes", true), ("On", true), ("n", false), ("OFF", false), ("null", nil), ("~", nil), ("", nil),
      ("2001-01-01", "2001-01-01"), ("12:30", "12:30"), ("\"1\"", "1"), ("'yes'", "yes"), ("!!str 1", "1"),
      ("!!int \"1\"", 1), ("! 1", "1"), ("nginx:1.25", "nginx:1.25"), ("100m", "100m"), ("-", [nil]),
    ] as [(String, Value)])
  func scalarsMeanWhatKubernetesReads(text: String, value: Value) throws {
    #expect(try read("a: \(text == "-" ? "\n- " : text)") == ["a": value])
  }

  @Test func keysBecomeStrings() throws {
    #expect(
      try read("1: a\n1.1: b\nyes: c\n\"x\": d\n0x10: e\n2001-01-01: f")
        == ["1": "a", "1.1": "b", "true": "c", "x": "d", "16": "e", "2001-01-01": "f"])
  }

  @Test func aliasesAndMergesAreCarriedOut() throws {
    let text = """
      base: &base {a: 1, b: 2}
      more: &more {b: 3, c: 4}
      one: {<<: *base, b: 5}
      two: {b: 6, <<: [*more, *base], d: 7}
      three: *base
      """
    let value = try read(text)
    #expect(value?["one"] == ["a": 1, "b": 5])
    #expect(value?["two"] == ["b": 6, "c": 4, "a": 1, "d": 7])
    #expect(value?["three"] == ["a": 1, "b": 2])
  }

  /// Each says where it is and what is wrong.
  @Test(arguments: [
    ("a: b: c", 1, 5, "mapping values are not allowed in this context"),
    ("a:\n\tb: 1", 2, 1, "(a tab; YAML is indented with spaces)"),
    ("a: [1, 2\nb: 3", 2, 2, "did not find expected ',' or ']' (while parsing a flow sequence that begins in line 1)"),
    ("a: 'b", 1, 6, "found unexpected end of stream"),
    ("a: 1\nb: 2\na: 3", 3, 1, "the key \"a\" occurs twice in this mapping"),
    ("1: a\n\"1\": b", 2, 1, "the key \"1\" occurs twice in this mapping"),
    ("a: *b", 1, 4, "there is no anchor &b before this alias"),
    ("a: &a [*a]", 1, 8, "there is no anchor &a before this alias"),
    ("? [1]\n: 2", 1, 3, "a key has to be a string, not a list or a mapping"),
    ("null: 1", 1, 1, "a key is missing: \"null\" or nothing at all cannot be one"),
    ("a: .nan", 1, 4, ".nan is not a number that JSON can hold"),
    ("a: !!binary aGk=", 1, 4, "the tag tag:yaml.org,2002:binary has no meaning here"),
    ("a: !!int b", 1, 4, "\"b\" is not a !!int"),
    ("a: {<<: 1}", 1, 9, "only a mapping, or a list of mappings, can be merged with <<"),
    ("a: 1\n--- \nb: \u{1}", 3, 4, "control characters are not allowed"),
  ])
  func whatIsWrongIsSaidWithItsPlace(text: String, line: Int, column: Int, problem: String) {
    let error = #expect(throws: YAMLError.self) { try YAML.documents(in: text, file: "pod.yaml") }
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.description.hasPrefix("pod.yaml, line \(line), column \(column): ") == true)
    #expect(error?.problem.hasSuffix(problem) == true, "\(error?.problem ?? "")")
  }

  @Test func aBombIsRefusedBeforeItGoesOff() {
    let values = (1...9).map { level in
      "l\(level): &l\(level) [\(Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ","))]"
    }
    let keys = (1...30).map { "? &k\($0) [*k\($0 - 1), *k\($0 - 1)]\n: 1" }
    for lines in [["l0: &l0 [x]"] + values, ["? &k0 [x]\n: 1"] + keys] {
      #expect(throws: YAMLError.self) { try YAML.documents(in: lines.joined(separator: "\n")) }
    }
    let long =
      "a: &a \(String(repeating: "x", count: 1 << 20))\nb: [\((0..<10).map { _ in "*a" }.joined(separator: ","))]"
    #expect(throws: YAMLError.self) { try YAML.documents(in: long) }
  }

  @Test func depthIsBounded() {
    #expect(throws: YAMLError.self) { try YAML.documents(in: String(repeating: "[", count: 100_000)) }
    #expect(throws: YAMLError.self) { try YAML.documents(in: String(repeating: "- ", count: 100_000)) }
    #expect(throws: YAMLError.self) { try YAML.documents(in: String(repeating: "? ", count: 100_000)) }
  }

  @Test func depthByAliasesIsBoundedToo() throws {
    func chain(_ length: Int) -> String {
      "l0: &l0 []\n" + (1..<length).map { "l\($0): &l\($0) [*l\($0 - 1)]\n" }.joined()
    }
    #expect(try YAML.documents(in: chain(100)).count == 1)
    #expect(throws: YAMLError.self) { try YAML.documents(in: chain(200)) }
  }

  /// Whatever it is, the answer is a value or an error.
  @Test func noInputTraps() {
    var random = SeededGenerator(seed: 5)
    let parts = [
      "a", "1", ":", ": ", "- ", "\n", "\n  ", "[", "]", "{", "}", ",", "&a ", "*a", "!!int ", "!", "|", ">", "'", "\"",
      "\\",
      "#", "%", "---\n", "...\n", "? ", "<<", "\t", "\u{85}", "ü", "~", "yes", "@", "`",
    ]
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
      _ = try? YAML.documents(in: text.joined())
      let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = try? YAML.documents(in: bytes)
    }
  }
}
