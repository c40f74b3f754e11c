import Objects
import Testing

@testable import Kubectl

@Suite struct ArgumentsTests {
  private let flags = [
    Flag("output", "o", "Output format"), Flag("watch", "w", .toggle, ""), Flag("all", "A", .toggle, ""),
    Flag("file", "f", .list, ""), Flag("count", nil, .number, ""), Flag("cascade", nil, .optional("background"), ""),
    Flag("timeout", nil, .duration, ""),
  ]

  private func parse(_ line: String) throws -> Arguments {
    try Arguments(line.split(separator: " ").map(String.init), flags: flags, of: "get")
  }

  @Test(arguments: [
    "-o wide x", "-owide x", "-o=wide x", "--output wide x", "--output=wide x", "x -Ao wide", "x -wowide",
  ])
  func everySpellingOfAFlagMeansTheSame(line: String) throws {
    let arguments = try parse(line)
    #expect(arguments["output"] == "wide")
    #expect(arguments.operands == ["x"])
  }

  @Test func behindTwoDashesNothingIsAFlag() throws {
    let arguments = try parse("run -w -- sh -c -o")
    #expect(arguments.operands == ["run", "sh", "-c", "-o"])
    #expect(arguments.operandsBeforeDashes == 1)
    #expect(arguments["output"] == nil)
  }

  @Test func switchesAndOptionalValues() throws {
    #expect(try parse("--watch=false -w").isOn("watch"))
    #expect(try !parse("-w --watch=false").isOn("watch"))
    #expect(try parse("--cascade x")["cascade"] == "background")
    #expect(try parse("--cascade=orphan")["cascade"] == "orphan")
    #expect(try parse("-f a,b -f c").list("file") == ["a", "b", "c"])
    #expect(try parse("-f -").list("file") == ["-"])
  }

  @Test(arguments: [
    ("--nope", "unknown flag: --nope"), ("-z", "unknown shorthand flag: 'z' in -z"),
    ("-o", "flag needs an argument: 'o' in -o"), ("--output", "flag needs an argument: --output"),
    ("--count=a", "invalid argument \"a\" for \"--count\" flag: strconv.ParseInt: parsing \"a\": invalid syntax"),
    ("--timeout=1x", "invalid argument \"1x\" for \"--timeout\" flag: time: invalid duration \"1x\""),
  ])
  func mistakesAreSaidInKubectlsWords(line: String, problem: String) {
    #expect(throws: Failure.flag(problem, of: "get")) { try parse(line) }
  }

  @Test(arguments: [("30s", 30.0), ("1h5m", 3900), ("1.5s", 1.5), ("300ms", 0.3), ("0", 0), ("-1s", -1)])
  func durationsAreGos(text: String, seconds: Double) {
    #expect(Duration(goText: text) == .seconds(seconds))
  }
}

