import Objects
import Testing

@testable import Kubectl

/// A list of two pods, as templates meet them.
private let pods: Value = [
  "kind": "List",
  "items": [
    [
      "metadata": ["name": "a", "labels": ["app.kubernetes.io/name": "web"]],
      "status": ["phase": "Running", "restarts": 3],
      "spec": ["containers": [["name": "c1", "image": "x:1"], ["name": "c2", "image": "y:2"]]],
    ],
    [
      "metadata": ["name": "b", "labels": [:]], "status": ["phase": "Pending", "restarts": 0],
      "spec": ["containers": [["name": "c3", "image": "z<3"]]],
    ],
  ],
]

@Suite struct JSONPathTests {
  @Test(arguments: [
    ("{.kind}", "List"),
    ("kind={.kind}!", "kind=List!"),
    ("{.items[0].metadata.name}", "a"),
    ("{.items[-1].metadata.name}", "b"),
    ("{.items[*].metadata.name}", "a b"),
    ("{.items..name}", "a c1 c2 b c3"),
    ("{..image}", "x:1 y:2 z<3"),
    ("{.items[0:1].metadata.name}", "a"),
    ("{.items[0]['metadata','status']['name','phase']}", "a Running"),
    (#"{.items[0].metadata.labels.app\.kubernetes\.io/name}"#, "web"),
    ("{.items[0].metadata.labels['app.kubernetes.io/name']}", "web"),
    (#"{.items[?(@.status.phase=="Running")].metadata.name}"#, "a"),
    (#"{.items[?(@.status.phase!='Running')].metadata.name}"#, "b"),
    ("{.items[?(@.status.restarts>1)].metadata.name}", "a"),
    ("{.items[?(@.metadata.labels)].metadata.name}", "a b"),
    (#"{range .items[*]}{.metadata.name}{"\t"}{.status.phase}{"\n"}{end}"#, "a\tRunning\nb\tPending\n"),
    (#"{range .items[*]}{range .spec.containers[*]}{.name},{end};{end}"#, "c1,c2,;c3,;"),
    ("{.items[0].status}", #"{"phase":"Running","restarts":3}"#),
    ("{.items[1].spec.containers}", #"[{"image":"z\u003c3","name":"c3"}]"#),
    ("{.missing.field}", ""),
    ("{'literal'} {.kind}", "literal List"),
    ("{$.kind}{@.kind}", "ListList"),
    ("{.items[0].spec.containers[0,1].name}", "c1 c2"),
    ("", ""),
  ])
  func templatesSayWhatKubectlSays(template: String, expected: String) throws {
    #expect(try JSONPath(template).text(of: pods) == expected)
  }

  @Test(arguments: [
    ("{.kind", "unclosed action"), ("{.items[0}", "invalid array index 0}"),
    ("{range .items[*]}{.x}", "unclosed range: write {end} after it"),
    ("{end}", "not in range, nothing to end"), ("{.a[?(@.x]}", "unterminated filter"),
    ("{&}", "unrecognized character in action: U+0026 '&'"), (#"{"a}"#, "unterminated quoted string"),
  ])
  func whatCannotBeReadIsSaid(template: String, problem: String) {
    #expect(throws: JSONPathError(problem)) { try JSONPath(template) }
  }

  @Test func anIndexBeyondTheEndIsAnError() throws {
    let path = try JSONPath("{.items[5]}")
    #expect(throws: JSONPathError("array index out of bounds: index 5, length 2")) { try path.text(of: pods) }
  }

  @Test func noTextTraps() {
    var random = SeededGenerator(seed: 7)
    let pieces = [
      "{", "}", ".", "..", "[", "]", "?(", ")", "@", "$", "*", "'", "\"", "\\", "a", "-1", ":", ",", "range ", "end",
      "==", " ", "é",
    ]
    for _ in 0..<5000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...9, using: &random) {
        text += pieces[Int.random(in: 0..<pieces.count, using: &random)]
      }
      _ = try? JSONPath(text).text(of: pods)
    }
  }
}
