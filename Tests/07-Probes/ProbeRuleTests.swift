import ControlLoop
import KubernetesFacts
import Objects
import Pods
import Probes
import Testing

@Suite struct ProbeRuleTests {
  private static let scheme = Cluster(layers: [.pods, .probes]).scheme

  /// A pod of one container, as the server would store it.
  private func stored(_ container: Value, spec: Value = [:]) -> Value {
    var (main, pod): (Value, Value) = (container, ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "web"]])
    (main["name"], main["image"]) = ("web", "pause")
    pod["spec"] = spec
    pod["spec"]?["containers"] = [main]
    Self.scheme.applyDefaults(to: &pod, as: Pod.self)
    return pod
  }

  private func problems(of pod: Value) -> [String] {
    Self.scheme.validate(pod, as: Pod.self).map { "\($0)".replacing("spec.containers[0].", with: "") }
  }

  @Test func aProbeThatSaysLittleGetsTheRest() {
    let pod = stored(["livenessProbe": ["httpGet": ["port": 80]], "readinessProbe": ["grpc": ["port": 9000]]])
    #expect(
      pod["spec"]?["containers"]?[0]?["livenessProbe"] == [
        "httpGet": ["port": 80, "path": "/", "scheme": "HTTP"], "timeoutSeconds": 1, "periodSeconds": 10,
        "successThreshold": 1, "failureThreshold": 3,
      ])
    #expect(pod["spec"]?["containers"]?[0]?["readinessProbe"]?["grpc"] == ["port": 9000, "service": ""])
    #expect(problems(of: pod) == [])
  }

  @Test func noughtCountsAsNotGiven() {
    let probe: Value = ["tcpSocket": ["port": "http"], "periodSeconds": 0, "failureThreshold": 0, "timeoutSeconds": 0]
    let filled = Pod(json: stored(["startupProbe": probe])).spec.containers[0].startupProbe
    #expect(filled?.periodSeconds == 10)
    #expect(filled?.failureThreshold == 3)
    #expect(filled?.timeoutSeconds == 1)
    #expect(filled?.initialDelaySeconds == nil)
  }

  @Test(
    arguments: [
      (["livenessProbe": [:]], ["livenessProbe: Required value: must specify a handler type"]),
      (
        ["readinessProbe": ["exec": ["command": ["true"]], "tcpSocket": ["port": 80]]],
        ["readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"]
      ),
      (["livenessProbe": ["exec": [:]]], ["livenessProbe.exec.command: Required value"]),
      (
        ["livenessProbe": ["httpGet": ["port": 0]]],
        ["livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive"]
      ),
      (
        ["livenessProbe": ["httpGet": [:]]],
        ["livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive"]
      ),
      (
        ["livenessProbe": ["tcpSocket": ["port": 65_536]]],
        ["livenessProbe.tcpSocket.port: Invalid value: 65536: must be between 1 and 65535, inclusive"]
      ),
      (
        ["startupProbe": ["grpc": ["port": -1]]],
        ["startupProbe.grpc.port: Invalid value: -1: must be between 1 and 65535, inclusive"]
      ),
      (
        ["livenessProbe": ["httpGet": ["port": "80"]]],
        ["livenessProbe.httpGet.port: Invalid value: \"80\": must contain at least one letter (a-z)"]
      ),
      (
        ["livenessProbe": ["httpGet": ["port": 80, "scheme": "FTP"]]],
        ["livenessProbe.httpGet.scheme: Unsupported value: \"FTP\": supported values: \"HTTP\", \"HTTPS\""]
      ),
      (
        ["livenessProbe": ["httpGet": ["port": 80, "httpHeaders": [["name": "X Y", "value": ""]]]]],
        [
          "livenessProbe.httpGet.httpHeaders: Invalid value: \"X Y\": a valid HTTP header must consist of alphanumeric "
            + "characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
        ]
      ),
      (
        ["livenessProbe": ["tcpSocket": ["port": 80], "successThreshold": 2]],
        ["livenessProbe.successThreshold: Invalid value: 2: must be 1"]
      ),
      (
        ["startupProbe": ["tcpSocket": ["port": 80], "successThreshold": 3]],
        ["startupProbe.successThreshold: Invalid value: 3: must be 1"]
      ),
      (
        ["readinessProbe": ["tcpSocket": ["port": 80], "successThreshold": 3]], []
      ),
      (
        ["readinessProbe": ["tcpSocket": ["port": 80], "terminationGracePeriodSeconds": 5]],
        [
          "readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes"
        ]
      ),
      (
        ["livenessProbe": ["tcpSocket": ["port": 80], "terminationGracePeriodSeconds": 0]],
        ["livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"]
      ),
      (
        ["livenessProbe": ["tcpSocket": ["port": 80], "periodSeconds": -1]],
        ["livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0"]
      ),
      (["lifecycle": ["preStop": [:]]], ["lifecycle.preStop: Required value: must specify a handler type"]),
      (["lifecycle": ["preStop": ["sleep": ["seconds": 30]], "postStart": ["sleep": ["seconds": 0]]]], []),
      (
        ["lifecycle": ["preStop": ["sleep": ["seconds": 31]]]],
        [
          "lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
            + "terminationGracePeriodSeconds (30)"
        ]
      ),
    ] as [(Value, [String])])
  func whatCannotBeAskedIsRefused(_ container: Value, _ expected: [String]) {
    #expect(problems(of: stored(container)) == expected)
  }

  @Test func anInitContainerIsAskedOnlyIfItStays() {
    let probe: Value = ["exec": ["command": ["true"]]]
    var initial: Value = ["name": "first", "image": "pause", "livenessProbe": probe, "lifecycle": ["preStop": probe]]
    let rule = "Forbidden: may not be set for init containers without restartPolicy=Always"
    #expect(
      problems(of: stored([:], spec: ["initContainers": [initial]])) == [
        "spec.initContainers[0].lifecycle: \(rule)", "spec.initContainers[0].livenessProbe: \(rule)",
      ])
    initial["restartPolicy"] = "Always"
    #expect(problems(of: stored([:], spec: ["initContainers": [initial]])) == [])
  }

  @Test func aReadinessGateNamesAConditionType() {
    let gates: Value = [
      "readinessGates": [["conditionType": "example.com/registered"], ["conditionType": "two words"]]
    ]
    let found = problems(of: stored([:], spec: gates))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("spec.readinessGates[1].conditionType: Invalid value: \"two words\": ") == true)
  }

  @Test(.enabled(if: KubernetesFacts.arePresent, "KUBERNETES_FACTS names no folder with the facts"))
  func everyFieldIsAsKubernetesHasIt() throws {
    #expect(try KubernetesFacts().differences(in: Self.scheme) == [])
  }
}
