// Messages as bytes (RFC 1035, section 4). What comes from the network may be anything: every read is checked against
// the end, a pointer may only lead backwards, and a message has at most a fixed number of records.

/// Why bytes are not a message.
public struct DNSFormatError: Error, Hashable, CustomStringConvertible {
  public let description: String
}

extension DNSMessage {
  /// Throws a ``DNSFormatError`` for bytes that are not a message; anything after one is not looked at.
  public init(bytes: [UInt8]) throws(DNSFormatError) {
    var reader = DNSReader(bytes: bytes)
    self.init(id: try reader.short())
    let flags = try reader.short()
    isResponse = flags & 0x8000 != 0
    operation = UInt8(flags >> 11 & 15)
    isAuthoritative = flags & 0x0400 != 0
    isTruncated = flags & 0x0200 != 0
    wantsRecursion = flags & 0x0100 != 0
    offersRecursion = flags & 0x0080 != 0
    code = UInt8(flags & 15)
    let counts = [try reader.short(), try reader.short(), try reader.short(), try reader.short()]
    guard counts.reduce(0, { $0 + Int($1) }) <= Self.mostRecords else {
      throw DNSFormatError(description: "too many records")
    }
    for _ in 0..<counts[0] {
      questions.append(DNSQuestion(try reader.name(), type: try reader.short(), domain: try reader.short()))
    }
    for _ in 0..<counts[1] { if let record = try record(&reader) { answers.append(record) } }
    for _ in 0..<counts[2] { if let record = try record(&reader) { authorities.append(record) } }
    for _ in 0..<counts[3] { if let record = try record(&reader) { additionals.append(record) } }
  }

  private static let mostRecords = 2_048

  // Nil for what is no record but says something about the message.
  private mutating func record(_ reader: inout DNSReader) throws(DNSFormatError) -> DNSRecord? {
    let name = try reader.name()
    let type = try reader.short()
    let domain = try reader.short()
    let ttl = try reader.long()
    let length = Int(try reader.short())
    if type == DNSRecordType.opt.rawValue {
      payloadSize = domain
      _ = try reader.take(length)
      return nil
    }
    return DNSRecord(name, ttl: ttl, try reader.data(of: type, length: length))
  }
}

private struct DNSReader {
  let bytes: [UInt8]
  var position = 0

