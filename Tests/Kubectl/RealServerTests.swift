import APIServer
import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Store
import Synchronization
import Testing

@testable import Kubectl

/// The API server of this package, asked without a socket. No controller runs: what is there was put there.
private final class RealServer: Transport {
  let server: APIServer
  private let spoken = Mutex((output: "", errors: ""))
  static let now = Time(microseconds: 1_795_232_220_000_000)

  init() throws {
    let cluster = Cluster(layers: [.pods, .replicaSets, .deployments])
    server = APIServer(
      cluster: cluster, store: try Store(storage: MemoryStorage(), indexes: cluster.indexes),
      surroundings: Surroundings(
        now: { Self.now }, timers: NoTimers(), logs: NoLogs(), decodeYAML: { _ in .null }, platform: "test", seed: 1))
  }

  private func respond(_ request: Request) async -> Response {
    switch server.respond(to: request) {
    case .now(let response): response
    case .later(let response): await response()
    }
  }

  func send(_ request: Request) async throws -> WholeAnswer {
    if let document = FakeCluster.discovery[request.path] { return .ok(document) }
    let response = await respond(request)
    guard case .pieces(let pieces) = response.body else { return .refused(500, "", "a stream") }
    return WholeAnswer(status: response.status, headers: response.headers, body: Array(pieces.joined()))
  }

  func stream(_ request: Request) async throws -> StreamedAnswer {
    let response = await respond(request)
    return StreamedAnswer(
      status: response.status,
      body: AsyncThrowingStream { continuation in
        if case .pieces(let pieces) = response.body { for piece in pieces { continuation.yield(piece) } }
        continuation.finish()
      })
  }

  func kubectl(_ line: String, input: String = "", environment: [String: String] = [:]) async -> (
    code: Int32, output: String, errors: String
  ) {
    spoken.withLock { $0 = ("", "") }
    let world = World(
      environment: environment.merging(["KUBECONFIG": "/config"]) { $1 },
      write: { bytes in self.spoken.withLock { $0.output += String(decoding: bytes, as: UTF8.self) } },
      complain: { text in self.spoken.withLock { $0.errors += text } }, input: { Array(input.utf8) },
      read: { $0 == "/config" ? Array(FakeCluster.kubeconfig.utf8) : World.real.read($0) }, now: { Self.now },
      pause: { _ in try await Task.never() }, connect: { _ in self })
    let code = await Kubectl.run(line.split(separator: " ").map(String.init), in: world)
    return spoken.withLock { (code, $0.output, $0.errors) }
  }
}

private struct NoTimers: Timers {
  func call(at time: Time, _ ring: @escaping @Sendable () -> Void) {}
}

private struct NoLogs: LogSource {
  struct None: Error {}
  func open(_ run: ContainerRun) throws -> any LogReader { throw None() }
}

@Suite struct RealServerTests {
  private let cluster: RealServer

  init() async throws {
    cluster = try RealServer()
    _ = await cluster.kubectl("create namespace default")
  }

