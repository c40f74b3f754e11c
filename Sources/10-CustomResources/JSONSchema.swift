public import Objects

/// What a value may look like, as JSON: OpenAPI's schema, with Kubernetes' additions.
///
/// Specified by the Kubernetes API reference (JSONSchemaProps) and the OpenAPI Specification 3.0.
public struct JSONSchema: Structure {
  public static let schemaName = "apiextensions.v1.JSONSchemaProps"
  public static let documentation = "What a value may look like."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(5, "object, array, string, integer, number or boolean.")
    public let title = Field<String>(7, "A heading.")
    public let description = Field<String>(4, "What kubectl explain shows.")
    public let format = Field<String>(6, "What a string or a number stands for: date-time, int32.")
    public let nullable = Field<Bool>(37, "Whether null is a value.")
    public let `default` = Field<Value>(8, "What is filled in where nothing is given.")
    public let example = Field<Value>(36, "A value for people to look at.")
    public let `enum` = List<Value>(20, "The values that are allowed.", .atomic)

    public let minimum = Field<Double>(11, "The least that a number may be.")
    public let exclusiveMinimum = Field<Bool>(12, "Whether a number has to be more than the minimum.")
    public let maximum = Field<Double>(9, "The most that a number may be.")
    public let exclusiveMaximum = Field<Bool>(10, "Whether a number has to be less than the maximum.")
    public let multipleOf = Field<Double>(19, "What a number has to be a multiple of.")
    public let minLength = Field<Int64>(14, "How many characters a string has at least.", .atLeast(0))
    public let maxLength = Field<Int64>(13, "How many characters a string has at most.", .atLeast(0))
    public let pattern = Field<String>(15, "A regular expression that a string has to match somewhere.")

    public let properties = Map<JSONSchema>(29, "The members of an object.")
    public let required = List<String>(23, "The members that have to be there.", .atomic)
    public let additionalProperties = Field<Value>(30, "The schema of members that have no name of their own, or true.")
    public let minProperties = Field<Int64>(22, "How many members an object has at least.", .atLeast(0))
    public let maxProperties = Field<Int64>(21, "How many members an object has at most.", .atLeast(0))
    public let items = Field<JSONSchema>(24, "The schema of an array's elements.")
    public let minItems = Field<Int64>(17, "How many elements an array has at least.", .atLeast(0))
    public let maxItems = Field<Int64>(16, "How many elements an array has at most.", .atLeast(0))
    public let uniqueItems = Field<Bool>(18, "Not supported: x-kubernetes-list-type says more.")

    public let allOf = List<JSONSchema>(25, "Schemas that must all hold as well.", .atomic)
    public let anyOf = List<JSONSchema>(27, "Schemas of which one or more must hold as well.", .atomic)
    public let oneOf = List<JSONSchema>(26, "Schemas of which one alone must hold as well.", .atomic)
    public let not = Field<JSONSchema>(28, "A schema that must not hold.")

    public let `x-kubernetes-preserve-unknown-fields` = Field<Bool>(38, "Whether members that are not named are kept.")
    public let `x-kubernetes-embedded-resource` = Field<Bool>(39, "Whether the value is an object of the API.")
    public let `x-kubernetes-int-or-string` = Field<Bool>(40, "Whether the value is an integer or a string.")
    public let `x-kubernetes-list-type` = Field<String>(42, "atomic, set or map.")
    public let `x-kubernetes-list-map-keys` = List<String>(41, "The members that identify an element.", .atomic)
    public let `x-kubernetes-map-type` = Field<String>(43, "granular or atomic.")
    public let `x-kubernetes-validations` = List<ValidationRule>(
      44, "Rules in the language CEL.", .keyed(by: ["rule"]), .merge(by: "rule"))

    public let id = Field<String>(1, "Not supported.")
    public let schema = Field<String>(2, "Not supported.", .named("$schema"))
    public let ref = Field<String>(3, "Not supported.", .named("$ref"))
    public let additionalItems = Field<Value>(33, "Not supported.")
    public let definitions = Map<JSONSchema>(34, "Not supported.")
    public let dependencies = Field<Value>(32, "Not supported.")
    public let patternProperties = Map<JSONSchema>(31, "Not supported.")
    public let externalDocs = Field<ExternalDocumentation>(35, "Where to read more.")
  }
}

/// Where to read more.
public struct ExternalDocumentation: Structure {
  public static let schemaName = "apiextensions.v1.ExternalDocumentation"
  public static let documentation = "Where to read more."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let description = Field<String>(1, "What is there.")
    public let url = Field<String>(2, "Where.")
  }
}

/// A rule in the language CEL, about the value that it stands at.
public struct ValidationRule: Structure {
  public static let schemaName = "apiextensions.v1.ValidationRule"
  public static let documentation = "A rule in the language CEL, about the value that it stands at."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let rule = Field<String>(1, "What has to be true; self is the value, oldSelf the one before.", .required)
    public let message = Field<String>(2, "What people are told when it is not.")
    public let messageExpression = Field<String>(3, "Makes what people are told.")
    public let reason = Field<String>(4, "What programs are told: FieldValueInvalid, unless given.")
    public let fieldPath = Field<String>(5, "Which member is to blame, if not the value itself: .spec.maximum.")
    public let optionalOldSelf = Field<Bool>(6, "Whether the rule is also about new values: oldSelf is an optional.")
  }
}

extension Double: FieldValue {
  public init?(_ value: Value) {
    switch value {
    case .integer(let integer): self = Double(integer)
    case .double(let double): self = double
    default: return nil
    }
  }

  public var asValue: Value { .double(self) }
  public static var fieldType: FieldType { .double }
}
