import Objects
import Pods

// What the schema cannot say of volumes and mounts. The sentences are Kubernetes'.

extension Volume {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let name = self.name, !name.isEmpty {
      errors += Names.labelProblems(name).map { .invalid(path["name"], .string(name), $0) }
    }
    // Which sources there are, this chapter need not know: the API has left only members that some chapter declares.
    if sources.isEmpty { errors.append(.required(path, "must specify a volume type")) }
    return errors + sources.dropFirst().map { .forbidden(path[$0], "may not specify more than 1 volume type") }
  }
}

extension ProjectedVolumeSource {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors = FileMode.problems(json, "defaultMode", at: path)
    var taken: Set<String> = []
    for (index, source) in self.sources.enumerated() {
      if let names = source.json.members?.names, names.count > 1 {
        errors.append(.forbidden(path["sources"][index], "may not specify more than 1 volume type per source"))
      }
      let keys = (source.secret?.items ?? []) + (source.configMap?.items ?? [])
      let name = source.secret?.name ?? source.configMap?.name
      let files = keys.map { ($0.path, name) } + (source.downwardAPI?.items ?? []).map { ($0.path, $0.path) }
      for case (let file?, let culprit) in files where !file.isEmpty && !taken.insert(file).inserted {
        errors.append(.invalid(path, .string(culprit ?? ""), "conflicting duplicate paths"))
      }
    }
    return errors
  }
}

extension DownwardAPIVolumeFile {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors =
      RelativePath.fileProblems(self.path ?? "", at: path["path"]) + FileMode.problems(json, "mode", at: path)
    switch (self.fieldRef, self.resourceFieldRef) {
    case (nil, nil): errors.append(.required(path, "one of fieldRef and resourceFieldRef is required"))
    case (let field?, let resource):
      errors += field.problems(in: .volume, at: path["fieldRef"])
      guard resource != nil else { break }
      let sentence = "fieldRef and resourceFieldRef can not be specified simultaneously"
      errors.append(.invalid(path, "resource", sentence))
    case (nil, let resource?):
      if (resource.containerName ?? "").isEmpty {
        errors.append(.required(path["resourceFieldRef"]["containerName"]))
      }
    }
    return errors
  }
}

extension VolumeMount {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors = RelativePath.problems(self.subPath ?? "", at: path["subPath"])
    if let expression = self.subPathExpr, !expression.isEmpty {
      if !(self.subPath ?? "").isEmpty {
        let sentence = "subPathExpr and subPath are mutually exclusive"
        errors.append(.invalid(path["subPathExpr"], .string(expression), sentence))
      }
      errors += RelativePath.problems(expression, at: path["subPathExpr"])
    }
    return errors
  }
}

extension PodSpec {
  // Every mount is of a volume that the pod has, and no two of a container are in one place.
  func mountProblems(at path: FieldPath) -> [FieldError] {
    let names = Set(self.volumes.compactMap(\.name))
    let groups = [("initContainers", self.initContainers), ("containers", self.containers)]
    return groups.flatMap { field, containers in
      containers.enumerated().flatMap { index, container in
        container.mountProblems(of: names, at: path[field][index]["volumeMounts"])
      }
    }
  }
}

extension Container {
  fileprivate func mountProblems(of volumes: Set<String>, at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    var taken: Set<String> = []
    for (index, mount) in self.volumeMounts.enumerated() {
      if let name = mount.name, !name.isEmpty, !volumes.contains(name) {
        errors.append(FieldError(.notFound, path[index]["name"], .string(name)))
      }
      if let place = mount.mountPath, !place.isEmpty, !taken.insert(place).inserted {
        errors.append(.invalid(path[index]["mountPath"], .string(place), "must be unique"))
      }
    }
    return errors
  }
}

/// A path that stays below where it begins.
enum RelativePath {
  static func problems(_ text: String, at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if text.hasPrefix("/") { errors.append(.invalid(path, .string(text), "must be a relative path")) }
    if text.split(separator: "/").contains("..") {
      errors.append(.invalid(path, .string(text), "must not contain '..'"))
    }
    return errors
  }

  /// Names that begin with two dots are the host's own: "..data".
  static func fileProblems(_ text: String, at path: FieldPath) -> [FieldError] {
    let errors = problems(text, at: path)
    guard errors.isEmpty, text.hasPrefix("..") else { return errors }
    return [.invalid(path, .string(text), "must not start with '..'")]
  }
}

enum FileMode {
  static func problems(_ structure: Value, _ field: String, at path: FieldPath) -> [FieldError] {
    guard let mode = structure[field]?.integer, !(0...0o777).contains(mode) else { return [] }
    let sentence = "must be a number between 0 and 0777 (octal), both inclusive"
    return [.invalid(path[field], .integer(mode), sentence)]
  }
}