  private let manifest = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - {name: a, image: "x:1"}
          - {name: b, image: "y:1", env: [{name: A, value: "1"}, {name: B, value: "2"}]}
    """

  private func get(_ path: String) async -> String {
    await cluster.kubectl("get deploy/web -o jsonpath=\(path)").output
  }

  @Test func applyMeetsWhatOthersChanged() async {
    #expect(await cluster.kubectl("apply -f -", input: manifest).output == "deployment.apps/web created\n")
    #expect(await cluster.kubectl("apply -f -", input: manifest).output == "deployment.apps/web unchanged\n")
    #expect(await cluster.kubectl("scale deploy web --replicas=7").output == "deployment.apps/web scaled\n")
    #expect(await cluster.kubectl("label deploy web mine=1").output == "deployment.apps/web labeled\n")
    let changed = manifest.replacing("  replicas: 2\n", with: "").replacing("y:1", with: "y:2")
      .replacing("{name: A, value: \"1\"}, ", with: "")
    let result = await cluster.kubectl("apply -f -", input: changed)
    #expect(result.output == "deployment.apps/web configured\n", "\(result.errors)")
    #expect(await get("{.spec.template.spec.containers[*].image}") == "x:1 y:2")
    #expect(await get("{.spec.template.spec.containers[1].env[*].name}") == "B")
    #expect(await get("{.metadata.labels.mine}") == "1")
    #expect(await get("{.spec.replicas}") == "1")
    #expect(await cluster.kubectl("apply -f -", input: changed).output == "deployment.apps/web unchanged\n")
  }

  @Test func diffShowsWhatApplyWouldDo() async {
    _ = await cluster.kubectl("apply -f -", input: manifest)
    #expect(await cluster.kubectl("diff -f -", input: manifest).code == 0)
    let result = await cluster.kubectl("diff -f -", input: manifest.replacing("x:1", with: "x:2"))
    #expect(result.code == 1, "\(result.errors)")
    #expect(result.output.contains("-      - image: x:1\n+      - image: x:2\n"), "\(result.output)")
    #expect(await get("{.spec.template.spec.containers[0].image}") == "x:1")
  }

  @Test func whatIsWrongIsSaidInKubectlsWords() async {
    let unknown = manifest.replacing("  replicas: 2", with: "  replicaz: 2")
    let result = await cluster.kubectl("apply -f -", input: unknown)
    #expect(result.code == 1)
    #expect(
      result.errors
        == "Error from server (BadRequest): error when creating \"STDIN\": Deployment in version \"v1\" cannot be handled "
        + "as a Deployment: strict decoding error: unknown field \"spec.replicaz\"\n")
    let invalid = await cluster.kubectl("create -f -", input: manifest.replacing("name: web", with: "name: We_b"))
    #expect(
      invalid.errors.hasPrefix("The Deployment \"We_b\" is invalid: metadata.name: Invalid value"), "\(invalid.errors)")
  }

  @Test func everyCommandFindsWhatItNeeds() async {
    _ = await cluster.kubectl("apply -f -", input: manifest)
    let cases = [
      ("set image deploy/web a=x:3", "deployment.apps/web image updated\n"),
      ("set env deploy/web C=3 B-", "deployment.apps/web env updated\n"),
      ("annotate deploy web note=1", "deployment.apps/web annotated\n"),
      ("rollout pause deploy/web", "deployment.apps/web paused\n"),
      ("rollout resume deploy/web", "deployment.apps/web resumed\n"),
      ("rollout restart deploy/web", "deployment.apps/web restarted\n"),
      ("rollout history deploy/web", "deployment.apps/web \nNo rollout history found.\n"),
      ("patch deploy web -p {\"spec\":{\"replicas\":3}}", "deployment.apps/web patched\n"),
      ("label deploy web a=b", "deployment.apps/web labeled\n"),
      ("label deploy web a-", "deployment.apps/web unlabeled\n"),
      ("run hello --image=hello-world --restart=Never", "pod/hello created\n"),
      ("get pods -o name", "pod/hello\n"),
      ("delete pod hello --wait=false", "pod \"hello\" deleted\n"),
      ("get deploy --no-headers -o custom-columns=N:.metadata.name,R:.spec.replicas", "web   3\n"),
      ("delete deploy --all", "deployment.apps \"web\" deleted\n"),
    ]
    for (line, output) in cases {
      let result = await cluster.kubectl(line)
      #expect(result.output == output, "\(line): \(result.errors)")
      #expect(result.code == 0, "\(line)")
    }
  }

  @Test func anotherProgramEditsAndCompares() async {
    _ = await cluster.kubectl("apply -f -", input: manifest)
    let edited = await cluster.kubectl("edit deploy web", environment: ["KUBE_EDITOR": "perl -pi -e s/x:1/x:9/"])
    #expect(edited.output == "deployment.apps/web edited\n", "\(edited.errors)")
    #expect(await get("{.spec.template.spec.containers[*].image}") == "x:9 y:1")
    let same = await cluster.kubectl("edit deploy web", environment: ["EDITOR": "true"])
    #expect(same.errors == "Edit cancelled, no changes made.\n")
    let program = ["KUBECTL_EXTERNAL_DIFF": "diff -r >/dev/null"]
    #expect(await cluster.kubectl("diff -f -", input: manifest, environment: program).code == 1)
    _ = await cluster.kubectl("apply -f -", input: manifest)
    #expect(await cluster.kubectl("diff -f -", input: manifest, environment: program).code == 0)
  }

  @Test func versionsAreListedAndPutBack() async {
    _ = await cluster.kubectl("apply -f -", input: manifest)
    let uid = await get("{.metadata.uid}")
    for (number, image) in [(1, "x:0"), (2, "x:1")] {
      let set = """
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata:
          name: web-\(number)
          labels: {app: web}
          annotations: {deployment.kubernetes.io/revision: "\(number)"}
          ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: \(uid), controller: true}]
        spec:
          replicas: 0
          selector: {matchLabels: {app: web, pod-template-hash: h\(number)}}
          template:
            metadata: {labels: {app: web, pod-template-hash: h\(number)}}
            spec: {containers: [{name: a, image: "\(image)"}]}
        """
      let result = await cluster.kubectl("create -f -", input: set)
      #expect(result.output == "replicaset.apps/web-\(number) created\n", "\(result.errors)")
    }
    #expect(
      await cluster.kubectl("rollout history deploy/web").output
        == "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n")
    #expect(
      await cluster.kubectl("rollout history deploy/web --revision=1").output
        .hasPrefix("deployment.apps/web with revision #1\nPod Template:\n  Labels:\tapp=web\n"))
    #expect(
      await cluster.kubectl("rollout undo deploy/web --to-revision=9").errors
        == "error: unable to find specified revision 9 in history\n")
    let result = await cluster.kubectl("rollout undo deploy/web")
    #expect(result.output == "deployment.apps/web rolled back\n", "\(result.errors)")
    #expect(await get("{.spec.template.spec.containers[*].image}") == "x:0")
    #expect(await get("{.spec.template.metadata.labels}") == #"{"app":"web"}"#)
    #expect(
      await cluster.kubectl("rollout undo deploy/web --to-revision=1").output
        == "deployment.apps/web skipped rollback (current template already matches revision 1)\n")
  }

  @Test func describingShowsTheTemplate() async {
    _ = await cluster.kubectl("apply -f -", input: manifest)
    let text = await cluster.kubectl("describe deploy web").output
    for line in [
      "Name:                   web\n", "Selector:               app=web\n",
      "Replicas:               2 desired | 0 updated | 0 total | 0 available | 0 unavailable\n",
      "Pod Template:\n  Labels:  app=web\n  Containers:\n   a:\n    Image:        x:1\n", "NewReplicaSet:     <none>\n",
    ] {
      #expect(text.contains(line), "\(line)\n\(text)")
    }
    #expect(await cluster.kubectl("describe ns default").output.contains("Name:         default\n"))
  }
}
