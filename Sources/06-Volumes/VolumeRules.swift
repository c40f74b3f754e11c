import Objects

// What the schema cannot say of volumes and claims. The sentences are Kubernetes'.

extension PersistentVolumeSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.accessModes.isEmpty { errors.append(.required(path["accessModes"])) }
    errors += AccessMode.problems(self.accessModes, at: path["accessModes"])
    if self.capacity.isEmpty { errors.append(.required(path["capacity"])) }
    if self.capacity.names != ["storage"] {
      errors.append(.notSupported(path["capacity"], json["capacity"] ?? .emptyObject, supported: ["storage"]))
    }
    errors += size.map { $0.problems(at: path["capacity"][key: "storage"]) } ?? []
    switch (self.hostPath, self.local) {
    case (nil, nil): errors.append(.required(path, "must specify a volume type"))
    case (_?, _?): errors.append(.forbidden(path["local"], "may not specify more than 1 volume type"))
    case (nil, _?) where self.nodeAffinity?.required == nil:
      errors.append(.required(path["nodeAffinity"], "Local volume requires node affinity"))
    default: break
    }
    if let name = self.storageClassName, !name.isEmpty {
      errors += Names.subdomainProblems(name).map { .invalid(path["storageClassName"], .string(name), $0) }
    }
    return errors
  }

  /// What it is may not change; who has it may.
  func problems(replacing old: PersistentVolumeSpec, at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.hostPath != old.hostPath || self.local != old.local {
      let rule = "spec.persistentvolumesource is immutable after creation"
      errors.append(.forbidden(path["persistentvolumesource"], rule))
    }
    for name in ["volumeMode", "nodeAffinity"] where json[name] != old.json[name] && old.json[name] != nil {
      errors.append(.invalid(path[name], json[name] ?? .null, "field is immutable"))
    }
    return errors
  }

  var size: Quantity? { self.capacity["storage"] }
}

extension PersistentVolumeClaimSpec {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if self.accessModes.isEmpty {
      errors.append(.required(path["accessModes"], "at least 1 access mode is required"))
    }
    errors += AccessMode.problems(self.accessModes, at: path["accessModes"])
    errors += self.selector?.problems(at: path["selector"]) ?? []
    let place = path["resources"][key: "storage"]
    errors += size.map { $0.problems(at: place) } ?? [.required(place)]
    if let name = self.storageClassName, !name.isEmpty {
      errors += Names.subdomainProblems(name).map { .invalid(path["storageClassName"], .string(name), $0) }
    }
    return errors
  }

  /// A claim gets a volume and a class once; a bound one may ask for more.
  func problems(replacing old: PersistentVolumeClaim, at path: FieldPath) -> [FieldError] {
    var same = self
    if old.spec.volumeName ?? "" == "" { same.volumeName = old.spec.volumeName }
    if old.spec.storageClassName == nil { same.storageClassName = nil }
    if old.status.phase == .bound { same.resources = old.spec.resources }
    var errors: [FieldError] = []
    if same != old.spec {
      let rule =
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
      errors.append(.forbidden(path, rule))
    }
    if let new = size, let before = old.spec.size, new < before, new <= old.status.capacity["storage"] ?? .zero {
      let place = path["resources"]["requests"]["storage"]
      errors.append(.forbidden(place, "field can not be less than status.capacity"))
    }
    return errors
  }

  var size: Quantity? { self.resources.requests["storage"] }
}

extension AccessMode {
  static func problems(_ words: [String], at path: FieldPath) -> [FieldError] {
    let errors = words.filter { AccessMode(rawValue: $0) == nil }.map {
      FieldError.notSupported(path, .string($0), supported: allCases.map(\.rawValue))
    }
    guard words.contains(Self.readWriteOncePod.rawValue), Set(words).count > 1 else { return errors }
    return errors + [.forbidden(path, "may not use ReadWriteOncePod with other access modes")]
  }
}

extension Quantity {
  fileprivate func problems(at path: FieldPath) -> [FieldError] {
    self > .zero ? [] : [.invalid(path, asValue, "must be greater than zero")]
  }
}
