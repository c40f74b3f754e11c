import APIServer
import Objects
import Synchronization
import Testing

@testable import Kubectl

private let web: Value = [
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": ["name": "web", "namespace": "default", "resourceVersion": "5"],
  "spec": ["replicas": 2, "template": ["spec": ["containers": [["name": "c", "image": "x:1"]]]]],
]

private let podTable: Value = [
  "kind": "Table", "metadata": ["resourceVersion": "7"],
  "columnDefinitions": [
    ["name": "Name", "priority": 0], ["name": "Ready", "priority": 0], ["name": "Node", "priority": 1],
  ],
  "rows": [
    [
      "cells": ["web-abcdef", "1/1", "n1"],
      "object": ["metadata": ["name": "web-abcdef", "namespace": "default", "labels": ["app": "web"]]],
    ],
    ["cells": ["b", "0/1", nil], "object": ["metadata": ["name": "b", "namespace": "other", "labels": [:]]]],
  ],
]

private let manifest = """
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: web
  spec:
    replicas: 2
  """

@Suite struct CommandTests {
  let cluster = FakeCluster()

  private func put(_ objects: [String: Value], tables: [String: Value] = [:]) {
    cluster.contents.withLock {
      $0.objects.merge(objects) { $1 }
      $0.tables.merge(tables) { $1 }
    }
  }

