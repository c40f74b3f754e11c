public import Objects
public import Pods

/// A kind that was not there when the cluster was built: what it is called, and what its objects look like.
///
/// Whoever brings an operator writes the spec. The definition controller writes the status: which names the kind may
/// have, and that it is served. The removal controller empties it when it is deleted.
public struct CustomResourceDefinition: Resource {
  public static let schemaName = "apiextensions.v1.CustomResourceDefinition"
  public static let documentation = "A kind that users bring: its names, its versions and their schemas."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<DefinitionSpec>(2, "The kind as it is meant to be.", .required)
    public let status = Part<DefinitionStatus>(3, "What has become of it.")
  }
}

/// The kind as it is meant to be.
public struct DefinitionSpec: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceDefinitionSpec"
  public static let documentation = "A kind as it is meant to be."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let group = Field<String>(1, "The group of the kind, a domain: stable.example.com.", .required)
    public let names = Part<DefinitionNames>(3, "What the kind is called.", .required)
    public let scope = Field<DefinitionScope>(4, "Whether its objects are in namespaces.", .required)
    public let versions = List<DefinitionVersion>(
      7, "The forms in which it can be read and written.", .required, .atomic)
    public let conversion = Field<DefinitionConversion>(9, "How one version becomes another.")
    public let preserveUnknownFields = Field<Bool>(10, "Of an older API; must be false.")
  }
}

public enum DefinitionScope: String, Enumeration {
  case cluster = "Cluster"
  case namespaced = "Namespaced"
}

/// What a kind is called, in paths and on the command line.
public struct DefinitionNames: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceDefinitionNames"
  public static let documentation = "What a kind is called, in paths and on the command line."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let plural = Field<String>(1, "As in paths: crontabs.", .listedAsRequired)
    public let singular = Field<String>(2, "As people say it: crontab. Unless given, the kind in lower case.")
    public let shortNames = List<String>(3, "For those who type much: ct.", .atomic)
    public let kind = Field<String>(4, "As objects say it: CronTab.", .listedAsRequired)
    public let listKind = Field<String>(5, "As lists say it. Unless given, the kind and List.")
    public let categories = List<String>(6, "Groups of kinds to which it belongs, such as all.", .atomic)
  }
}

/// One form in which the objects of a kind can be read and written.
public struct DefinitionVersion: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceDefinitionVersion"
  public static let documentation = "One form in which the objects of a kind can be read and written."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "v1beta1, for example.", .required)
    public let served = Field<Bool>(2, "Whether it can be asked for.", .listedAsRequired)
    public let storage = Field<Bool>(3, "Whether objects are stored in it; one version is.", .listedAsRequired)
    public let schema = Field<DefinitionSchema>(4, "What its objects look like.")
    public let subresources = Field<DefinitionSubresources>(5, "Which parts of an object have paths of their own.")
    public let additionalPrinterColumns = List<DefinitionColumn>(6, "What kubectl get prints.", .atomic)
    public let deprecated = Field<Bool>(7, "Whether those who use it are warned.")
    public let deprecationWarning = Field<String>(8, "The words of the warning.")
    public let selectableFields = List<DefinitionSelectableField>(9, "What field selectors can ask for.", .atomic)
  }
}

/// Holds the schema of a version.
public struct DefinitionSchema: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceValidation"
  public static let documentation = "What the objects of a version look like."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let openAPIV3Schema = Field<JSONSchema>(1, "The schema of a whole object.")
  }
}

/// Which parts of an object have paths of their own.
public struct DefinitionSubresources: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceSubresources"
  public static let documentation = "Which parts of an object have paths of their own."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let status = Field<DefinitionStatusPath>(1, "If present, the status is written by itself.")
    public let scale = Field<DefinitionScale>(2, "If present, the object can be scaled.")
  }
}

/// Says by its presence that the status is written by itself.
public struct DefinitionStatusPath: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceSubresourceStatus"
  public static let documentation = "Says by its presence that the status is written by itself."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()
  }
}

/// Where an object has the numbers that scaling is about.
public struct DefinitionScale: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceSubresourceScale"
  public static let documentation = "Where an object has the numbers that scaling is about."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let specReplicasPath = Field<String>(1, "How many there should be: .spec.replicas.", .required)
    public let statusReplicasPath = Field<String>(2, "How many there are: .status.replicas.", .required)
    public let labelSelectorPath = Field<String>(3, "Which pods are counted, as text: .status.selector.")
  }
}

/// A column of the table that kubectl prints.
public struct DefinitionColumn: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceColumnDefinition"
  public static let documentation = "A column of the table that kubectl prints."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let name = Field<String>(1, "Its heading.", .required)
    public let type = Field<String>(2, "integer, number, string, boolean or date.", .required)
    public let format = Field<String>(3, "int32, int64, float, double, byte, date, date-time or password.")
    public let description = Field<String>(4, "What it shows.")
    public let priority = Field<Int>(5, "Above 0 it is shown with -o wide only.")
    public let jsonPath = Field<String>(6, "Where the object has it: .spec.replicas.", .required)
  }
}

/// A field that field selectors can ask for.
public struct DefinitionSelectableField: Structure {
  public static let schemaName = "apiextensions.v1.SelectableField"
  public static let documentation = "A field that field selectors can ask for."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let jsonPath = Field<String>(1, "Where the object has it: .spec.color.", .required)
  }
}

/// How one version of an object becomes another.
public struct DefinitionConversion: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceConversion"
  public static let documentation = "How one version of an object becomes another."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let strategy = Field<String>(1, "None: only apiVersion changes. (Webhook is not served.)", .required)
  }
}

/// What has become of a definition.
public struct DefinitionStatus: Structure {
  public static let schemaName = "apiextensions.v1.CustomResourceDefinitionStatus"
  public static let documentation = "What has become of a definition."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let conditions = List<DefinitionCondition>(1, "Whether it is served, and why not.", .keyed(by: ["type"]))
    public let acceptedNames = Part<DefinitionNames>(2, "The names under which it is served.")
    public let storedVersions = List<String>(3, "The versions in which objects may be stored.", .atomic)
    public let observedGeneration = Field<Int64>(4, "The generation that this was said about.")
  }
}

/// One aspect of a definition's state.
public struct DefinitionCondition: StatusCondition {
  public static let schemaName = "apiextensions.v1.CustomResourceDefinitionCondition"
  public static let documentation = "One aspect of a definition's state, and since when it holds."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let type = Field<String>(1, "NamesAccepted, Established or Terminating.", .required)
    public let status = Field<String>(2, "True, False or Unknown.", .required)
    public let lastTransitionTime = Field<Time>(3, "When the status last changed.")
    public let reason = Field<String>(4, "One word for programs: why.")
    public let message = Field<String>(5, "A sentence for people: why.")
    public let observedGeneration = Field<Int64>(6, "The generation that this was said about.")
  }
}
