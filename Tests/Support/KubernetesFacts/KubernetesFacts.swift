public import Foundation
public import Objects

/// The facts of Kubernetes' API that schemas have to match: `fields.txt` and `protobuf.txt`, from the folder that
/// KUBERNETES_FACTS names, or from ../shared/reference/kubernetes-1.36 beside the package.
///
/// The folder is not part of the package. Where it is absent, tests that need it are disabled, and say so.
public struct KubernetesFacts: Sendable {
  private var types: [String: TypeFacts] = [:]
  /// Field numbers of protobuf messages, and the message types of their fields.
  private var messages: [String: [String: (number: Int, type: String)]] = [:]

  struct TypeFacts: Sendable {
    var isAtomic = false
    var fields: [String: FieldFacts] = [:]
  }

  struct FieldFacts: Sendable {
    var type: String
    var isRequired = false
    var facts: [String: String] = [:]
  }

  public static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["KUBERNETES_FACTS"].map { URL(filePath: $0) }
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let beside = root.deletingLastPathComponent().appending(path: "shared/reference/kubernetes-1.36")
    let folder = named ?? beside
    return FileManager.default.fileExists(atPath: folder.appending(path: "fields.txt").path) ? folder : nil
  }()

  public static var arePresent: Bool { folder != nil }

  public init() throws {
    guard let folder = Self.folder else { return }
    try readFields(String(contentsOf: folder.appending(path: "fields.txt"), encoding: .utf8))
    try readMessages(String(contentsOf: folder.appending(path: "protobuf.txt"), encoding: .utf8))
  }

  // "core.v1.Pod  # …" begins a type, "  containers  [core.v1.Container]  required  list=map keys=name" is a field.
  private mutating func readFields(_ text: String) {
    var current = ""
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      if !line.hasPrefix(" ") {
        current = words[0]
        types[current] = TypeFacts(isAtomic: words.contains("map=atomic"))
      } else if words.count > 1 {
        var field = FieldFacts(type: words[1])
        for word in words.dropFirst(2) {
          let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
          if word == "required" { field.isRequired = true }
          if pair.count == 2 { field.facts[pair[0]] = pair[1] }
        }
        types[current]?.fields[words[0]] = field
      }
    }
  }

  // "core.v1.Pod: 1 metadata meta.v1.ObjectMeta; 2 spec PodSpec"
  private mutating func readMessages(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      var fields: [String: (Int, String)] = [:]
      for entry in line[line.index(after: colon)...].split(separator: ";") {
        let words = entry.split(separator: " ").map(String.init)
        if words.count > 2, let number = Int(words[0]) { fields[words[1]] = (number, words[words.count - 1]) }
      }
      messages[String(line[..<colon])] = fields
    }
  }
}

extension KubernetesFacts {
  /// Everything in which the structures of a scheme differ from the facts, one sentence each.
  public func differences(in scheme: Scheme) -> [String] {
    scheme.allStructures.filter { $0.name != Object.schemaName }.flatMap(differences)
  }

  func differences(in structure: StructureSchema) -> [String] {
    guard let type = types[structure.name] else { return ["\(structure.name) is not a type of Kubernetes"] }
    return structure.fields.flatMap { field -> [String] in
      guard let facts = type.fields[field.name] else { return ["\(structure.name) has no field \(field.name)"] }
      return differences(in: field, facts, of: structure.name).map { "\(structure.name).\(field.name): \($0)" }
    }
  }

  private func differences(in field: FieldSchema, _ facts: FieldFacts, of structure: String) -> [String] {
    var found: [String] = []
    func expect<T: Equatable>(_ what: String, _ ours: T, _ theirs: T) {
      if ours != theirs { found.append("\(what) is \(theirs), not \(ours)") }
    }
    if !field.type.answers(to: facts.type) { found.append("type is \(facts.type), not \(field.type)") }
    if field.name != "metadata" { expect("required", field.isListedAsRequired, facts.isRequired) }
    let (list, keys) = field.listType?.facts ?? (nil, nil)
    expect("list type", list, facts.facts["list"])
    expect("list keys", keys, facts.facts["keys"])
    let strategies = field.patchStrategies.map(\.rawValue).joined(separator: ",")
    expect("patch strategy", strategies, facts.facts["patch"] ?? "")
    expect("merge key", field.mergeKey, facts.facts["merge-key"])
    expect(
      "atomic map", field.isAtomicMap,
      facts.facts["map"].map { $0 == "atomic" } ?? types[facts.type]?.isAtomic ?? false)
    // A required field's empty default says what its absence reads as; ours are what the server fills in.
    if let given = facts.facts["default"], !["\"\"", "0", "false"].contains(given) {
      expect("default", field.defaultValue?.encodedString, given)
    }
    if field.name != "apiVersion", field.name != "kind" || structure.hasPrefix("meta") {
      expect("protobuf number", field.number, number(of: field, in: structure) ?? 0)
    }
    return found
  }

  private func number(of field: FieldSchema, in structure: String) -> Int? {
    guard let message = messages[structure] else { return nil }
    guard let outer = field.inlined else { return (message[field.name] ?? message[oddly(field.name)])?.number }
    guard let inner = message.values.first(where: { $0.number == outer })?.type else { return nil }
    let package = structure.split(separator: ".").dropLast().joined(separator: ".")
    return (messages["\(package).\(inner)"] ?? messages[inner])?[field.name]?.number
  }

  // One message was generated from a capitalised name: apiGroup is aPIGroup there. And not every name of JSON is one of
  // protobuf: x-kubernetes-list-type, $ref.
  private func oddly(_ name: String) -> String {
    if name.hasPrefix("$") { return String(name.dropFirst()) }
    let words = name.split(separator: "-")
    if words.count > 1 {
      return words[0] + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
    return name.replacingOccurrences(of: "api", with: "aPI")
  }
}

extension ListType {
  fileprivate var facts: (String?, String?) {
    switch self {
    case .atomic: ("atomic", nil)
    case .set: ("set", nil)
    case .map(let keys): ("map", keys.joined(separator: ","))
    }
  }
}

extension FieldType {
  fileprivate func answers(to name: String) -> Bool {
    switch self {
    case .boolean: name == "boolean"
    case .int32: name == "integer:int32"
    case .int64: name == "integer:int64"
    case .double: name == "number:double"
    case .string, .enumeration: name == "string"
    case .bytes: name == "string:byte"
    case .time: name == "meta.v1.Time"
    case .microTime: name == "meta.v1.MicroTime"
    case .quantity: name == "api.resource.Quantity"
    case .intOrString: name == "util.intstr.IntOrString"
    case .any:
      [
        "meta.v1.FieldsV1", "runtime.RawExtension", "apiextensions.v1.JSON", "apiextensions.v1.JSONSchemaPropsOrBool",
        "map<apiextensions.v1.JSONSchemaPropsOrStringArray>",
      ].contains(name)
    // Of this union only the schema is allowed.
    case .structure(let type): [type.schemaName, type.schemaName + "OrArray"].contains(name)
    case .array(let element): name.hasPrefix("[") && element.answers(to: String(name.dropFirst().dropLast()))
    case .map(let element): name.hasPrefix("map<") && element.answers(to: String(name.dropFirst(4).dropLast()))
    }
  }
}
