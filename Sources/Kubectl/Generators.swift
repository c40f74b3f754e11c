// The objects that `create` and `run` make from their flags.

import Objects

enum Generate {
  /// The last part of an image's name, without tag and digest: the container's name.
  static func containerName(ofImage image: String) -> String {
    let last = image.split(separator: "/").last ?? ""
    return String(last.prefix { $0 != ":" && $0 != "@" })
  }

  static func deployment(name: String, images: [String], command: [String], replicas: Int, port: Int?) -> Value {
    var names: [String] = []
    let containers = images.map { image -> Value in
      var container = containerName(ofImage: image).map { $0.isLetter || $0.isNumber ? $0 : "-" }.reduce("") {
        $0 + String($1)
      }
      container = container.lowercased()
      if names.contains(container) { container += "-\(names.count)" }
      names.append(container)
      var value: Value = ["name": .string(container), "image": .string(image), "resources": .emptyObject]
      if let port { value["ports"] = [["containerPort": .integer(Int64(port))]] }
      if !command.isEmpty { value["command"] = .array(command.map { .string($0) }) }
      return value
    }
    let labels: Value = ["app": .string(name)]
    return [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": .string(name), "creationTimestamp": nil, "labels": labels],
      "spec": [
        "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": labels], "strategy": .emptyObject,
        "template": [
          "metadata": ["creationTimestamp": nil, "labels": labels],
          "spec": ["containers": .array(containers)],
        ],
      ],
      "status": .emptyObject,
    ]
  }

  struct PodRequest {
    var name: String
    var image: String
    var restartPolicy = "Always"
    var command: [String] = []
    var arguments: [String] = []
    var environment: [(name: String, value: String)] = []
    var labels: [(name: String, value: String)] = []
    var annotations: [(name: String, value: String)] = []
    var port: Int?
    var pullPolicy: String?
  }

  static func pod(_ request: PodRequest) -> Value {
    var container: Value = [
      "name": .string(request.name), "image": .string(request.image), "resources": .emptyObject,
    ]
    if !request.command.isEmpty { container["command"] = .array(request.command.map { .string($0) }) }
    if !request.arguments.isEmpty { container["args"] = .array(request.arguments.map { .string($0) }) }
    if !request.environment.isEmpty {
      container["env"] = .array(
        request.environment.map { ["name": .string($0.name), "value": .string($0.value)] })
    }
    if let port = request.port { container["ports"] = [["containerPort": .integer(Int64(port))]] }
    if let policy = request.pullPolicy { container["imagePullPolicy"] = .string(policy) }
    let labels = request.labels.isEmpty ? [(name: "run", value: request.name)] : request.labels
    var metadata: Value = [
      "name": .string(request.name), "creationTimestamp": nil,
      "labels": .object(Members(labels.map { ($0.name, .string($0.value)) })),
    ]
    if !request.annotations.isEmpty {
      metadata["annotations"] = .object(Members(request.annotations.map { ($0.name, .string($0.value)) }))
    }
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": metadata,
      "spec": [
        "containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": .string(request.restartPolicy),
      ],
      "status": .emptyObject,
    ]
  }
}

/// "a=b" taken apart at its first equals sign.
func pair(_ text: String) -> (name: String, value: String)? {
  guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
  return (String(text[..<equals]), String(text[text.index(after: equals)...]))
}
