import ControlLoop
import Objects
import Pods

/// A ConfigMap or a Secret that a pod names. It is of the pod's namespace.
struct Source: Hashable, Sendable {
  enum Kind: String { case configMap = "configmap", secret = "secret" }

  let kind: Kind
  let name: String
  let isOptional: Bool

  init(_ kind: Kind, _ name: String?, optional: Bool?) {
    self.kind = kind
    self.name = name ?? ""
    isOptional = optional ?? false
  }

  /// "configmap/colors": under which the index finds the pods.
  var indexValue: String { "\(kind.rawValue)/\(name)" }

  /// What it holds; nil when it is not there and need not be.
  func content(in view: View, _ namespace: String) throws(Unresolved) -> Content? {
    let content: Content? =
      switch kind {
      case .configMap: view.object(ConfigMap.self, name, in: namespace).map(Content.init)
      case .secret: view.object(Secret.self, name, in: namespace).map(Content.init)
      }
    if content == nil, !isOptional { throw Unresolved("\(kind.rawValue) \"\(name)\" not found") }
    return content
  }
}

/// What a ConfigMap or a Secret holds.
struct Content {
  enum Piece: Hashable {
    case text(String)
    case base64(Base64Text)
  }

  /// Of the object: another one for every other content.
  let version: String
  let pieces: [(key: String, piece: Piece)]

  init(_ map: ConfigMap) {
    version = map.metadata.resourceVersion ?? ""
    pieces = map.data.map { ($0.name, .text($0.value)) } + map.binaryData.map { ($0.name, .base64($0.value)) }
  }

  init(_ secret: Secret) {
    version = secret.metadata.resourceVersion ?? ""
    pieces = secret.data.map { ($0.name, .base64($0.value)) }
  }

  subscript(key: String) -> Piece? { pieces.first { $0.key == key }?.piece }
}

extension Content.Piece {
  var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .base64(let text): text.bytes ?? []
    }
  }
}
