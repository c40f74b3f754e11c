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
    errors += sources.dropFirst().map { .forbidden(path[$0], "may not specify more than 1 volume type") }
    return errors
  }
}

extension VolumeMount {
  func problems(at path: FieldPath) -> [FieldError] {
    var errors: [FieldError] = []
    if let subPath = self.subPath { errors += RelativePath.problems(subPath, at: path["subPath"]) }
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
