import Objects

/// What holds for the metadata of every object, whatever its kind (Kubernetes API reference, ObjectMeta).
enum MetadataRules {
  static func validate(_ value: Value, of kind: Kind) -> [FieldError] {
    let metadata = Object(json: value).metadata
    let path = FieldPath("metadata")
    return name(metadata, kind, path)
      + namespace(metadata, kind, path)
      + metadata.labels.members.flatMap { label($0.name, $0.value, path["labels"]) }
      + annotations(metadata, path["annotations"])
      + metadata.finalizers.enumerated().flatMap { index, finalizer in
        Names.qualifiedNameProblems(finalizer).map {
          FieldError.invalid(path["finalizers"][index], .string(finalizer), $0)
        }
      }
      + owners(metadata.ownerReferences, path["ownerReferences"])
  }

  private static func name(_ metadata: ObjectMeta, _ kind: Kind, _ path: FieldPath) -> [FieldError] {
    guard let name = metadata.name, !name.isEmpty else {
      return [.required(path["name"], "name or generateName is required")]
    }
    return kind.validateName(name).map { .invalid(path["name"], .string(name), $0) }
  }

  private static func namespace(_ metadata: ObjectMeta, _ kind: Kind, _ path: FieldPath) -> [FieldError] {
    guard kind.isNamespaced else { return [] }
    guard let namespace = metadata.namespace, !namespace.isEmpty else { return [.required(path["namespace"])] }
    return Names.labelProblems(namespace).map { .invalid(path["namespace"], .string(namespace), $0) }
  }

  private static func label(_ name: String, _ value: Value, _ path: FieldPath) -> [FieldError] {
    Names.qualifiedNameProblems(name).map { .invalid(path, .string(name), $0) }
      + Names.labelValueProblems(value.string ?? "").map { .invalid(path, value, $0) }
  }

  private static func annotations(_ metadata: ObjectMeta, _ path: FieldPath) -> [FieldError] {
    var size = 0
    var errors: [FieldError] = []
    for (name, value) in metadata.annotations.members {
      errors += Names.qualifiedNameProblems(name.lowercased()).map { .invalid(path, .string(name), $0) }
      size += name.utf8.count + (value.string?.utf8.count ?? 0)
    }
    if size > annotationLimit {
      errors.append(FieldError(.tooLong, path, nil, "may not be more than \(annotationLimit) bytes"))
    }
    return errors
  }

  private static let annotationLimit = 256 * 1_024

  private static func owners(_ owners: [OwnerReference], _ path: FieldPath) -> [FieldError] {
    let controllers = owners.filter { $0.controller == true }
    guard controllers.count > 1 else { return [] }
    return [
      .invalid(
        path, .array(owners.map(\.json)),
        "Only one reference can have Controller set to true. Found \"true\" in references for "
          + controllers.map { $0.name ?? "" }.joined(separator: " and "))
    ]
  }
}