@Suite struct LayoutTests {
  @Test func columnsAreThreeSpacesApartAndSixWide() {
    var columns = Columns()
    #expect(
      columns.lines([["A", "NAME", "C"], ["1", "longer-name", ""]]) == "A     NAME          C\n1     longer-name   \n")
    #expect(columns.lines([["22", "x", "y"]]) == "22    x             y\n")
  }

  @Test func onlyRunsOfLinesShareAColumn() {
    #expect(aligned("Name:\tweb\nLabels:\ta=b\n\tc=d\n") == "Name:    web\nLabels:  a=b\n         c=d\n")
    #expect(aligned("A:\tx\nplain\nLonger:\ty\n") == "A:  x\nplain\nLonger:  y\n")
  }

  @Test func differencesAreUnified() {
    #expect(unifiedDiff("a\n", "a\n", oldName: "o", newName: "n") == "")
    #expect(
      unifiedDiff("a\nb\nc\n", "a\nx\nc\nd\n", oldName: "o", newName: "n")
        == "--- o\n+++ n\n@@ -1,3 +1,4 @@\n a\n-b\n+x\n c\n+d\n")
    let old = (1...20).map { "\($0)\n" }.joined()
    let new = old.replacing("\n2\n", with: "\ntwo\n").replacing("\n19\n", with: "\n")
    let text = unifiedDiff(old, new, oldName: "o", newName: "n")
    #expect(text.contains("@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -16,5 +16,4 @@\n"))
  }

  @Test func aDescriptionLooksLikeKubectls() {
    var description = Description()
    description.pod([
      "metadata": ["name": "web", "namespace": "default", "labels": ["b": "2", "a": "1"]],
      "spec": [
        "nodeName": "n1", "serviceAccountName": "default",
        "containers": [["name": "c", "image": "x:1", "command": ["sh"]]],
      ],
      "status": [
        "phase": "Running", "podIP": "10.0.0.1", "startTime": "2026-11-21T03:37:00Z",
        "containerStatuses": [
          ["name": "c", "ready": true, "restartCount": 1, "state": ["running": ["startedAt": "2026-11-21T03:37:05Z"]]]
        ],
      ],
    ])
    description.events([], at: .distantPast)
    let text = description.text
    for line in [
      "Name:             web\n", "Service Account:  default\n", "Node:             n1/\n",
      "Start Time:       Sat, 21 Nov 2026 03:37:00 +0000\n", "Labels:           a=1\n                  b=2\n",
      "Annotations:      <none>\n", "Containers:\n  c:\n    Container ID:  \n    Image:         x:1\n",
      "    Command:\n      sh\n    State:          Running\n      Started:      Sat, 21 Nov 2026 03:37:05 +0000\n",
      "    Ready:          True\n    Restart Count:  1\n", "Events:             <none>\n",
    ] {
      #expect(text.contains(line), "\(line)\n\(text)")
    }
  }
}

@Suite struct ThreeWayPatchTests {
  private func container(_ name: String, _ image: String) -> Value { ["name": .string(name), "image": .string(image)] }
  private func deployment(_ containers: [Value], replicas: Value? = nil) -> Value {
    var spec: Value = ["template": ["spec": ["containers": .array(containers)]]]
    if let replicas { spec["replicas"] = replicas }
    return ["spec": spec]
  }

  private func patch(_ original: Value, _ modified: Value, _ current: Value) -> Value {
    ThreeWayPatch.strategic(original: original, modified: modified, current: current, kind: "Deployment")
  }

  @Test func whatOthersSetIsLeftAlone() {
    let mine = deployment([container("a", "x:1")])
    var live = deployment(
      [["name": "a", "image": "x:1", "imagePullPolicy": "Always"], container("sidecar", "s")], replicas: 5)
    live["status"] = ["replicas": 5]
    #expect(patch(mine, mine, live) == [:])
  }

  @Test func whatIsNoLongerSaidGoes() {
    let before = deployment([container("a", "x:1"), container("b", "y")], replicas: 2)
    let now = deployment([container("a", "x:1")])
    #expect(
      patch(before, now, before)
        == [
          "spec": [
            "replicas": nil,
            "template": [
              "spec": [
                "$setElementOrder/containers": [["name": "a"]], "containers": [["$patch": "delete", "name": "b"]],
              ]
            ],
          ]
        ])
  }

  @Test func onlyTheChangedContainerIsSent() {
    let before = deployment([container("a", "x:1"), container("b", "y")])
    let now = deployment([container("a", "x:2"), container("b", "y")])
    #expect(
      patch(before, now, before)["spec"]?["template"]?["spec"]
        == [
          "$setElementOrder/containers": [["name": "a"], ["name": "b"]], "containers": [["image": "x:2", "name": "a"]],
        ])
  }

  @Test func anotherStrategyRetainsItsOwnFieldsOnly() {
    let before: Value = ["spec": ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1]]]]
    let now: Value = ["spec": ["strategy": ["type": "Recreate"]]]
    #expect(
      patch(before, now, before)
        == ["spec": ["strategy": ["type": "Recreate", "rollingUpdate": nil, "$retainKeys": ["type"]]]])
  }

  @Test func customResourcesAreMergedAsJSON() {
    #expect(
      ThreeWayPatch.merge(
        original: ["a": 1, "b": [1]], modified: ["b": [2], "c": ["d": 1]], current: ["a": 1, "b": [1], "c": ["e": 2]])
        == ["a": nil, "b": [2], "c": ["d": 1]])
  }

  @Test func listsAreMergedByTheKeysOfTheAPI() {
    let pod = ["spec", "template", "spec"]
    #expect(listMerge(kind: "Deployment", path: pod + ["containers", "ports"]) == .byKey("containerPort"))
    #expect(listMerge(kind: "Service", path: ["spec", "ports"]) == .byKey("port"))
    #expect(listMerge(kind: "Deployment", path: pod + ["containers", "env"]) == .byKey("name"))
    #expect(listMerge(kind: "Deployment", path: pod + ["containers", "args"]) == nil)
    #expect(listMerge(kind: "Pod", path: ["metadata", "finalizers"]) == .set)
    #expect(listMerge(kind: "Pod", path: ["spec", "tolerations"]) == nil)
  }
}

