public import Objects
public import Pods

/// A node as the scheduler sees it: itself, and the sum of its pods.
public struct NodeState: Sendable {
  public internal(set) var node: Node
  public private(set) var allocatable = Amounts()
  public private(set) var maxPods = 0
  public private(set) var podCount = 0
  /// What its pods have asked for.
  public private(set) var requested = Amounts()
  /// The same for scores, see ``PodShape``.
  public private(set) var guessed = Amounts()
  public private(set) var hostPorts: [HostPort] = []
  /// How many pods of each shape are there.
  private(set) var population: [(shape: PodShape, count: Int)] = []

  public var name: String { node.name }
  public var labels: Mapping<String> { node.metadata.labels }

  public init(_ node: Node) {
    self.node = node
    measure()
  }

  /// Takes over what the node says of itself; its pods stay.
  mutating func update(_ node: Node) {
    self.node = node
    measure()
  }

  private mutating func measure() {
    let status = node.status
    allocatable = Amounts(status.allocatable)
    // A node that says nothing takes as many as an agent does by default.
    maxPods = status.allocatable["pods"].map { Int($0.value) } ?? 110
  }

  /// - Parameter change: 1 for a pod that has come, -1 for one that has gone.
  mutating func count(_ change: Int, of shape: PodShape) {
    podCount += change
    requested.add(shape.requests, times: Int64(change))
    guessed.add(shape.guessed, times: Int64(change))
    for port in shape.hostPorts {
      if change > 0 {
        hostPorts.append(port)
      } else if let index = hostPorts.firstIndex(of: port) {
        hostPorts.remove(at: index)
      }
    }
    if let index = population.firstIndex(where: { $0.shape === shape }) {
      population[index].count += change
      if population[index].count == 0 { population.remove(at: index) }
    } else {
      population.append((shape, change))
    }
  }
}