  @Test func tablesAreTheServers() async {
    put([:], tables: ["/api/v1/namespaces/default/pods": podTable, "/api/v1/pods": podTable])
    #expect(await cluster.kubectl("get pods").output == "NAME         READY\nweb-abcdef   1/1\nb            0/1\n")
    #expect(
      await cluster.kubectl("get po -owide --no-headers").output == "web-abcdef   1/1   n1\nb            0/1   \n")
    #expect(
      await cluster.kubectl("get -A pod --show-labels").output
        == "NAMESPACE   NAME         READY   LABELS\ndefault     web-abcdef   1/1     app=web\nother       b            0/1     <none>\n"
    )
  }

  @Test func aWarningIsToldOnce() async {
    put(["/api/v1/namespaces/default/pods/a": ["kind": "Pod"], "/api/v1/namespaces/default/pods/b": ["kind": "Pod"]])
    cluster.contents.withLock { $0.warning = "pods are old" }
    #expect(await cluster.kubectl("get pod a b -o name").errors == "Warning: pods are old\n")
  }

  @Test func severalKindsAreTablesOfTheirOwn() async {
    let empty: Value = ["kind": "Table", "columnDefinitions": [["name": "Name"]], "rows": []]
    var sets = podTable
    sets["columnDefinitions"] = [["name": "Name"]]
    put(
      [:],
      tables: [
        "/api/v1/namespaces/default/pods": podTable, "/apis/apps/v1/namespaces/default/replicasets": sets,
        "/apis/apps/v1/namespaces/default/deployments": empty,
      ])
    #expect(
      await cluster.kubectl("get po,deploy,rs").output
        == "NAME             READY\npod/web-abcdef   1/1\npod/b            0/1\n\nNAME\nreplicaset.apps/web-abcdef\nreplicaset.apps/b\n"
    )
    #expect(
      await cluster.kubectl("get deploy").errors == "No resources found in default namespace.\n")
  }

  @Test func errorsAreKubectlsOwn() async {
    let cases: [(String, String)] = [
      ("get pods x", "Error from server (NotFound): pods \"x\" not found\n"),
      (
        "get pods x y",
        "Error from server (NotFound): pods \"x\" not found\nError from server (NotFound): pods \"y\" not found\n"
      ),
      ("get foos", "error: the server doesn't have a resource type \"foos\"\n"),
      ("get pods --foo", "Error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n"),
      ("get pods -o", "Error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage.\n"),
      ("get pods/x/y", "error: arguments in resource/name form may not have more than one slash\n"),
      ("apply", "error: must specify one of -f and -k\n"),
      ("apply -f nope.yaml", "error: the path \"nope.yaml\" does not exist\n"),
      ("delete pods", "error: resource(s) were provided, but no name was specified\n"),
      ("wait --for=foo pod/x", "error: unrecognized condition: \"foo\"\n"),
      ("label pods x", "error: at least one label update is required\n"),
      ("rollout status", "error: required resource not specified\n"),
      ("rollout foo", "error: unknown command \"foo\"\nSee 'kubectl rollout -h' for help and examples\n"),
      (
        "scale deploy/x --replicas=-1",
        "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0\n"
      ),
      (
        "create configmap",
        "error: exactly one NAME is required, got 0\nSee 'kubectl create configmap -h' for help and examples\n"
      ),
    ]
    for (line, errors) in cases {
      let result = await cluster.kubectl(line)
      #expect(result.errors == errors, "\(line)")
      #expect(result.code == 1, "\(line)")
    }
    #expect(await cluster.kubectl("get pods x --ignore-not-found").code == 0)
  }

  @Test func withoutAClusterTheSentenceSaysHowToStartOne() async {
    let result = await cluster.kubectl(["get", "pods"], hasConfig: false)
    #expect(result.code == 1)
    #expect(result.errors.contains("swiftlet start"))
  }

  @Test func applyCreatesThenLeavesAloneThenConfigures() async throws {
    let path = "/apis/apps/v1/namespaces/default/deployments/web"
    #expect(await cluster.kubectl("apply -f -", input: manifest).output == "deployment.apps/web created\n")
    #expect(await cluster.kubectl("apply -f -", input: manifest).output == "deployment.apps/web unchanged\n")
    let changed = manifest.replacing("replicas: 2", with: "replicas: 3")
    #expect(
      await cluster.kubectl("apply -f - --dry-run=client", input: changed).output
        == "deployment.apps/web configured (dry run)\n")
    #expect(await cluster.kubectl("apply -f -", input: changed).output == "deployment.apps/web configured\n")
    let patch = try #require(cluster.requests.last { $0.method == "PATCH" })
    #expect(patch.path == path)
    #expect(patch.header("content-type") == "application/strategic-merge-patch+json")
    #expect(try Value(parsing: patch.body)["spec"] == ["replicas": 3])
  }

  @Test func badManifestsAreToldWhereAndHow() async {
    cluster.contents.withLock {
      $0.files["bad.yaml"] = "kind: Pod\n---\nmetadata: {name: x}\n"
      $0.files["typo.yaml"] = "apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: x}\n"
      $0.files["broken.yaml"] = "a: b: c\n"
      $0.files["nameless.yaml"] = "apiVersion: v1\nkind: Pod\n"
    }
    for (file, words) in [
      ("bad.yaml", ["bad.yaml, line 1", "apiVersion not set", "apiVersion: v1"]),
      ("broken.yaml", ["broken.yaml", "line 1"]),
      ("typo.yaml", ["no matches for kind \"Deploymnet\" in version \"apps/v1\"", "kind: Deployment"]),
      ("nameless.yaml", ["nameless.yaml, line 1", "name"]),
    ] {
      let result = await cluster.kubectl("apply -f \(file)")
      #expect(result.code == 1)
      for word in words { #expect(result.errors.contains(word), "\(file): \(result.errors)") }
    }
  }

  @Test func deletingWaitsUntilItIsGone() async {
    put(["/apis/apps/v1/namespaces/default/deployments/web": web])
    #expect(await cluster.kubectl("delete deploy web").output == "deployment.apps \"web\" deleted\n")
    #expect(cluster.requests.map(\.method).suffix(2) == ["DELETE", "GET"])
    #expect(
      await cluster.kubectl("delete deploy/web").errors
        == "Error from server (NotFound): deployments \"web\" not found\n")
  }

  @Test func changesSayWhatTheyDid() async throws {
    put([
      "/apis/apps/v1/namespaces/default/deployments/web": web,
      "/apis/apps/v1/namespaces/default/deployments/web/scale": ["spec": ["replicas": 2]],
    ])
    let cases = [
      ("scale deploy web --replicas=5", "deployment.apps/web scaled\n"),
      ("set image deployment/web c=x:2", "deployment.apps/web image updated\n"),
      ("set env deploy/web A=b", "deployment.apps/web env updated\n"),
      ("label deploy web a=b", "deployment.apps/web labeled\n"),
      ("annotate deployments.apps web a=b", "deployment.apps/web annotated\n"),
      ("rollout pause deploy/web", "deployment.apps/web paused\n"),
      ("rollout restart deploy web", "deployment.apps/web restarted\n"),
      ("run hello-world --image hello-world --restart=Never", "pod/hello-world created\n"),
      ("create deployment api --image=nginx", "deployment.apps/api created\n"),
      ("create ns team", "namespace/team created\n"),
      ("create cm settings --from-literal=a=b", "configmap/settings created\n"),
    ]
    for (line, output) in cases {
      let result = await cluster.kubectl(line)
      #expect(result.output == output, "\(line): \(result.errors)")
    }
    #expect(await cluster.kubectl("set image deploy/web z=x").errors == "error: unable to find container named \"z\"\n")
    #expect(
      await cluster.kubectl("scale deploy/web --current-replicas=3 --replicas=4").errors
        == "error: Expected replicas to be 3, was 2\n")
  }

  @Test func objectsArePrintedInEveryForm() async {
    put(["/apis/apps/v1/namespaces/default/deployments/web": web])
    #expect(await cluster.kubectl("get deploy/web -o name").output == "deployment.apps/web\n")
    #expect(await cluster.kubectl("get deploy/web -o jsonpath={.spec.replicas}").output == "2")
    #expect(
      await cluster.kubectl("get deploy/web --output=json").output.hasPrefix("{\n    \"apiVersion\": \"apps/v1\",\n"))
    #expect(
      await cluster.kubectl("get deploy/web -oyaml").output.hasPrefix(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"))
    #expect(
      await cluster.kubectl("get deploy/web -o custom-columns=NAME:.metadata.name,X:.x").output
        == "NAME   X\nweb    <none>\n")
  }

  @Test func watchedChangesStandUnderTheFirstRows() async {
    var one = podTable
    one["rows"] = [["cells": ["b", "1/1", nil], "object": ["metadata": ["name": "b"]]]]
    one["columnDefinitions"] = nil
    put([:], tables: ["/api/v1/namespaces/default/pods": podTable])
    cluster.contents.withLock { [one] in $0.events = [["type": "MODIFIED", "object": one]] }
    #expect(
      await cluster.kubectl("get pods -w").output
        == "NAME         READY\nweb-abcdef   1/1\nb            0/1\nb            1/1\n")
  }

  @Test func logsNameTheContainerTheyTook() async {
    put([
      "/api/v1/namespaces/default/pods/p": [
        "metadata": ["name": "p"], "spec": ["containers": [["name": "a"], ["name": "b"]]],
      ]
    ])
    cluster.contents.withLock { $0.logs["/api/v1/namespaces/default/pods/p/log"] = "one\ntwo\n" }
    let result = await cluster.kubectl("logs p --tail=5 --timestamps")
    #expect(result.output == "one\ntwo\n")
    #expect(result.errors == "Defaulted container \"a\" out of: a, b\n")
    #expect(
      cluster.requests.last?.query.map { "\($0.name)=\($0.value)" } == [
        "container=a", "timestamps=true", "tailLines=5",
      ])
    #expect(
      await cluster.kubectl("logs p --all-containers --prefix").output
        == "[pod/p/a] one\n[pod/p/a] two\n[pod/p/b] one\n[pod/p/b] two\n")
  }

  @Test func waitingEndsWhenTheConditionHolds() async {
    let path = "/api/v1/namespaces/default/pods"
    let pod: Value = ["metadata": ["name": "p"], "status": ["conditions": [["type": "Ready", "status": "True"]]]]
    put(["\(path)/p": pod, path: ["items": [pod], "metadata": ["resourceVersion": "1"]]])
    #expect(await cluster.kubectl("wait --for=condition=ready pod/p").output == "pod/p condition met\n")
    #expect(await cluster.kubectl("wait --for=jsonpath={.metadata.name}=p pod/p").output == "pod/p condition met\n")
  }

  @Test func theKubeconfigIsShownWithoutItsSecrets() async {
    let view = await cluster.kubectl("config view").output
    #expect(view.contains("    token: REDACTED\n"))
    #expect(view.contains("current-context: fake\n"))
    #expect(await cluster.kubectl("config current-context").output == "fake\n")
    #expect(
      await cluster.kubectl("config get-contexts").output
        == "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         fake   fake      me         \n")
    #expect(await cluster.kubectl("config use-context x").errors == "error: no context exists with the name: \"x\"\n")
    #expect(await cluster.kubectl("get pods --context x").errors == "error: context \"x\" does not exist\n")
  }

  @Test func resourcesAreListed() async {
    #expect(
      await cluster.kubectl("api-resources --api-group=apps").output
        == "NAME          SHORTNAMES   APIVERSION   NAMESPACED   KIND\n"
        + "deployments   deploy       apps/v1      true         Deployment\n"
        + "replicasets   rs           apps/v1      true         ReplicaSet\n")
    #expect(await cluster.kubectl("api-versions").output == "apps/v1\nv1\n")
    #expect(await cluster.kubectl("api-resources --namespaced=false -o name").output == "namespaces\nnodes\n")
  }

  @Test func aClientsDryRunNeedsNoServer() async {
    let result = await cluster.kubectl(
      ["run", "web", "--image=nginx", "--dry-run=client", "-o", "yaml"], hasConfig: false)
    #expect(
      result.output == """
        apiVersion: v1
        kind: Pod
        metadata:
          creationTimestamp: null
          labels:
            run: web
          name: web
        spec:
          containers:
          - image: nginx
            name: web
            resources: {}
          dnsPolicy: ClusterFirst
          restartPolicy: Always
        status: {}

        """)
  }

  @Test func helpIsThereForEveryCommand() async {
    for command in Command.all {
      let result = await cluster.kubectl(command.name + " --help")
      #expect(result.code == 0)
      #expect(result.output.contains("Usage:\n  kubectl \(command.name)"))
    }
    #expect(await cluster.kubectl("frob").errors.hasPrefix("Error: unknown command \"frob\" for \"kubectl\""))
  }
}
