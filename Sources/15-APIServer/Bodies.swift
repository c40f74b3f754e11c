import ControlLoop
import Objects

/// Reads the bodies of requests.
struct BodyReader: Sendable {
  typealias Decoder = @Sendable ([UInt8]) throws -> Value

  let scheme: Scheme
  /// By media type, in the order in which clients are told of them.
  private let decoders: [(mediaType: String, decode: Reader)]

  private typealias Reader = @Sendable (_ body: [UInt8], _ repeated: inout [FieldPath]) throws -> Value

  init(scheme: Scheme, decodeYAML: @escaping Decoder) {
    self.scheme = scheme
    let protobuf = ProtobufDecoder(scheme: scheme)
    let readJSON: Reader = { body, repeated in try Value(parsing: body, repeated: &repeated) }
    let readYAML: Reader = { body, _ in try decodeYAML(body) }
    let readProtobuf: Reader = { body, _ in try protobuf.value(of: body) }
    decoders = [
      ("application/json", readJSON), ("application/yaml", readYAML), (ProtobufDecoder.mediaType, readProtobuf),
    ]
  }

  /// The value of a body. One without a media type is JSON.
  /// - Parameters:
  ///   - expected: what it should be, for messages: "Pod".
  ///   - repeated: gets the places of names that their objects have more than once.
  func value(
    of request: Request, expecting expected: String, repeated: inout [FieldPath]
  ) throws(StatusError) -> Value {
    let type = MediaType(request.header("content-type") ?? "").essence
    guard let decoder = decoders.first(where: { type.isEmpty || type == $0.mediaType }) else {
      throw .unsupportedMediaType(accepted: decoders.map(\.mediaType))
    }
    do {
      let value = try decoder.decode(request.body, &repeated)
      if value.members != nil { return value }
    } catch {
      throw Self.unrecognized(expected, "\(error)")
    }
    throw Self.unrecognized(expected, "the body is not an object")
  }

  private static func unrecognized(_ expected: String, _ why: String) -> StatusError {
    .badRequest("the object provided is unrecognized (must be of type \(expected)): \(why)")
  }

  /// An object of the kind that the path names, in the namespace that the path names.
  /// - Parameter other: the kind of what is written to a subresource, where that is not the object's own.
  func object(of call: Call, as other: Kind? = nil) throws(StatusError) -> Object {
    var repeated: [FieldPath] = []
    return try object(of: call, as: other, repeated: &repeated)
  }

  private func object(of call: Call, as other: Kind?, repeated: inout [FieldPath]) throws(StatusError) -> Object {
    let kind = other ?? call.target.kind
    var object = Object(json: try value(of: call.request, expecting: kind.name, repeated: &repeated))
    try checkKind(of: object, kind)
    if call.verb == .create, object.name.isEmpty, let name = call.target.name { object.metadata.name = name }
    try settle(&object, at: call.target)
    return object
  }

  // A body may leave out what the path already says; it may not contradict it.
  private func checkKind(of object: Object, _ kind: Kind) throws(StatusError) {
    if !object.apiVersion.isEmpty, object.apiVersion != kind.apiVersion {
      throw .badRequest(
        "the API version in the data (\(object.apiVersion)) does not match the expected API version (\(kind.apiVersion))"
      )
    }
    if !object.kindName.isEmpty, object.kindName != kind.name {
      throw .badRequest("\(object.kindName) in version \"\(kind.version)\" cannot be handled as a \(kind.name)")
    }
  }

  /// Checks an object against the path that it is sent to, and puts it into the path's namespace.
  func settle(_ object: inout Object, at target: Target) throws(StatusError) {
    if let name = target.name, object.name != name {
      throw .badRequest("the name of the object (\(object.name)) does not match the name on the URL (\(name))")
    }
    guard target.kind.isNamespaced else { return }
    if object.namespace.isEmpty { object.metadata.namespace = target.namespace }
    if object.namespace != target.namespace {
      throw .badRequest(
        "the namespace of the provided object does not match the namespace sent on the request")
    }
  }
}

extension BodyReader {
  /// What is kept of a value, and a sentence for everything in it that was dropped.
  /// - Parameter repeated: the places of names that were given more than once.
  func known(_ value: Value, of kind: Kind, repeated: [FieldPath]) -> (value: Value, dropped: [String]) {
    let unknown = scheme.unknownFields(in: value, of: kind)
    let dropped =
      unknown.map { "unknown field \"\($0)\"" }
      + repeated.filter { !unknown.contains($0) }.map { "duplicate field \"\($0)\"" }
    return (scheme.pruned(value, of: kind), dropped)
  }

  /// The body of a creation or an update, as it will be kept. What cannot be kept of it is a reason to refuse it, or is
  /// dropped with or without a warning. Specified by the Kubernetes API reference ("Field validation").
  func object(
    of call: Call, _ validation: WriteOptions.FieldValidation
  ) throws(StatusError) -> (value: Value, warnings: [String]) {
    let kind = call.target.kind
    var repeated: [FieldPath] = []
    let object = try object(of: call, as: nil, repeated: &repeated)
    let (value, dropped) = known(object.json, of: kind, repeated: repeated)
    if validation == .strict, !dropped.isEmpty {
      throw .badRequest(
        "\(kind.name) in version \"\(kind.version)\" cannot be handled as a \(kind.name): "
          + "strict decoding error: \(dropped.joined(separator: ", "))")
    }
    return (value, validation == .warn ? dropped : [])
  }
}
