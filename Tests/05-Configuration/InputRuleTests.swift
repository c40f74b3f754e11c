import ControlLoop
import Objects
import Pods
import Testing

@testable import Configuration

/// Pods that cannot be meant, and what is said about them.
@Suite struct InputRuleTests {
  let lab: Lab
  init() throws { lab = try Lab() }

  @Test(
    arguments: [
      (["name": "v"], ["spec.volumes[0]: Required value: must specify a volume type"]),
      (["name": "v", "emptyDir": [:]], []),
      (
        ["name": "v", "configMap": ["name": "a"], "emptyDir": [:]],
        ["spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type"]
      ),
      (["name": "v", "configMap": [:]], ["spec.volumes[0].configMap.name: Required value"]),
      (["name": "v", "secret": [:]], ["spec.volumes[0].secret.secretName: Required value"]),
      (
        ["name": "v", "secret": ["secretName": "a", "defaultMode": 512]],
        [
          "spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"
        ]
      ),
      (
        [
          "name": "v",
          "configMap": ["name": "a", "items": [["key": "", "path": "../up"], ["key": "k", "path": "..data"]]],
        ],
        [
          "spec.volumes[0].configMap.items[0].key: Required value",
          #"spec.volumes[0].configMap.items[0].path: Invalid value: "../up": must not contain '..'"#,
          #"spec.volumes[0].configMap.items[1].path: Invalid value: "..data": must not start with '..'"#,
        ]
      ),
      (
        ["name": "v", "downwardAPI": ["items": [["path": "p"]]]],
        ["spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required"]
      ),
      (
        ["name": "v", "downwardAPI": ["items": [["path": "p", "fieldRef": ["fieldPath": "status.podIP"]]]]],
        [
          #"spec.volumes[0].downwardAPI.items[0].fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid""#
        ]
      ),
      (
        ["name": "v", "downwardAPI": ["items": [["path": "p", "resourceFieldRef": ["resource": "limits.cpu"]]]]],
        ["spec.volumes[0].downwardAPI.items[0].resourceFieldRef.containerName: Required value"]
      ),
      (
        [
          "name": "v",
          "projected": [
            "sources": [
              ["secret": ["name": "a", "items": [["key": "k", "path": "p"]]]],
              ["configMap": ["name": "b", "items": [["key": "k", "path": "p"]]]],
            ]
          ],
        ],
        [#"spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths"#]
      ),
      (
        ["name": "v", "projected": ["sources": [["secret": ["name": "a"], "configMap": ["name": "b"]]]]],
        ["spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"]
      ),
    ] as [(Value, [String])])
  func aVolumeHasOneSourceThatCanBeMeant(volume: Value, problems: [String]) {
    var web = pod()
    web.spec.volumes = [Volume(json: volume)]
    #expect(lab.refusals(web) == problems)
  }

  @Test func everyMountIsOfAVolumeAndInAPlaceOfItsOwn() {
    var web = pod(volumes: [volume("v", ["configMap": ["name": "a"]]), volume("v", ["secret": ["secretName": "a"]])])
    web.spec.containers[0].volumeMounts = [
      VolumeMount(json: ["name": "v", "mountPath": "/a"]), VolumeMount(json: ["name": "other", "mountPath": "/a"]),
      VolumeMount(json: ["name": "v", "mountPath": "/b", "subPath": "/abs"]),
      VolumeMount(json: ["name": "v", "mountPath": "/c", "subPath": "x", "subPathExpr": "../y"]),
    ]
    let mounts = "spec.containers[0].volumeMounts"
    #expect(
      lab.refusals(web).sorted() == [
        #"\#(mounts)[1].mountPath: Invalid value: "/a": must be unique"#,
        #"\#(mounts)[1].name: Not found: "other""#,
        #"\#(mounts)[2].subPath: Invalid value: "/abs": must be a relative path"#,
        #"\#(mounts)[3].subPathExpr: Invalid value: "../y": must not contain '..'"#,
        #"\#(mounts)[3].subPathExpr: Invalid value: "../y": subPathExpr and subPath are mutually exclusive"#,
        #"spec.volumes[1].name: Duplicate value: "v""#,
      ])
  }

  @Test(
    arguments: [
      (
        ["name": "A", "valueFrom": [:]],
        [
          #"valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"#
        ]
      ),
      (
        ["name": "A", "value": "x", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]],
        [#"valueFrom: Invalid value: "": may not be specified when `value` is not empty"#]
      ),
      (
        ["name": "A", "valueFrom": ["secretKeyRef": ["name": "a"], "configMapKeyRef": ["name": "B", "key": "k"]]],
        [
          "valueFrom.secretKeyRef.key: Required value", #"valueFrom.configMapKeyRef.name: Invalid value: "B": "#,
          #"valueFrom: Invalid value: "": may not have more than one field specified at a time"#,
        ]
      ),
      (
        ["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels"]]],
        [
          #"valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs""#
        ]
      ),
      (
        ["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "spec.color"]]],
        [
          #"valueFrom.fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label not supported: spec.color"#
        ]
      ),
      (
        ["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name['x']"]]],
        [#"valueFrom.fieldRef: Invalid value: "metadata.name": does not support subscript"#]
      ),
      (
        ["name": "A", "valueFrom": ["resourceFieldRef": ["resource": "limits.gpu"]]],
        [
          #"valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory""#
        ]
      ),
      (
        ["name": "A", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu", "divisor": "2m"]]],
        [
          #"valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource"#
        ]
      ),
    ] as [(Value, [String])])
  func aVariableHasOneOriginThatCanBeMeant(variable: Value, problems: [String]) {
    let found = lab.refusals(pod { $0.env = [EnvVar(json: variable)] })
    let expected = problems.map { "spec.containers[0].env[0].\($0)" }.sorted()
    #expect(found.count == expected.count)
    #expect(zip(found.sorted(), expected).allSatisfy { $0.hasPrefix($1) }, "\(found)")
  }

  @Test func variablesOfAnObjectHaveOneOrigin() {
    let found = lab.refusals(
      pod {
        $0.envFrom = [
          EnvFromSource(json: ["prefix": "A="]),
          EnvFromSource(json: ["configMapRef": [:], "secretRef": ["name": "a"]]),
        ]
      })
    let path = "spec.containers[0].envFrom"
    #expect(
      found == [
        "\(path)[0].prefix: Invalid value: \"A=\": a valid environment variable name must consist only of printable "
          + "ASCII characters other than '='",
        "\(path)[0]: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`",
        "\(path)[1].configMapRef.name: Required value",
        "\(path)[1]: Invalid value: \"\": may not have more than one field specified at a time",
      ])
  }

  @Test func aPodsInputsAreFixed() throws {
    try lab.create(pod(volumes: [volume("v", ["configMap": ["name": "a"]])]))
    var changed = try #require(lab.pod())
    changed.spec.volumes[0].configMap?.name = "b"
    #expect(lab.refusals(.update(changed.json)).count == 1)
  }
}
