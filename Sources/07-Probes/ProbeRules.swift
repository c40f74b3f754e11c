import Objects
import Pods

// What the schema cannot say of probes and hooks. The sentences are Kubernetes'.

extension PodSpec {
  func probeProblems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    for (index, container) in self.initContainers.enumerated() {
      let place = path["initContainers"][index]
      errors += container.isSidecar ? problems(of: container, at: place) : container.surplusProbes(at: place)
    }
    for (index, container) in self.containers.enumerated() {
      errors += problems(of: container, at: path["containers"][index])
    }
    for (index, gate) in self.readinessGates.enumerated() {
      let (type, place) = (gate.conditionType ?? "", path["readinessGates"][index]["conditionType"])
      errors += Names.qualifiedNameProblems(type).map { .invalid(place, .string(type), $0) }
    }
    return errors
  }

  private func problems(of container: Container, at path: FieldPath) -> [FieldError] {
    let hooks = [("postStart", container.lifecycle?.postStart), ("preStop", container.lifecycle?.preStop)]
    var errors = hooks.flatMap { name, hook in
      hook.map { Handler(json: $0.json).problems(at: path["lifecycle"][name], of: self) } ?? []
    }
    for (name, probe) in [
      ("livenessProbe", container.livenessProbe), ("readinessProbe", container.readinessProbe),
      ("startupProbe", container.startupProbe),
    ] {
      guard let probe else { continue }
      errors += Handler(json: probe.json).problems(at: path[name], of: self)
      errors += name == "readinessProbe" ? probe.readinessProblems(at: path[name]) : probe.problems(at: path[name])
    }
    return errors
  }
}

extension Container {
  // Nobody asks a container that runs to its end how it is.
  fileprivate func surplusProbes(at path: FieldPath) -> [FieldError] {
    ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"].filter { json[$0] != nil }.map {
      .forbidden(path[$0], "may not be set for init containers without restartPolicy=Always")
    }
  }
}

extension Probe {
  // A probe that ends a container has to make up its mind at the first good answer.
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let seconds = self.terminationGracePeriodSeconds, seconds <= 0 {
      errors.append(.invalid(path["terminationGracePeriodSeconds"], .integer(seconds), "must be greater than 0"))
    }
    if let count = self.successThreshold, count != 1 {
      errors.append(.invalid(path["successThreshold"], .integer(Int64(count)), "must be 1"))
    }
    return errors
  }

  fileprivate func readinessProblems(at path: FieldPath) -> [FieldError] {
    self.terminationGracePeriodSeconds.map {
      [
        .invalid(
          path["terminationGracePeriodSeconds"], .integer($0), "must not be set for readinessProbes")
      ]
    } ?? []
  }
}

/// What probes and hooks have in common: exactly one of some members says what to do.
private struct Handler {
  let json: Value

  func problems(at path: FieldPath, of spec: PodSpec) -> [FieldError] {
    let given = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"].filter { json[$0] != nil }
    guard let first = given.first, let action = json[first] else {
      return [.required(path, "must specify a handler type")]
    }
    return problems(of: first, action, at: path[first], in: spec)
      + given.dropFirst().map { .forbidden(path[$0], "may not specify more than 1 handler type") }
  }

  private func problems(of name: String, _ action: Value, at path: FieldPath, in spec: PodSpec) -> [FieldError] {
    switch name {
    case "exec":
      return ExecAction(json: action).command.isEmpty ? [.required(path["command"])] : []
    case "httpGet":
      let get = HTTPGetAction(json: action)
      return portProblems(get.port, at: path["port"])
        + get.httpHeaders.compactMap { header in
          let name = header.name ?? ""
          return Self.isHeaderName(name)
            ? nil : .invalid(path["httpHeaders"], .string(name), Self.headerRule)
        }
    case "sleep":
      let (seconds, most) = (SleepAction(json: action).seconds ?? 0, spec.terminationGracePeriodSeconds ?? 30)
      let rule = "must be non-negative and less than terminationGracePeriodSeconds (\(most))"
      return (0...max(0, most)).contains(seconds) ? [] : [.invalid(path, .integer(seconds), rule)]
    case "grpc":
      return portProblems(.integer(GRPCAction(json: action).port ?? 0), at: path["port"])
    default:
      return portProblems(TCPSocketAction(json: action).port, at: path["port"])
    }
  }

  private func portProblems(_ port: IntOrString?, at path: FieldPath) -> [FieldError] {
    switch port ?? .integer(0) {
    case .integer(let number):
      return (1...65_535).contains(number)
        ? [] : [.invalid(path, .integer(Int64(number)), "must be between 1 and 65535, inclusive")]
    case .string(let name):
      return Names.portProblems(name).map { .invalid(path, .string(name), $0) }
    }
  }

  private static func isHeaderName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  private static let headerRule = """
    a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for \
    validation is '[-A-Za-z0-9]+')
    """
}
