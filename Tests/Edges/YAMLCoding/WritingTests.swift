import Objects
import Testing
import YAMLCoding

/// What kubectl writes; OracleTests compare with more of it where a kubectl is installed.
@Suite struct WritingTests {
  @Test func keysAreSortedAndListsNotIndented() {
    let value: Value = [
      "spec": ["containers": [["name": "web", "args": ["a"], "env": []], ["name": "b"]], "nested": [[1, 2], [[]]]],
      "kind": "Pod", "metadata": ["labels": [:], "creationTimestamp": nil, "annotations": ["a10": "x", "a2": "y"]],
    ]
    #expect(
      YAML.text(value) == """
        kind: Pod
        metadata:
          annotations:
            a2: "y"
            a10: x
          creationTimestamp: null
          labels: {}
        spec:
          containers:
          - args:
            - a
            env: []
            name: web
          - name: b
          nested:
          - - 1
            - 2
          - - []

        """)
  }

  @Test(arguments: [
    ("web", "web"), ("", "\"\""), ("1", "\"1\""), ("1.5", "\"1.5\""), ("true", "\"true\""), ("no", "\"no\""),
    ("y", "\"y\""), ("null", "\"null\""), ("~", "\"~\""), ("0777", "\"0777\""), ("1e3", "\"1e3\""),
    ("2001-01-01", "\"2001-01-01\""), ("2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\""), ("12:30", "\"12:30\""),
    ("nginx:1.25", "nginx:1.25"), ("a: b", "'a: b'"), ("a #b", "'a #b'"), ("#a", "'#a'"), ("- a", "'- a'"),
    ("-a", "-a"), ("*", "'*'"), ("it's", "it's"), ("'a'", "'''a'''"), ("{{a}}", "'{{a}}'"), (" a", "' a'"),
    ("a ", "'a '"), ("@a", "'@a'"), ("a\tb", "\"a\\tb\""), ("\"", "'\"'"), ("a\"b\\", "a\"b\\"), ("ü", "ü"),
    ("😀", "\"\\U0001F600\""), ("a\nb", "|-\n  a\n  b"), ("a\nb\n", "|\n  a\n  b"), ("a\n\n", "|+\n  a\n"),
    (" a\nb", "|2-\n   a\n  b"), ("a \nb", "\"a \\nb\""), ("100m", "100m"), ("10.96.0.1", "10.96.0.1"),
    ("---", "'---'"),
  ])
  func stringsAreQuotedWhenNeeded(text: String, yaml: String) throws {
    #expect(YAML.text(["a": .string(text)]) == "a: \(yaml)\n")
    #expect(try YAML.documents(in: YAML.text(["a": .string(text)])).map(\.value) == [["a": .string(text)]])
  }

  @Test func longTextIsFoldedAtASpace() {
    let text = String(repeating: "and so on, ", count: 20) + "end: it ends"
    #expect(
      YAML.text(["status": ["message": .string(text)]]) == """
        status:
          message: 'and so on, and so on, and so on, and so on, and so on, and so on, and
            so on, and so on, and so on, and so on, and so on, and so on, and so on, and so
            on, and so on, and so on, and so on, and so on, and so on, and so on, end: it
            ends'

        """)
  }

  @Test func aLongKeyStandsAlone() {
    let key = String(repeating: "x", count: 129)
    #expect(YAML.text(.object(Members([(key, .string("a"))]))) == "? \(key)\n: a\n")
  }

  @Test(arguments: [
    (0.5, "0.5"), (-0.25, "-0.25"), (1, "1"), (1_234_567.5, "1.2345675e+06"), (0.0001, "0.0001"), (0.00001, "1e-05"),
    (1e21, "1e+21"), (100_000.5, "100000.5"), (1.5e-300, "1.5e-300"),
  ])
  func numbersAreWrittenAsGoWritesThem(number: Double, text: String) {
    #expect(YAML.text(.double(number)) == text + "\n")
  }

  @Test func aLoneValueIsADocument() {
    #expect(YAML.text([]) == "[]\n")
    #expect(YAML.text("a") == "a\n")
    #expect(YAML.text([1, [:]]) == "- 1\n- {}\n")
  }
}