@Suite struct RolloutStatusTests {
  private func deployment(_ status: Value) -> Value {
    ["metadata": ["name": "web", "generation": 1], "spec": ["replicas": 3], "status": status]
  }

  @Test(arguments: [
    (#"{}"#, "Waiting for deployment spec update to be observed...", false),
    (
      #"{"observedGeneration":1,"updatedReplicas":1}"#,
      "Waiting for deployment \"web\" rollout to finish: 1 out of 3 new replicas have been updated...", false
    ),
    (
      #"{"observedGeneration":1,"updatedReplicas":3,"replicas":4}"#,
      "Waiting for deployment \"web\" rollout to finish: 1 old replicas are pending termination...", false
    ),
    (
      #"{"observedGeneration":1,"updatedReplicas":3,"replicas":3,"availableReplicas":2}"#,
      "Waiting for deployment \"web\" rollout to finish: 2 of 3 updated replicas are available...", false
    ),
    (
      #"{"observedGeneration":1,"updatedReplicas":3,"replicas":3,"availableReplicas":3}"#,
      "deployment \"web\" successfully rolled out", true
    ),
  ])
  func eachStepHasItsSentence(status: String, text: String, isDone: Bool) throws {
    let status = try RolloutStatus(of: deployment(try Value(parsing: status)), kind: "Deployment")
    #expect(status.text == text)
    #expect(status.isDone == isDone)
  }
}

@Suite struct ExplanationTests {
  private let document: Value = [
    "components": [
      "schemas": [
        "io.k8s.api.apps.v1.Deployment": [
          "type": "object", "description": "A rollout.",
          "x-kubernetes-group-version-kind": [["group": "apps", "version": "v1", "kind": "Deployment"]],
          "properties": [
            "spec": [
              "allOf": [["$ref": "#/components/schemas/io.k8s.api.apps.v1.Spec"]], "description": "What is wanted.",
            ],
            "kind": ["type": "string", "description": "Its kind."],
          ],
        ],
        "io.k8s.api.apps.v1.Spec": [
          "type": "object", "required": ["paths"],
          "properties": [
            "paths": ["type": "array", "items": ["type": "string"]],
            "labels": ["type": "object", "additionalProperties": ["type": "string"], "description": "Words."],
          ],
        ],
      ]
    ]
  ]
  private let resource = Resource(
    group: "apps", version: "v1", name: "deployments", singular: "deployment", kind: "Deployment", isNamespaced: true)

  @Test func fieldsAreExplainedInKubectlsLayout() throws {
    let explanation = Explanation(document: document, resource: resource)
    #expect(
      try explanation.text(fields: [], isRecursive: false) == """
        GROUP:      apps
        KIND:       Deployment
        VERSION:    v1

        DESCRIPTION:
            A rollout.
        \("    ")
        FIELDS:
          kind\t<string>
            Its kind.

          spec\t<Spec>
            What is wanted.



        """)
    #expect(
      try explanation.text(fields: ["spec"], isRecursive: true).hasSuffix(
        "FIELDS:\n  labels\t<map[string]string>\n  paths\t<[]string> -required-\n\n"))
    #expect(throws: Failure.error("field \"spec.x\" does not exist")) {
      try explanation.text(fields: ["spec", "x"], isRecursive: false)
    }
  }
}
