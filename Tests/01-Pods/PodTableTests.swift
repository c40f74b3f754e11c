import Objects
import Pods
import Testing

@Suite struct PodTableTests {
  static let now = Time(microseconds: 1_767_225_600_000_000)

  /// The cells of a pod: "1/1 Running 0 5m".
  static func cells(_ pod: Pod, wide: Bool = false) -> String {
    Pod.kind.table.dropFirst().filter { wide || $0.priority == 0 }.map { column in
      switch column.cell(pod.json, now) {
      case .string(let text): text
      case let other: other.encodedString
      }
    }.joined(separator: " | ")
  }

  static func pod(_ json: Value) -> Pod {
    var pod = Pod(name: "web", namespace: "default")
    pod.metadata.creationTimestamp = now + .seconds(-300)
    pod.json["spec"] = json["spec"] ?? ["containers": [["name": "a"]]]
    pod.json["status"] = json["status"]
    if json["deleted"] != nil { pod.metadata.deletionTimestamp = now }
    return pod
  }

  static let running: Value = ["name": "a", "ready": true, "state": ["running": [:]]]
  static let two: Value = ["containers": [["name": "a"], ["name": "b"]]]
  static let initial: Value = ["containers": [["name": "a"]], "initContainers": [["name": "i"], ["name": "j"]]]
  static let sidecar: Value = [
    "containers": [["name": "a"]], "initContainers": [["name": "s", "restartPolicy": "Always"]],
  ]
  static let crashed: Value = [
    "name": "a", "restartCount": 3, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
    "lastState": ["terminated": ["finishedAt": "2025-12-31T23:59:40Z"]],
  ]
  static func ended(_ state: Value, name: String = "a") -> Value {
    ["name": .string(name), "state": ["terminated": state]]
  }

  @Test(
    arguments: [
      (["status": ["phase": "Pending"]], "0/1 | Pending | 0 | 5m"),
      (["status": ["phase": "Running", "containerStatuses": [running]]], "1/1 | Running | 0 | 5m"),
      (["spec": two, "status": ["phase": "Running", "containerStatuses": [running]]], "1/2 | Running | 0 | 5m"),
      (
        ["status": ["phase": "Running", "containerStatuses": [crashed]]],
        "0/1 | CrashLoopBackOff | 3 (20s ago) | 5m"
      ),
      (
        [
          "status": [
            "phase": "Pending", "containerStatuses": [["name": "a", "state": ["waiting": ["reason": "ErrImagePull"]]]],
          ]
        ],
        "0/1 | ErrImagePull | 0 | 5m"
      ),
      (
        ["status": ["phase": "Succeeded", "containerStatuses": [ended(["reason": "Completed", "exitCode": 0])]]],
        "0/1 | Completed | 0 | 5m"
      ),
      (
        ["status": ["phase": "Failed", "containerStatuses": [ended(["reason": "Error", "exitCode": 1])]]],
        "0/1 | Error | 0 | 5m"
      ),
      (["status": ["phase": "Failed", "containerStatuses": [ended(["exitCode": 7])]]], "0/1 | ExitCode:7 | 0 | 5m"),
      (
        ["status": ["phase": "Failed", "containerStatuses": [ended(["exitCode": 137, "signal": 9])]]],
        "0/1 | Signal:9 | 0 | 5m"
      ),
      (["status": ["phase": "Failed", "reason": "DeadlineExceeded"]], "0/1 | DeadlineExceeded | 0 | 5m"),
      // One container is done, another still runs.
      (
        [
          "spec": two,
          "status": [
            "phase": "Running", "conditions": [["type": "Ready", "status": "True"]],
            "containerStatuses": [
              ended(["reason": "Completed"]), ["name": "b", "ready": true, "state": ["running": [:]]],
            ],
          ],
        ], "1/2 | Running | 0 | 5m"
      ),
      (
        [
          "spec": two,
          "status": [
            "phase": "Running",
            "containerStatuses": [
              ended(["reason": "Completed"]), ["name": "b", "ready": true, "state": ["running": [:]]],
            ],
          ],
        ], "1/2 | NotReady | 0 | 5m"
      ),
      // Init containers.
      (
        [
          "spec": initial,
          "status": [
            "phase": "Pending",
            "initContainerStatuses": [
              ["name": "i", "state": ["running": [:]]], ["name": "j", "state": ["waiting": [:]]],
            ],
          ],
        ], "0/1 | Init:0/2 | 0 | 5m"
      ),
      (
        [
          "spec": initial,
          "status": [
            "phase": "Pending",
            "initContainerStatuses": [
              ended(["exitCode": 0], name: "i"), ["name": "j", "state": ["waiting": ["reason": "PodInitializing"]]],
            ],
          ],
        ], "0/1 | Init:1/2 | 0 | 5m"
      ),
      (
        [
          "spec": initial,
          "status": [
            "phase": "Pending",
            "initContainerStatuses": [
              ["name": "i", "restartCount": 2, "state": ["waiting": ["reason": "CrashLoopBackOff"]]]
            ],
          ],
        ], "0/1 | Init:CrashLoopBackOff | 2 | 5m"
      ),
      (
        [
          "spec": initial,
          "status": [
            "phase": "Failed", "initContainerStatuses": [ended(["exitCode": 3, "reason": "Error"], name: "i")],
          ],
        ], "0/1 | Init:Error | 0 | 5m"
      ),
      (
        [
          "spec": initial, "status": ["phase": "Failed", "initContainerStatuses": [ended(["exitCode": 3], name: "i")]],
        ],
        "0/1 | Init:ExitCode:3 | 0 | 5m"
      ),
      (
        [
          "spec": initial,
          "status": ["phase": "Failed", "initContainerStatuses": [ended(["exitCode": 137, "signal": 9], name: "i")]],
        ], "0/1 | Init:Signal:9 | 0 | 5m"
      ),
      // A sidecar counts among the containers; restarts of finished init containers do not count.
      (
        [
          "spec": sidecar,
          "status": [
            "phase": "Running", "containerStatuses": [running],
            "initContainerStatuses": [
              ["name": "s", "ready": true, "started": true, "restartCount": 4, "state": ["running": [:]]]
            ],
          ],
        ], "2/2 | Running | 4 | 5m"
      ),
      (
        [
          "spec": initial,
          "status": [
            "phase": "Running", "containerStatuses": [running],
            "initContainerStatuses": [
              ["name": "i", "restartCount": 4, "state": ["terminated": ["exitCode": 0]]],
              ended(["exitCode": 0], name: "j"),
            ],
          ],
        ], "1/1 | Running | 0 | 5m"
      ),
      (
        ["deleted": true, "status": ["phase": "Running", "containerStatuses": [running]]], "1/1 | Terminating | 0 | 5m"
      ),
      (["deleted": true, "status": ["phase": "Failed", "reason": "Evicted"]], "0/1 | Evicted | 0 | 5m"),
      (["deleted": true, "status": ["phase": "Running", "reason": "NodeLost"]], "0/1 | Unknown | 0 | 5m"),
    ] as [(Value, String)])
  func aPodsStateInAFewWords(pod: Value, cells: String) {
    #expect(Self.cells(Self.pod(pod)) == cells)
  }

