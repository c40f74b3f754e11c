import ControlLoop
import Objects
import Store

/// Which objects a list or a watch is about: those of a kind, in a namespace, with certain labels and fields.
/// Specified by the Kubernetes documentation, "Labels and Selectors" and "Field Selectors".
struct Selection: Sendable {
  private let kind: Kind
  private let namespace: String?
  private let name: String?
  private let labels: LabelQuery
  private let fields: [FieldCondition]
  /// Where to look for them: what an index has under a value.
  private let index: (name: String, value: String)?

  private struct FieldCondition: Sendable {
    var field: SelectableField
    var requirement: FieldRequirement
  }

  /// Throws a 400 for a selector that cannot be read or asks for a field that cannot be selected.
  /// - Parameter indexes: what the store can be asked for, beside labels.
  init(_ call: Call, indexes: [Index]) throws(StatusError) {
    kind = call.target.kind
    let query: FieldQuery
    do throws(SelectorError) {
      labels = try LabelQuery(parsing: call.request.parameter("labelSelector") ?? "")
      query = try FieldQuery(parsing: call.request.parameter("fieldSelector") ?? "")
    } catch {
      throw .badRequest(error.description)
    }
    // A name and a namespace narrow the search itself; another one that contradicts them is a condition like others.
    let ownNamespace = call.target.namespace.isEmpty ? nil : call.target.namespace
    name = call.target.name ?? query.equality(at: "metadata.name")
    namespace = ownNamespace ?? query.equality(at: "metadata.namespace")
    var fields: [FieldCondition] = []
    for requirement in query.requirements {
      guard let field = Self.field(requirement.path, of: kind) else {
        throw .badRequest("field label not supported: \(requirement.path)")
      }
      fields.append(FieldCondition(field: field, requirement: requirement))
    }
    self.fields = fields
    let hasNodeIndex = indexes.contains { index in
      index.name == Self.nodeIndex
        && (index.resource ?? call.target.kind.groupResource) == call.target.kind.groupResource
    }
    if hasNodeIndex, let node = query.equality(at: "spec.nodeName") {
      index = (Self.nodeIndex, node)
    } else {
      index = labels.equality.map { (Index.label.name, "\($0.name)=\($0.value)") }
    }
  }

  private static let nodeIndex = "nodeName"
  private static let commonFields = ["metadata.name", "metadata.namespace"].map { SelectableField($0) }

  private static func field(_ path: String, of kind: Kind) -> SelectableField? {
    (commonFields + kind.selectableFields).first { $0.path == path }
  }

  func matches(_ record: Record) -> Bool {
    if let name, record.key.name != name { return false }
    if let namespace, record.key.namespace != namespace { return false }
    return matchesContent(of: record)
  }

  private func matchesContent(of record: Record) -> Bool {
    fields.allSatisfy { ($0.field.text(record.value) == $0.requirement.value) == $0.requirement.isEqual }
      && (labels.isEmpty || labels.matches(Object(json: record.value).metadata.labels))
  }
}

extension Selection {
  typealias Page = (records: [Record], next: (namespace: String, name: String)?, remaining: Int?)

  /// Up to `limit` selected objects that come after one of them, in the order of namespaces and names.
  func page(in snapshot: Snapshot, after: (namespace: String, name: String)? = nil, limit: Int? = nil) -> Page {
    if let name, namespace != nil || !kind.isNamespaced {
      let record = snapshot.record(Key(resource: kind.groupResource, namespace: namespace ?? "", name: name))
      return (record.map { matchesContent(of: $0) ? [$0] : [] } ?? [], nil, nil)
    }
    let isEverything = labels.isEmpty && fields.isEmpty && name == nil
    let filter: ((Record) -> Bool)? = isEverything ? nil : { matches($0) }
    return snapshot.page(
      kind.groupResource, namespace: namespace, index: index, after: after, limit: limit ?? .max, where: filter)
  }
}
