import Objects

// What the schema cannot say of a pod's parts. The rules stand with the parts and not with the pod, so that they hold
// wherever a part occurs, and name the place: spec.template.spec.containers[0].image. The sentences are Kubernetes'.

extension PodSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    sharedNames(at: path) + initRestartPolicies(at: path) + names(at: path) + hostPorts(at: path)
  }

  // The schema has checked each list; a container and an init container may not share a name either.
  private func sharedNames(at path: FieldPath) -> [FieldError] {
    let taken = Set(self.containers.compactMap(\.name))
    return self.initContainers.enumerated().compactMap { index, container in
      guard let name = container.name, taken.contains(name) else { return nil }
      return FieldError(.duplicate, path["initContainers"][index]["name"], .string(name))
    }
  }

  private func initRestartPolicies(at path: FieldPath) -> [FieldError] {
    self.containers.indices.filter { self.containers[$0].json["restartPolicy"] != nil }.map {
      .forbidden(path["containers"][$0]["restartPolicy"], "may not be set for non-init containers")
    }
  }

  private func names(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let hostname = self.hostname, !hostname.isEmpty {
      errors += Names.labelProblems(hostname).map { .invalid(path["hostname"], .string(hostname), $0) }
    }
    if let nodeName = self.nodeName, !nodeName.isEmpty {
      errors += Names.subdomainProblems(nodeName).map { .invalid(path["nodeName"], .string(nodeName), $0) }
    }
    if let schedulerName = self.schedulerName {
      errors += Names.subdomainProblems(schedulerName).map {
        .invalid(path["schedulerName"], .string(schedulerName), $0)
      }
    }
    for (index, secret) in self.imagePullSecrets.enumerated() where (secret.name ?? "").isEmpty {
      errors.append(.required(path["imagePullSecrets"][index]["name"]))
    }
    return errors
  }

  // Two containers of a pod cannot listen on one port of the node.
  private func hostPorts(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    var taken: Set<String> = []
    for (index, container) in self.containers.enumerated() {
      for (position, port) in container.ports.enumerated() where port.hostPort ?? 0 != 0 {
        let number = Int64(port.hostPort ?? 0)
        let place = path["containers"][index]["ports"][position]
        if self.hostNetwork == true, port.hostPort != port.containerPort {
          errors.append(
            .invalid(
              place["containerPort"], .integer(Int64(port.containerPort ?? 0)),
              "must match `hostPort` when `hostNetwork` is true"))
        }
        let identity = "\(port.protocol?.rawValue ?? "TCP")/\(port.hostIP ?? "")/\(number)"
        if !taken.insert(identity).inserted {
          errors.append(FieldError(.duplicate, place["hostPort"], .string(identity)))
        }
      }
    }
    return errors
  }
}

extension Container {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let name = self.name, !name.isEmpty {
      errors += Names.labelProblems(name).map { .invalid(path["name"], .string(name), $0) }
    }
    if let image = self.image, !image.isEmpty {
      if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
        errors.append(.invalid(path["image"], .string(image), "must not have leading or trailing whitespace"))
      }
    } else {
      errors.append(.required(path["image"]))
    }
    var names: Set<String> = []
    for (index, port) in self.ports.enumerated() {
      if let name = port.name, !name.isEmpty, !names.insert(name).inserted {
        errors.append(FieldError(.duplicate, path["ports"][index]["name"], .string(name)))
      }
    }
    return errors
  }
}

extension ContainerPort {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let name = self.name, !name.isEmpty {
      errors += Names.portProblems(name).map { .invalid(path["name"], .string(name), $0) }
    }
    if self.containerPort ?? 0 == 0 {
      errors.append(.required(path["containerPort"]))
    } else {
      errors += Self.range(self.containerPort, at: path["containerPort"])
    }
    if self.hostPort ?? 0 != 0 { errors += Self.range(self.hostPort, at: path["hostPort"]) }
    return errors
  }

  private static func range(_ number: Int?, at path: FieldPath) -> [FieldError] {
    guard let number, !(1...65_535).contains(number) else { return [] }
    return [.invalid(path, .integer(Int64(number)), "must be between 1 and 65535, inclusive")]
  }
}

extension EnvVar {
  func problems(at path: FieldPath) -> [FieldError] {
    guard let name = self.name, !name.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }) else {
      return []
    }
    return [
      .invalid(
        path["name"], .string(name),
        "a valid environment variable name must consist only of printable ASCII characters other than '='")
    ]
  }
}

// MARK: Updates

/// A change of a pod that exists. Its containers are running: all but a few fields would have to be carried out by
/// starting another pod, and that is what the kinds of later chapters do.
struct PodUpdate {
  let old: PodSpec
  let new: PodSpec

  init(from old: PodSpec, to new: PodSpec) {
    self.old = old
    self.new = new
  }

  func problems(at path: FieldPath) -> [FieldError] {
    if new == old { return [] }
    let counts = [("containers", \PodSpec.containers.count), ("initContainers", \PodSpec.initContainers.count)]
    let resized = counts.filter { old[keyPath: $0.1] != new[keyPath: $0.1] }
    guard resized.isEmpty else {
      return resized.map { .forbidden(path[$0.0], "pod updates may not add or remove containers") }
    }
    return deadline(at: path["activeDeadlineSeconds"])
      + (withoutMutableFields == old ? [] : [.forbidden(path, Self.rule)])
  }

  // The deadline may come nearer, not go away.
  private func deadline(at path: FieldPath) -> [FieldError] {
    guard let before = old.activeDeadlineSeconds else { return [] }
    guard let after = new.activeDeadlineSeconds else {
      return [.invalid(path, .null, "must not update from a positive integer to nil value")]
    }
    return after > before ? [.invalid(path, .integer(after), "must be less than or equal to previous value")] : []
  }

  // The new spec with the old values of everything that may change: equal to the old one if nothing else did.
  private var withoutMutableFields: PodSpec {
    var spec = new
    spec.containers = zip(new.containers, old.containers).map { $0.withImage(of: $1) }
    spec.initContainers = zip(new.initContainers, old.initContainers).map { $0.withImage(of: $1) }
    spec.activeDeadlineSeconds = old.activeDeadlineSeconds
    if let before = old.terminationGracePeriodSeconds, before < 0, new.terminationGracePeriodSeconds == 1 {
      spec.terminationGracePeriodSeconds = before
    }
    return spec
  }

  private static let rule = """
    pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
    `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
    """
}

extension Container {
  fileprivate func withImage(of other: Container) -> Container {
    var container = self
    container.image = other.image
    return container
  }
}
