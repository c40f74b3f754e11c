public import Objects
public import Pods

// Which nodes reach a volume. Chapter 9 gives pods the same language.

public struct VolumeNodeAffinity: Structure {
  public static let schemaName = "core.v1.VolumeNodeAffinity"
  public static let documentation = "The nodes from which a volume can be reached."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let required = Field<NodeSelector>(1, "Without one of these nodes there is no way to it.", .atomicMap)
  }
}

/// Selects the nodes that any of its terms selects.
public struct NodeSelector: Structure {
  public static let schemaName = "core.v1.NodeSelector"
  public static let documentation = "Selects the nodes that any of its terms selects."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let nodeSelectorTerms = List<NodeSelectorTerm>(1, "At least one.", .required, .atomic)
  }
}

public struct NodeSelectorTerm: Structure {
  public static let schemaName = "core.v1.NodeSelectorTerm"
  public static let documentation = "Conditions that a node must meet, all of them; without any it selects no node."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let matchExpressions = List<NodeSelectorRequirement>(1, "Conditions on the node's labels.", .atomic)
    public let matchFields = List<NodeSelectorRequirement>(2, "Conditions on metadata.name.", .atomic)
  }
}

public struct NodeSelectorRequirement: Structure {
  public static let schemaName = "core.v1.NodeSelectorRequirement"
  public static let documentation = "A label or field, an operator and the values it is compared with."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let key = Field<String>(1, "The label, or metadata.name.", .required)
    public let `operator` = Field<String>(2, "In, NotIn, Exists, DoesNotExist, Gt or Lt.", .required)
    public let values = List<String>(3, "What it is compared with; one number for Gt and Lt.", .atomic)
  }
}

extension NodeSelector {
  /// - Parameter hostname: the node's name.
  public init(hostname: String) {
    self.init { selector in
      let here = NodeSelectorRequirement {
        $0.key = "kubernetes.io/hostname"
        $0.operator = "In"
        $0.values = [hostname]
      }
      selector.nodeSelectorTerms = [NodeSelectorTerm { $0.matchExpressions = [here] }]
    }
  }

  public func matches(_ node: Node) -> Bool {
    self.nodeSelectorTerms.contains { term in
      let labels = term.matchExpressions.map { $0.isMet(by: node.metadata.labels[$0.key ?? ""]) }
      let fields = term.matchFields.map { $0.isMet(by: $0.key == "metadata.name" ? node.name : nil) }
      return !(labels + fields).isEmpty && !(labels + fields).contains(false)
    }
  }
}

extension NodeSelectorRequirement {
  func isMet(by text: String?) -> Bool {
    switch self.operator {
    case "In": text.map(self.values.contains) ?? false
    case "NotIn": !(text.map(self.values.contains) ?? false)
    case "Exists": text != nil
    case "DoesNotExist": text == nil
    case "Gt": compare(text) { $0 > $1 }
    case "Lt": compare(text) { $0 < $1 }
    default: false
    }
  }

  private func compare(_ text: String?, _ isRight: (Int, Int) -> Bool) -> Bool {
    guard let number = text.flatMap({ Int($0) }), let bound = self.values.first.flatMap({ Int($0) }) else {
      return false
    }
    return isRight(number, bound)
  }
}

extension PersistentVolume {
  /// Whether a pod on this node can use it.
  public func isReachable(from node: Node) -> Bool {
    self.spec.nodeAffinity?.required.map { $0.matches(node) } ?? true
  }
}
