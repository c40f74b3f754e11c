import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

/// The stories that chapter 1 tells, as `kubectl get pods` would: a line whenever the line changes.
@Suite struct StoryTests {
  @Test func aCrashLoop() throws {
    let web = pod("web") { $0.spec.containers[0].image = "crash-5" }
    #expect(
      try story(of: web, seconds: 100) == """
         0s  1/1  Running           0
         5s  1/1  Running           1 (0s ago)
        10s  0/1  CrashLoopBackOff  1 (0s ago)
        20s  1/1  Running           2 (10s ago)
        25s  0/1  CrashLoopBackOff  2 (0s ago)
        45s  1/1  Running           3 (20s ago)
        50s  0/1  CrashLoopBackOff  3 (0s ago)
        90s  1/1  Running           4 (40s ago)
        95s  0/1  CrashLoopBackOff  4 (0s ago)
        """)
  }

  @Test func anInitContainerThenASidecarThenTheRest() throws {
    let web = pod("web") {
      $0.spec.initContainers = [
        Container(json: ["name": "fetch", "image": "sleep-3"]),
        Container(json: ["name": "log", "image": "slow-2", "restartPolicy": "Always"]),
      ]
    }
    #expect(
      try story(of: web, seconds: 20) == """
         0s  0/2  Init:0/2          0
         3s  0/2  Init:1/2          0
         5s  2/2  Running           0
        """)
  }

  @Test func anImageThatIsNowhere() throws {
    let web = pod("web") { $0.spec.containers[0].image = "missing" }
    #expect(
      try story(of: web, seconds: 40) == """
         0s  0/1  ErrImagePull      0
         5s  0/1  ImagePullBackOff  0
        10s  0/1  ErrImagePull      0
        15s  0/1  ImagePullBackOff  0
        30s  0/1  ErrImagePull      0
        35s  0/1  ImagePullBackOff  0
        """)
  }

  // The plug of node a has been pulled right after its agent reported the pod. b renews its lease and has room.
  @Test func aBarePodDoesNotHeal() throws {
    let world = try TestCluster()
    for name in ["a", "b"] { try world.addNode(name) }
    try world.create(pod("web"))
    world.settle()
    try world.updateStatus(pod("web")) { $0.status.phase = .running }
    var lines: [String] = []
    for second in stride(from: 0, through: 3_600, by: 10) {
      try world.renewLease(of: "b")
      if [0, 30, 40, 3_600].contains(second), let web = world.pod("web") {
        let nodes = world.view.all(Node.self).map { "\($0.name) \(pad(status($0), 8))" }
        lines.append(
          "\(pad("\(second)s", -5))  \(nodes.joined(separator: "  "))  web \(status(web)) on \(web.spec.nodeName ?? "")"
        )
      }
      world.run(for: .seconds(10))
    }
    #expect(
      lines.joined(separator: "\n") == """
           0s  a Ready     b Ready     web Running on a
          30s  a Ready     b Ready     web Running on a
          40s  a NotReady  b Ready     web Running on a
        3600s  a NotReady  b Ready     web Running on a
        """)
  }
}

private func status<T: Resource>(_ object: T) -> String {
  T.kind.table.first { $0.name == "Status" }?.cell(object.json, World.epoch).string ?? ""
}

private func story(of pod: Pod, seconds: Int) throws -> String {
  let world = try World(layers: [.pods], seed: 1)
  world.run(for: .seconds(3))
  let start = world.now
  world.perform([.create(pod.json)])
  var lines: [String] = []
  var last = ""
  for _ in 0..<seconds * 2 {
    guard let stored = world.view.object(Pod.self, pod.name, in: pod.namespace) else { continue }
    let cells = Pod.kind.table[1...3].map { $0.cell(stored.json, world.now).string ?? "" }
    // The seconds in "1 (5s ago)" go on by themselves.
    let essence = stored.status.json.encodedString
    if essence != last, !stored.status.containerStatuses.isEmpty {
      let time = String((world.now - start).components.seconds) + "s"
      lines.append("\(pad(time, -3))  \(cells[0])  \(pad(cells[1], 16))  \(cells[2])")
    }
    last = essence
    world.run(for: .milliseconds(500))
  }
  return lines.joined(separator: "\n")
}

private func pad(_ text: String, _ width: Int) -> String {
  let space = String(repeating: " ", count: max(0, abs(width) - text.count))
  return width < 0 ? space + text : text + space
}