  mutating func byte() throws(DNSFormatError) -> UInt8 {
    guard bytes.indices.contains(position) else { throw DNSFormatError(description: "ends at byte \(position)") }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func short() throws(DNSFormatError) -> UInt16 { UInt16(try byte()) << 8 | UInt16(try byte()) }

  mutating func long() throws(DNSFormatError) -> UInt32 { UInt32(try short()) << 16 | UInt32(try short()) }

  mutating func take(_ count: Int) throws(DNSFormatError) -> [UInt8] {
    guard count <= bytes.count - position else { throw DNSFormatError(description: "ends at byte \(bytes.count)") }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  mutating func name() throws(DNSFormatError) -> DNSName {
    var labels: [String] = []
    var length = 1
    // Where reading goes on, once a pointer has led back.
    var after: Int?
    while true {
      let start = position
      let first = try byte()
      if first == 0 { break }
      if first & 0xC0 == 0xC0 {
        let target = Int(first & 0x3F) << 8 | Int(try byte())
        guard target < start else { throw DNSFormatError(description: "a pointer at byte \(start) leads forwards") }
        after = after ?? position
        position = target
        continue
      }
      guard first & 0xC0 == 0 else { throw DNSFormatError(description: "a label of an unknown form at byte \(start)") }
      length += Int(first) + 1
      guard length <= 255 else { throw DNSFormatError(description: "a name of more than 255 bytes") }
      // A byte is a character: nothing a client may put into a label stops the reading, and no two labels become one.
      labels.append(String(String.UnicodeScalarView(try take(Int(first)).map { Unicode.Scalar($0) })))
    }
    if let after { position = after }
    return DNSName(labels: labels)
  }

  mutating func data(of type: UInt16, length: Int) throws(DNSFormatError) -> DNSData {
    let end = position + length
    guard end <= bytes.count else { throw DNSFormatError(description: "ends at byte \(bytes.count)") }
    let data = try parsed(type, length)
    guard position == end else { throw DNSFormatError(description: "a record's length is not that of its content") }
    return data
  }

  private mutating func parsed(_ type: UInt16, _ length: Int) throws(DNSFormatError) -> DNSData {
    switch DNSRecordType(rawValue: type) {
    case .a: return .a(IPv4Address(bits: try long()))
    case .cname: return .cname(try name())
    case .ns: return .ns(try name())
    case .ptr: return .ptr(try name())
    case .srv: return .srv(priority: try short(), weight: try short(), port: try short(), target: try name())
    case .soa:
      return .soa(
        server: try name(), mailbox: try name(), serial: try long(), refresh: try long(), retry: try long(),
        expire: try long(), minimum: try long())
    default: return .other(type: type, bytes: try take(length))
    }
  }
}

// MARK: Writing

extension DNSMessage {
  /// - Parameter limit: what does not fit is left out, and the message says that it is truncated.
  public func encoded(limit: Int = 65_535) -> [UInt8] {
    var writer = DNSWriter()
    let room = limit - (payloadSize == nil ? 0 : 11)
    writer.short(id)
    writer.short(0)
    for _ in 0..<4 { writer.short(0) }
    for question in questions {
      writer.name(question.name)
      writer.short(question.type)
      writer.short(question.domain)
    }
    var counts = [questions.count, 0, 0, 0]
    var isFull = false
    for (section, records) in [(1, answers), (2, authorities), (3, additionals)] {
      for record in records where !isFull {
        let before = writer
        writer.record(record)
        if writer.bytes.count > room {
          writer = before
          isFull = true
        } else {
          counts[section] += 1
        }
      }
    }
    if let payloadSize {
      // The root, OPT, the size, and no options.
      writer.bytes += [0, 0, 41, UInt8(payloadSize >> 8), UInt8(payloadSize & 255), 0, 0, 0, 0, 0, 0]
      counts[3] += 1
    }
    // Whoever gets everything he asked for can do without what was added.
    let lacksAnswers = counts[1] < answers.count || counts[2] < authorities.count
    writer.patch(2, flags(isTruncated: isTruncated || isFull && lacksAnswers))
    for (index, count) in counts.enumerated() { writer.patch(4 + 2 * index, UInt16(clamping: count)) }
    return writer.bytes
  }

  private func flags(isTruncated: Bool) -> UInt16 {
    func flag(_ isSet: Bool, _ bit: UInt16) -> UInt16 { isSet ? bit : 0 }
    return flag(isResponse, 0x8000) | UInt16(operation & 15) << 11 | flag(isAuthoritative, 0x0400)
      | flag(isTruncated, 0x0200) | flag(wantsRecursion, 0x0100) | flag(offersRecursion, 0x0080) | UInt16(code & 15)
  }
}

private struct DNSWriter {
  var bytes: [UInt8] = []
  /// Where names, and ends of names, have been written: they are not written again.
  private var places: [ArraySlice<String>: Int] = [:]

  mutating func short(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(value & 255)] }

  mutating func long(_ value: UInt32) {
    short(UInt16(value >> 16))
    short(UInt16(value & 0xFFFF))
  }

  mutating func patch(_ position: Int, _ value: UInt16) {
    bytes.replaceSubrange(position..<position + 2, with: [UInt8(value >> 8), UInt8(value & 255)])
  }

  mutating func name(_ name: DNSName, compressed: Bool = true) {
    var rest = name.labels[...]
    while let label = rest.first {
      if compressed, let place = places[rest] { return short(0xC000 | UInt16(place)) }
      if bytes.count < 0x3FFF { places[rest] = bytes.count }
      let characters = label.unicodeScalars.prefix(63).map { UInt8(truncatingIfNeeded: $0.value) }
      bytes.append(UInt8(characters.count))
      bytes += characters
      rest = rest.dropFirst()
    }
    bytes.append(0)
  }

  mutating func record(_ record: DNSRecord) {
    name(record.name)
    short(record.data.type)
    short(1)
    long(record.ttl)
    let start = bytes.count
    short(0)
    data(record.data)
    patch(start, UInt16(clamping: bytes.count - start - 2))
  }

  private mutating func data(_ data: DNSData) {
    switch data {
    case .a(let address): long(address.bits)
    case .cname(let target), .ns(let target), .ptr(let target): name(target)
    case .txt(let text):
      let bytes = Array(text.utf8.prefix(255))
      self.bytes += [UInt8(bytes.count)] + bytes
    case .srv(let priority, let weight, let port, let target):
      short(priority)
      short(weight)
      short(port)
      // RFC 2782: clients need not know how to follow a pointer here.
      name(target, compressed: false)
    case .soa(let server, let mailbox, let serial, let refresh, let retry, let expire, let minimum):
      name(server)
      name(mailbox)
      for number in [serial, refresh, retry, expire, minimum] { long(number) }
    case .other(_, let bytes): self.bytes += bytes
    }
  }
}
