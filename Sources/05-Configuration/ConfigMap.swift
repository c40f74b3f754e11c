import ControlLoop
public import Objects

/// Settings under names: text, or bytes that are no text.
///
/// Users write it, nobody writes a status, and what wakes is not a controller: the agents of the nodes look at the pods
/// that name it.
public struct ConfigMap: Resource {
  public static let schemaName = "core.v1.ConfigMap"
  public static let documentation = "Settings for pods, each under a name."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let data = Map<String>(2, "Texts by their keys.")
    public let binaryData = Map<Base64Text>(3, "Bytes by their keys, which data may not have too.")
    public let immutable = Field<Bool>(4, "Whether the content is fixed for ever. Cannot be taken back.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      ConfigMap(json: structure).problems
    }
  }

  public static let kind = Kind(ConfigMap.self, name: "ConfigMap", resource: "configmaps", shortNames: ["cm"]).with {
    $0.validate = { new, old in Immutability.problems(new, old, fields: ["data", "binaryData"]) }
    $0.columns = [
      Column("Data", "How many keys there are.") { value, _ in
        let map = ConfigMap(json: value)
        return .integer(Int64(map.data.count + map.binaryData.count))
      },
      .age,
    ]
  }
}

/// The same for what not everybody may read. It is kept apart so that it can be treated apart: it is never printed, and
/// access to it is given separately.
public struct Secret: Resource {
  public static let schemaName = "core.v1.Secret"
  public static let documentation = "Passwords, keys and certificates for pods, each under a name."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let data = Map<Base64Text>(2, "Bytes by their keys.")
    public let type = Field<String>(
      3, "What the content is good for; some types require certain keys. Cannot change.", .default("Opaque"),
      .immutable)
    public let stringData = Map<String>(4, "The same as text, for writers: becomes part of data and is never read.")
    public let immutable = Field<Bool>(5, "Whether the content is fixed for ever. Cannot be taken back.")

    public static func validate(_ structure: Value, at path: FieldPath) -> [FieldError] {
      Secret(json: structure).problems
    }
  }

  public static let kind = Kind(Secret.self, name: "Secret", resource: "secrets").with {
    $0.prepareForCreate = { $0 = Secret.takingInStrings(of: $0) }
    $0.prepareForUpdate = { new, _ in new = Secret.takingInStrings(of: new) }
    $0.validate = { new, old in Immutability.problems(new, old, fields: ["data"]) }
    $0.columns = [
      Column("Type", "What the content is good for.") { value, _ in .string(Secret(json: value).type ?? "") },
      Column("Data", "How many keys there are.") { value, _ in .integer(Int64(Secret(json: value).data.count)) },
      .age,
    ]
  }

  // A value of another type stays where it is, to be complained about.
  private static func takingInStrings(of value: Value) -> Value {
    var secret = Secret(json: value)
    let strings = secret.stringData.map { ($0.name, Base64Text(bytes: $0.value.utf8)) }
    guard strings.count == secret.stringData.count else { return value }
    for (key, text) in strings { secret.data[key] = text }
    secret.stringData = [:]
    return secret.json
  }
}
