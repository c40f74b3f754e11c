import Deployments
public import Objects
public import Pods

/// A template as it once was, under a number: what a roll-out goes to, and what an undo goes back to.
///
/// The controller of a ``RevisionOwner`` writes it, nobody has a status to write, and it wakes the controller that owns
/// it.
public struct ControllerRevision: Resource {
  public static let schemaName = "apps.v1.ControllerRevision"
  public static let documentation = "A template as it once was, under a number."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let data = Field<Value>(2, "A patch that brings the owner's template back. Cannot change.", .immutable)
    public let revision = Field<Int64>(
      3, "The higher, the later the template was rolled out.", .listedAsRequired, .default(0), .atLeast(0))

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      structure["data"] == nil ? [.required(path["data"], "data is mandatory")] : []
    }
  }
}

extension ControllerRevision {
  public static let kind = Kind(
    ControllerRevision.self, group: "apps", name: "ControllerRevision", resource: "controllerrevisions"
  ).with {
    $0.columns = [
      Column("Controller", "The owner.") { revision, _ in
        .string(ControllerRevision(json: revision).controller?.title ?? "<none>")
      },
      Column("Revision", "Its number.") { revision, _ in
        .integer(ControllerRevision(json: revision).number)
      },
      .age,
    ]
  }

  public var number: Int64 { self.revision ?? 0 }

  /// The template that the revision keeps.
  public var template: PodTemplateSpec {
    var template = self.data?.at(["spec", "template"]) ?? .emptyObject
    template["$patch"] = nil
    return PodTemplateSpec(json: template)
  }

  /// What a client puts back with one strategic merge patch: the template as a whole, so that nothing of a later one
  /// stays.
  static func patch(for template: PodTemplateSpec) -> Value {
    var members = Members([("$patch", "replace")])
    for (name, value) in template.json.members ?? Members() { members[name] = value }
    return ["spec": ["template": .object(members)]]
  }
}

extension OwnerReference {
  // "statefulset.apps/web"
  fileprivate var title: String {
    let group = (self.apiVersion ?? "").split(separator: "/").dropLast().first.map { ".\($0)" } ?? ""
    return "\((self.kind ?? "").lowercased())\(group)/\(self.name ?? "")"
  }
}
