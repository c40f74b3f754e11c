import ControlLoop
import Objects
import Store

// Who gets which address and which node port. Nothing is remembered: what is taken is what the services in the snapshot
// have, so a restart forgets nothing and a deleted service gives everything back. Two writers that choose the same from
// one snapshot meet at the unique indexes, where the second is refused and chooses again.

extension Index {
  /// Services by their cluster IP.
  static let clusterIP = Index(name: "clusterIP", resource: Service.kind.groupResource, isUnique: true) { value in
    Service(json: value).spec.clusterIPs.filter { $0 != "None" }
  }

  /// Services by their node ports, the one for health checks included. A port is taken for all protocols, but one
  /// service may use it for several.
  static let nodePort = Index(name: "nodePort", resource: Service.kind.groupResource, isUnique: true) { value in
    let spec = Service(json: value).spec
    return (spec.ports.map(\.nodePort) + [spec.healthCheckNodePort]).compactMap { $0 == 0 ? nil : $0.map(String.init) }
  }
}

/// Completes a service on its way into the store. (Kubernetes: "Service ClusterIP allocation".)
struct ServiceAllocation {
  static let step = AdmissionStep("ServiceAllocation", resource: Service.kind.groupResource) {
    (request, object) throws(StatusError) in
    guard request.operation != .delete, request.subresource == nil else { return }
    var allocation = ServiceAllocation(of: Service(json: object), key: request.key, in: request.view)
    try allocation.complete()
    object = allocation.service.json
  }

  private var service: Service
  private let key: Key
  private let view: View
  private var random: SeededGenerator
  private var errors: [FieldError] = []

  private init(of service: Service, key: Key, in view: View) {
    self.service = service
    self.key = key
    self.view = view
    random = view.names(for: service)
  }

  private mutating func complete() throws(StatusError) {
    if service.spec.needsClusterIP { try completeClusterIP() }
    var nodePorts = service.spec.ports.map { $0.nodePort ?? 0 }
    try completeNodePorts(&nodePorts)
    try completeHealthCheckPort(besides: nodePorts)
    if !errors.isEmpty { throw .invalid(Service.kind, name: service.name, errors) }
  }

  private func isTaken(_ value: String, in index: Index) -> Bool {
    view.snapshot.records(Service.kind.groupResource, index: index.name, equals: value).contains { $0.key != key }
  }
}

// MARK: Addresses

extension ServiceAllocation {
  private mutating func completeClusterIP() throws(StatusError) {
    let range = ClusterAddresses.services
    if let wanted = service.spec.clusterIPs.first {
      guard let address = IPv4Address(wanted) else { return }
      if let problem = problem(with: address, in: range) {
        let list = Value.array(service.spec.clusterIPs.map(Value.string))
        errors.append(
          .invalid(FieldPath("spec.clusterIPs"), list, "failed to allocate IP \(wanted): \(problem)"))
      }
    } else if (service.spec.clusterIP ?? "").isEmpty {
      // Who chooses an address chooses a low one, as a rule: leave those to people as long as there are others.
      let order = search(1..<range.count - 1, reserved: 256)
      guard let place = order.first(where: { problem(with: range[$0], in: range) == nil }) else {
        throw .full("failed to allocate a serviceIP: range is full")
      }
      service.spec.clusterIP = range[place].description
      service.spec.clusterIPs = [range[place].description]
    }
  }

  // From a random place on, so that two who choose at the same time rarely choose the same; what is reserved for people
  // comes last.
  private mutating func search(_ range: Range<Int>, reserved: Int) -> some Sequence<Int> {
    let free = range.lowerBound + reserved
    let start = Int.random(in: free..<range.upperBound, using: &random)
    return [start..<range.upperBound, free..<start, range.lowerBound..<free].lazy.joined()
  }

  private func problem(with address: IPv4Address, in range: CIDR) -> String? {
    guard range.contains(address), address != range.base, address != range[range.count - 1] else {
      return "the provided IP (\(address)) is not in the valid range. The range of valid IPs is \(range)"
    }
    let isTaken = address == ClusterAddresses.dns || isTaken(address.description, in: .clusterIP)
    return isTaken ? "provided IP is already allocated" : nil
  }
}

// MARK: Node ports

extension ServiceAllocation {
  private mutating func completeNodePorts(_ numbers: inout [Int]) throws(StatusError) {
    let ports = service.spec.ports
    for index in ports.indices where numbers[index] != 0 {
      errors += problems(with: numbers[index], at: FieldPath("spec.ports")[index]["nodePort"])
    }
    guard service.spec.needsNodePorts else { return }
    for index in ports.indices where numbers[index] == 0 {
      // DNS is one port of two protocols: its node port should be one, too.
      let twin = ports.indices.first {
        ports[$0].port == ports[index].port && ports[$0].protocol != ports[index].protocol && numbers[$0] != 0
      }
      if let twin { numbers[index] = numbers[twin] } else { numbers[index] = try freePort(besides: numbers) }
    }
    service.spec.ports = ports.enumerated().map { index, port in
      var port = port
      port.nodePort = numbers[index]
      return port
    }
  }

  private mutating func completeHealthCheckPort(besides others: [Int]) throws(StatusError) {
    if let number = service.spec.healthCheckNodePort, number != 0 {
      errors += problems(with: number, at: FieldPath("spec.healthCheckNodePort"))
    } else if service.spec.needsHealthCheckPort {
      service.spec.healthCheckNodePort = try freePort(besides: others)
    }
  }

  private mutating func freePort(besides others: [Int]) throws(StatusError) -> Int {
    let range = ClusterAddresses.nodePorts
    let order = search(range.lowerBound..<range.upperBound + 1, reserved: 86)
    guard let port = order.first(where: { !others.contains($0) && !isTaken(String($0), in: .nodePort) }) else {
      throw .full("failed to allocate a nodePort: range is full")
    }
    return port
  }

  private func problems(with port: Int, at path: FieldPath) -> [FieldError] {
    let range = ClusterAddresses.nodePorts
    let sentence: String
    if !range.contains(port) {
      sentence =
        "provided port is not in the valid range. The range of valid ports is \(range.lowerBound)-\(range.upperBound)"
    } else if isTaken(String(port), in: .nodePort) {
      sentence = "provided port is already allocated"
    } else {
      return []
    }
    return [.invalid(path, .integer(Int64(port)), sentence)]
  }
}

extension StatusError {
  fileprivate static func full(_ message: String) -> StatusError {
    StatusError("InternalError", code: 500, "Internal error occurred: \(message)")
  }
}