  @Test func wideColumnsSayWhere() {
    let spread: Value = ["spec": ["nodeName": "one"], "status": ["phase": "Running", "podIP": "10.0.0.2"]]
    #expect(Self.cells(Self.pod(spread), wide: true) == "0/0 | Running | 0 | 5m | 10.0.0.2 | one | <none> | <none>")
  }

  @Test func theColumnsAreKubernetes() {
    func names(_ kind: Kind) -> [String] { kind.table.map { $0.priority == 0 ? $0.name : "(\($0.name))" } }
    #expect(
      names(Pod.kind) == [
        "Name", "Ready", "Status", "Restarts", "Age", "(IP)", "(Node)", "(Nominated Node)", "(Readiness Gates)",
      ])
    #expect(
      names(Node.kind) == [
        "Name", "Status", "Roles", "Age", "Version", "(Internal-IP)", "(External-IP)", "(OS-Image)",
        "(Kernel-Version)", "(Container-Runtime)",
      ])
    #expect(names(Namespace.kind) == ["Name", "Status", "Age"])
    #expect(names(Lease.kind) == ["Name", "Holder", "Age"])
    #expect(
      names(RecordedEvent.kind) == [
        "Last Seen", "Type", "Reason", "Object", "(Subobject)", "(Source)", "Message", "(First Seen)", "(Count)",
        "(Name)",
      ])
  }

  @Test(
    arguments: [
      ([:], [:], "Unknown | <none>"),
      (["Ready": "True"], [:], "Ready | <none>"),
      (
        ["Ready": "Unknown"], ["node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/b": ""],
        "NotReady | b,worker"
      ),
      (["Ready": "False", "cordoned": "yes"], ["kubernetes.io/role": "x"], "NotReady,SchedulingDisabled | x"),
    ] as [(Mapping<String>, Mapping<String>, String)])
  func aNodesStateAndRoles(state: Mapping<String>, labels: Mapping<String>, cells: String) {
    let node = Node(name: "one") {
      if let ready = state["Ready"] { $0.status.conditions.set("Ready", ready, at: Self.now) }
      if state["cordoned"] != nil { $0.spec.unschedulable = true }
      $0.metadata.labels = labels
    }
    let shown = Node.kind.table[1...2].map { $0.cell(node.json, Self.now).string ?? "" }
    #expect(shown.joined(separator: " | ") == cells)
  }

  @Test func aNodesWideColumnsSayWhatItRunsOn() {
    func cells(_ node: Node) -> [String] { Node.kind.table[4...].map { $0.cell(node.json, Self.now).string ?? "" } }
    #expect(cells(Node(name: "one")) == ["", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"])
    var known = Node(name: "one")
    known.json["status"] = [
      "addresses": [
        ["type": "Hostname", "address": "one"], ["type": "ExternalIP", "address": "192.0.2.1"],
        ["type": "InternalIP", "address": "10.0.0.1"],
      ],
      "nodeInfo": [
        "kubeletVersion": "v1", "osImage": "Linux", "kernelVersion": "6.1", "containerRuntimeVersion": "process://1",
      ],
    ]
    #expect(cells(known) == ["v1", "10.0.0.1", "192.0.2.1", "Linux", "6.1", "process://1"])
    known.json["status"] = ["nodeInfo": ["osImage": ""]]
    #expect(cells(known)[3] == "<unknown>", "an empty word says nothing")
  }
}
