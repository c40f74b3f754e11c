import CYaml

/// The parts of a YAML text in their order, as libyaml finds them.
///
/// Yams builds a tree of nodes on them. We build a `Value` instead: nodes would expand an alias of aliases before
/// anybody could count it, and forget where a repeated key stands.
final class Events {
  struct Mark {
    /// Both from 1.
    var line: Int
    var column: Int
  }

  enum Event {
    case documentStart
    case documentEnd
    case streamEnd
    case alias(String)
    case scalar(text: String, isPlain: Bool, tag: String?, anchor: String?)
    case sequenceStart(tag: String?, anchor: String?)
    case sequenceEnd
    case mappingStart(tag: String?, anchor: String?)
    case mappingEnd
  }

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let file: String?
  /// Where the last event begins.
  private(set) var mark = Mark(line: 1, column: 1)

  init(_ bytes: [UInt8], file: String?) {
    self.file = file
    // libyaml reads from the place where they are, for as long as it lives.
    self.bytes = .allocate(capacity: bytes.count)
    _ = self.bytes.initialize(from: bytes)
    yaml_parser_initialize(parser)
    yaml_parser_set_input_string(parser, self.bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  func next() throws(YAMLError) -> Event {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
      defer { yaml_event_delete(&event) }
      mark = Mark(line: event.start_mark.line + 1, column: event.start_mark.column + 1)
      if let event = Event(event) { return event }
    }
  }

  private func error() -> YAMLError {
    let parser = parser.pointee
    var problem = text(parser.problem) ?? "this is not YAML"
    guard parser.error != YAML_READER_ERROR else {
      let before = bytes.prefix(parser.problem_offset)
      let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      return YAMLError(
        file: file, line: 1 + before.count { $0 == UInt8(ascii: "\n") }, column: before.count - lineStart + 1,
        problem: problem)
    }
    let mark = parser.problem_mark
    if mark.index < bytes.count, bytes[mark.index] == UInt8(ascii: "\t") {
      problem += " (a tab; YAML is indented with spaces)"
    }
    if let context = text(parser.context), parser.context_mark.line != mark.line {
      problem += " (\(context) that begins in line \(parser.context_mark.line + 1))"
    }
    return YAMLError(file: file, line: mark.line + 1, column: mark.column + 1, problem: problem)
  }
}

extension Events.Event {
  /// Nil for the stream's start, which says nothing.
  fileprivate init?(_ event: yaml_event_t) {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: self = .documentStart
    case YAML_DOCUMENT_END_EVENT: self = .documentEnd
    case YAML_STREAM_END_EVENT: self = .streamEnd
    case YAML_ALIAS_EVENT: self = .alias(text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      self = .scalar(
        text: String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, tag: text(scalar.tag), anchor: text(scalar.anchor))
    case YAML_SEQUENCE_START_EVENT:
      self = .sequenceStart(tag: text(event.data.sequence_start.tag), anchor: text(event.data.sequence_start.anchor))
    case YAML_SEQUENCE_END_EVENT: self = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      self = .mappingStart(tag: text(event.data.mapping_start.tag), anchor: text(event.data.mapping_start.anchor))
    case YAML_MAPPING_END_EVENT: self = .mappingEnd
    default: return nil
    }
  }
}

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
  pointer.map { String(cString: $0) }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
  pointer.map { String(cString: $0) }
}
