import ControlLoop

/// A media type with its parameters: "application/json;as=Table;v=v1;g=meta.k8s.io". Specified by RFC 9110, 8.3.1.
struct MediaType {
  /// Type and subtype, in lower case.
  let essence: String
  private let parameters: [(name: String, value: String)]

  init(_ text: some StringProtocol) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmed }
    essence = parts.first?.lowercased() ?? ""
    parameters = parts.dropFirst().map { part in
      let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
      return (pair.first?.lowercased() ?? "", pair.count > 1 ? String(pair[1].filter { $0 != "\"" }) : "")
    }
  }

  subscript(_ parameter: String) -> String? { parameters.first { $0.name == parameter }?.value }

  /// How much the client likes it, from 0 to 1.
  var quality: Double { self["q"].flatMap(Double.init) ?? 1 }

  /// What the client accepts, the best first.
  static func wishes(_ request: Request) -> [MediaType] {
    let wishes = (request.header("accept") ?? "").split(separator: ",").map { MediaType($0) }
    return wishes.filter { $0.quality > 0 }.enumerated()
      .sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }.map(\.element)
  }
}

/// In which form a client wants to see objects. Specified by the Kubernetes documentation, "API concepts"
/// ("Alternate representations of resources", "Receiving resources as Tables").
enum Form: Hashable, Sendable {
  case object
  /// Only what the object is and its metadata.
  case metadata
  case table(Inclusion)

  /// What of its object each row of a table carries.
  enum Inclusion: String, Sendable {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"
  }

  /// The first acceptable form among those that the client likes best. Throws a 406 when there is none.
  init(_ request: Request) throws(StatusError) {
    let accept = request.header("accept") ?? ""
    if accept.isEmpty || accept == "application/json" || accept == "*/*" {
      self = .object
      return
    }
    for wish in MediaType.wishes(request) {
      if let form = Self.form(wish) {
        self = try form == .table(.metadata) ? .table(Self.inclusion(request)) : form
        return
      }
    }
    throw StatusError(
      "NotAcceptable", code: 406, "only the following media types are accepted: application/json")
  }

  private static func form(_ wish: MediaType) -> Form? {
    guard ["application/json", "application/*", "*/*"].contains(wish.essence) else { return nil }
    guard let name = wish["as"] else { return .object }
    guard wish["g"] == "meta.k8s.io", wish["v"] == "v1" else { return nil }
    switch name {
    case "Table": return .table(.metadata)
    case "PartialObjectMetadata", "PartialObjectMetadataList": return .metadata
    default: return nil
    }
  }

  private static func inclusion(_ request: Request) throws(StatusError) -> Inclusion {
    guard let word = request.parameter("includeObject"), !word.isEmpty else { return .metadata }
    guard let inclusion = Inclusion(rawValue: word) else {
      throw .badRequest("unrecognized includeObject value: \"\(word)\"")
    }
    return inclusion
  }
}

extension StringProtocol {
  fileprivate var trimmed: SubSequence {
    var text = self[...]
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return text
  }
}
