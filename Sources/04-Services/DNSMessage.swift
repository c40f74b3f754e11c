// Questions and answers of the domain name system as values (RFC 1035, 2782, 6891).

/// A name: its labels from left to right. Names that differ only in case are equal.
public struct DNSName: Sendable, Hashable, CustomStringConvertible {
  public let labels: [String]

  /// - Parameter text: with or without the last dot.
  public init(_ text: some StringProtocol) { labels = text.split(separator: ".").map { $0.lowercased() } }

  public init(labels: some Sequence<String>) { self.labels = labels.map { $0.lowercased() } }

  /// With the last dot.
  public var description: String { labels.joined(separator: ".") + "." }

  /// The labels in front of a domain; nil for a name that is not below it. None for the domain itself.
  public func labels(below domain: DNSName) -> [String]? {
    labels.suffix(domain.labels.count).elementsEqual(domain.labels)
      ? Array(labels.dropLast(domain.labels.count)) : nil
  }

  public func below(_ domain: DNSName) -> DNSName { DNSName(labels: labels + domain.labels) }
}

public enum DNSRecordType: UInt16, Sendable, CaseIterable {
  case a = 1
  case ns = 2
  case cname = 5
  case soa = 6
  case ptr = 12
  case txt = 16
  case aaaa = 28
  case srv = 33
  case opt = 41
  case any = 255
}

/// What a record says.
public enum DNSData: Sendable, Hashable {
  case a(IPv4Address)
  case cname(DNSName)
  case ns(DNSName)
  case ptr(DNSName)
  case txt(String)
  case srv(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)
  case soa(
    server: DNSName, mailbox: DNSName, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32)
  /// Of a type that is not looked into.
  case other(type: UInt16, bytes: [UInt8])

  public var type: UInt16 {
    switch self {
    case .a: DNSRecordType.a.rawValue
    case .cname: DNSRecordType.cname.rawValue
    case .ns: DNSRecordType.ns.rawValue
    case .ptr: DNSRecordType.ptr.rawValue
    case .txt: DNSRecordType.txt.rawValue
    case .srv: DNSRecordType.srv.rawValue
    case .soa: DNSRecordType.soa.rawValue
    case .other(let type, _): type
    }
  }
}

public struct DNSRecord: Sendable, Hashable {
  public var name: DNSName
  /// In seconds: how long it may be remembered.
  public var ttl: UInt32
  public var data: DNSData

  public init(_ name: DNSName, ttl: UInt32 = 5, _ data: DNSData) {
    self.name = name
    self.ttl = ttl
    self.data = data
  }
}

public struct DNSQuestion: Sendable, Hashable {
  public var name: DNSName
  public var type: UInt16
  /// 1 for the Internet.
  public var domain: UInt16

  public init(_ name: DNSName, _ type: DNSRecordType) {
    self.init(name, type: type.rawValue, domain: 1)
  }

  init(_ name: DNSName, type: UInt16, domain: UInt16) {
    self.name = name
    self.type = type
    self.domain = domain
  }
}

public enum DNSCode: UInt8, Sendable {
  case noError = 0
  /// The question could not be read.
  case formatError = 1
  case serverFailure = 2
  /// There is no such name.
  case nameError = 3
  case notImplemented = 4
  case refused = 5
}

/// A message: a question, or a question with its answer.
public struct DNSMessage: Sendable, Hashable {
  public var id: UInt16
  public var isResponse = false
  public var operation: UInt8 = 0
  /// Whether the server knows it at first hand.
  public var isAuthoritative = false
  /// Whether something was left out, and the client should ask again over TCP.
  public var isTruncated = false
  public var wantsRecursion = true
  public var offersRecursion = false
  public var code: UInt8 = 0
  public var questions: [DNSQuestion] = []
  public var answers: [DNSRecord] = []
  public var authorities: [DNSRecord] = []
  public var additionals: [DNSRecord] = []
  /// How many bytes the sender takes in one UDP packet, when it says so (EDNS).
  public var payloadSize: UInt16?

  public init(id: UInt16) { self.id = id }

  /// A question, as a client asks it.
  public init(id: UInt16, asking name: DNSName, _ type: DNSRecordType, payloadSize: UInt16? = nil) {
    self.id = id
    questions = [DNSQuestion(name, type)]
    self.payloadSize = payloadSize
  }

  /// An answer to this question that says nothing yet.
  public func reply(_ code: DNSCode = .noError) -> DNSMessage {
    var reply = DNSMessage(id: id)
    reply.isResponse = true
    reply.operation = operation
    reply.wantsRecursion = wantsRecursion
    reply.offersRecursion = true
    reply.questions = questions
    reply.code = code.rawValue
    reply.payloadSize = payloadSize.map { _ in Self.ownPayloadSize }
    return reply
  }

  /// Fits into one packet on every usual network.
  static let ownPayloadSize: UInt16 = 1_232

  /// How long a UDP answer to this message may be.
  public var replyLimit: Int { Int(min(max(payloadSize ?? 512, 512), Self.ownPayloadSize)) }
}
