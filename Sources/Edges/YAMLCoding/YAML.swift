public import Objects

/// YAML, read and written as Kubernetes' tools do it (sigs.k8s.io/yaml): all that JSON can say, and nothing else.
public enum YAML {
  /// One document of a file.
  public struct Document: Sendable, Hashable {
    public var value: Value
    /// Where the document's content begins; the first line of the file is 1.
    public var line: Int
  }

  /// Reads all documents of a file; those without content are left out.
  ///
  /// Plain scalars mean what they mean to Kubernetes: `yes`, `on` and `y` are true, `0777` is 511, an integer keeps all
  /// its 64 bits, `1.0` is the integer 1, a date is a string. Keys become strings. Aliases and merge keys (`<<`) are
  /// carried out.
  ///
  /// Throws `YAMLError` for what is not YAML, and for what is but has no meaning here: a key that occurs twice, an
  /// alias of an alias of an alias that would fill the memory, a tag that JSON has no word for, more than the limits.
  public static func documents(
    in text: String, file: String? = nil, limits: JSONLimits = JSONLimits()
  ) throws(YAMLError) -> [Document] {
    try documents(in: Array(text.utf8), file: file, limits: limits)
  }

  /// As above; the bytes are UTF-8, or UTF-16 with a byte order mark.
  public static func documents(
    in bytes: [UInt8], file: String? = nil, limits: JSONLimits = JSONLimits()
  ) throws(YAMLError) -> [Document] {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(file: file, line: 1, column: 1, problem: "the text is longer than \(limits.bytes) bytes")
    }
    var composer = Composer(bytes, file: file, limits: limits)
    var documents: [Document] = []
    while let document = try composer.nextDocument() {
      if document.value != .null { documents.append(document) }
    }
    return documents
  }

  /// Writes a value as `kubectl get -o yaml` does, byte for byte: keys sorted, lists not indented under their key,
  /// strings quoted only where they would be read as something else.
  public static func text(_ value: Value) -> String {
    var emitter = Emitter()
    emitter.write(document: value)
    return String(decoding: emitter.output, as: UTF8.self)
  }
}

/// What is wrong with a YAML text, and where.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// As the caller named it; nil when there is no file.
  public var file: String?
  /// The first one is 1.
  public var line: Int
  /// In Unicode scalars; the first one is 1.
  public var column: Int
  /// "mapping values are not allowed in this context"
  public var problem: String

  /// "pod.yaml, line 3, column 7: mapping values are not allowed in this context"
  public var description: String {
    "\(file.map { $0 + ", " } ?? "")line \(line), column \(column): \(problem)"
  }
}
