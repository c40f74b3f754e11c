import ControlLoop
import Objects
import Pods

/// The variables of one container, each name once. (Kubernetes: "Define Dependent Environment Variables".)
struct ContainerEnvironment {
  private(set) var values: [String: String] = [:]
  private var names: [String] = []

  /// - Parameter given: what the container has without having asked for it, such as the addresses of services.
  init(
    of container: Container, given: [ContainerConfiguration.EnvironmentVariable], _ facts: PodFacts, in view: View
  ) throws(Unresolved) {
    for variable in given { set(variable.name, variable.value) }
    let namespace = facts.pod.namespace
    for origin in container.envFrom {
      guard let source = origin.source, let content = try source.content(in: view, namespace) else { continue }
      for (key, piece) in content.pieces {
        guard let text = piece.text(from: source) else { continue }
        set((origin.prefix ?? "") + key, text)
      }
    }
    for variable in container.env {
      let name = variable.name ?? ""
      if let origin = variable.valueFrom {
        guard let value = try Self.value(of: origin, for: container, facts, in: view) else { continue }
        set(name, value)
      } else {
        set(name, Expansion.expand(variable.value ?? "") { values[$0] })
      }
    }
  }

  var variables: [ContainerConfiguration.EnvironmentVariable] {
    names.map { .init(name: $0, value: values[$0] ?? "") }
  }

  private mutating func set(_ name: String, _ value: String) {
    if values.updateValue(value, forKey: name) == nil { names.append(name) }
  }

  // Nil for what is not there and need not be.
  private static func value(
    of origin: EnvVarSource, for container: Container, _ facts: PodFacts, in view: View
  ) throws(Unresolved) -> String? {
    if let field = origin.fieldRef { return facts.text(of: field) }
    if let resource = origin.resourceFieldRef { return try facts.amount(of: resource, for: container) }
    guard let (source, key) = origin.sourceAndKey,
      let content = try source.content(in: view, facts.pod.namespace)
    else { return nil }
    if let text = content[key]?.text(from: source) { return text }
    if source.isOptional { return nil }
    let kind = source.kind == .configMap ? "ConfigMap" : "Secret"
    throw Unresolved("couldn't find key \(key) in \(kind) \(facts.pod.namespace)/\(source.name)")
  }
}

extension Content.Piece {
  // A ConfigMap's binary keys are for files only.
  fileprivate func text(from source: Source) -> String? {
    switch self {
    case .text(let text): text
    case .base64: source.kind == .secret ? String(decoding: bytes, as: UTF8.self) : nil
    }
  }
}

extension EnvFromSource {
  var source: Source? {
    self.configMapRef.map { Source(.configMap, $0.name, optional: $0.optional) }
      ?? self.secretRef.map { Source(.secret, $0.name, optional: $0.optional) }
  }
}

extension EnvVarSource {
  var sourceAndKey: (source: Source, key: String)? {
    self.configMapKeyRef.map { (Source(.configMap, $0.name, optional: $0.optional), $0.key ?? "") }
      ?? self.secretKeyRef.map { (Source(.secret, $0.name, optional: $0.optional), $0.key ?? "") }
  }
}
