import Objects

/// The nodes, sorted into places by the value of one label. Nodes without the label are in no place.
struct Topology: Sendable {
  /// For each node the number of its place, or -1.
  let places: [Int]
  let count: Int

  init(_ key: String, of labels: [Mapping<String>]) {
    var numbers: [String: Int] = [:]
    places = labels.map { labels in
      guard let value = labels[key] else { return -1 }
      let number = numbers[value] ?? numbers.count
      numbers[value] = number
      return number
    }
    count = numbers.count
  }
}

/// The topologies of a cluster, each made when it is first asked for.
struct Topologies: Sendable {
  private let labels: [Mapping<String>]
  private var known: [String: Topology] = [:]

  init(of nodes: [NodeState]) { labels = nodes.map(\.labels) }

  subscript(key: String) -> Topology {
    mutating get {
      if let topology = known[key] { return topology }
      let topology = Topology(key, of: labels)
      known[key] = topology
      return topology
    }
  }
}

/// A number for each place.
struct Counter: Sendable {
  let topology: Topology
  private(set) var counts: [Int]

  init(_ topology: Topology) {
    self.topology = topology
    counts = Array(repeating: 0, count: topology.count)
  }

  /// The number of a node's place; nil where the node is in none.
  func callAsFunction(_ node: Int) -> Int? {
    let place = topology.places[node]
    return place < 0 ? nil : counts[place]
  }

  mutating func add(_ change: Int, at node: Int) {
    let place = topology.places[node]
    if place >= 0 { counts[place] += change }
  }
}
