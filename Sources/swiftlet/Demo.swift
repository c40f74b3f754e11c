import ControlLoop
import Objects
import Pods
import Simulation

/// A chapter's layer at work, told in steps, in simulated time.
struct Demo: Sendable {
  let chapter: Int
  let title: String
  let steps: [Step]

  struct Step: Sendable {
    /// What is done, or what is about to be seen.
    let words: String
    /// How long to let the cluster work after it, in simulated seconds.
    let seconds: Int
    let act: @Sendable (World) -> Void

    init(_ words: String, seconds: Int = 5, act: @escaping @Sendable (World) -> Void = { _ in }) {
      self.words = words
      self.seconds = seconds
      self.act = act
    }
  }

  static let all: [Demo] = [.pods, .replicaSets, .deployments]

  /// Runs the demo; `pause` is called between two steps.
  func run(print: (String) -> Void, pause: () -> Void) throws {
    let world = try World(layers: Layers.through(chapter), seed: UInt64(chapter))
    world.run(for: .seconds(2))
    let start = world.now
    print("Chapter \(chapter): \(title)")
    print("\(Picture.legend)\n")
    for (index, step) in steps.enumerated() {
      if index > 0 { pause() }
      step.act(world)
      print("\(clock(world.now - start))  \(step.words)")
      world.run(for: .seconds(step.seconds))
      print("\(Picture(of: world.view))\n")
    }
  }

  private func clock(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(seconds / 60)):\(two(seconds % 60))"
  }
}

/// The cluster as text: nodes as boxes, pods as dots by state.
struct Picture: CustomStringConvertible {
  static let legend = "· waiting   ◐ starting   ● ready   ○ ending   ✕ failed   ✓ completed"
  let description: String

  init(of view: View) {
    let pods = view.all(Pod.self).filter { $0.namespace == "default" }
    let nodes = view.all(Node.self)
    let homeless = pods.filter { ($0.spec.nodeName ?? "").isEmpty }
    var lines = nodes.flatMap { node in
      Self.box(node.name, pods.filter { $0.spec.nodeName == node.name })
    }
    if !homeless.isEmpty { lines.append("  no node yet: " + homeless.map(Self.describe).joined(separator: "  ")) }
    description = lines.joined(separator: "\n")
  }

  private static func box(_ title: String, _ pods: [Pod]) -> [String] {
    let rows = pods.isEmpty ? ["(empty)"] : pods.map(describe)
    let width = max(title.count + 2, rows.map(\.count).max() ?? 0)
    func padded(_ text: String) -> String { text + String(repeating: " ", count: width - text.count) }
    return ["  ┌ \(title) " + String(repeating: "─", count: width - title.count) + "┐"]
      + rows.map { "  │ \(padded($0)) │" }
      + ["  └" + String(repeating: "─", count: width + 2) + "┘"]
  }

  private static func describe(_ pod: Pod) -> String {
    let image = pod.spec.containers.first?.image ?? ""
    let restarts = pod.restartCount > 0 ? "  restarts: \(pod.restartCount)" : ""
    return "\(symbol(of: pod)) \(pod.name)  \(image)\(restarts)"
  }

  static func symbol(of pod: Pod) -> Character {
    if pod.isBeingDeleted { return "○" }
    switch pod.status.phase ?? .pending {
    case .succeeded: return "✓"
    case .failed: return "✕"
    case .running where pod.isReady: return "●"
    case .running: return pod.status.containerStatuses.contains { $0.state.waiting?.reason == "CrashLoopBackOff" } ? "✕" : "◐"
    default: return (pod.spec.nodeName ?? "").isEmpty ? "·" : "◐"
    }
  }
}
