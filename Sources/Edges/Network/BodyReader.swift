import NIOCore

/// Cuts a message's body out of the bytes that arrive, and knows where it ends. The bytes are passed on as they are:
/// chunks stay the chunks that they were.
struct BodyReader {
  private enum State {
    case counting(Int)
    case untilClose
    case chunks(ChunkScanner)
  }

  private var state: State
  private(set) var isComplete: Bool

  var endsWithTheConnection: Bool { if case .untilClose = state { true } else { false } }

  init(_ framing: Framing) {
    switch framing {
    case .empty: state = .counting(0)
    case .length(let length): state = .counting(length)
    case .chunked: state = .chunks(ChunkScanner())
    case .untilClose: state = .untilClose
    }
    isComplete = framing == .empty
  }

  /// Takes what belongs to the body; nil when there is nothing.
  mutating func next(from input: inout ByteBuffer) throws(HTTPFault) -> ByteBuffer? {
    guard !isComplete, input.readableBytes > 0 else { return nil }
    switch state {
    case .counting(let left):
      let part = input.readSlice(length: min(left, input.readableBytes))
      state = .counting(left - (part?.readableBytes ?? 0))
      isComplete = left == part?.readableBytes
      return part
    case .untilClose:
      return input.readSlice(length: input.readableBytes)
    case .chunks(var scanner):
      let length = try scanner.scan(input.readableBytesView)
      state = .chunks(scanner)
      isComplete = scanner.isComplete
      return input.readSlice(length: length)
    }
  }
}

/// Finds the end of a chunked body (RFC 9112, 7.1), and refuses what is not written exactly as it says.
struct ChunkScanner {
  private enum State {
    case size(digits: Int, value: Int)
    case sizeExtension
    case sizeEnd(Int)
    case data(Int)
    case dataReturn, dataEnd
    case trailerStart, trailer, trailerEnd
    case lastEnd
    case done
  }

  private var state = State.size(digits: 0, value: 0)
  private var pendingSize = 0
  /// Bytes of extensions and trailers, which nobody needs and which must not go on for ever.
  private var overhead = 0
  private static let overheadLimit = 16 << 10

  var isComplete: Bool { if case .done = state { true } else { false } }

  /// How many of the bytes belong to the body.
  mutating func scan(_ bytes: ByteBufferView) throws(HTTPFault) -> Int {
    var place = bytes.startIndex
    while place < bytes.endIndex, !isComplete {
      if case .data(let left) = state {
        let count = min(left, bytes.endIndex - place)
        place += count
        state = left == count ? .dataReturn : .data(left - count)
      } else {
        try step(bytes[place])
        place += 1
      }
    }
    return place - bytes.startIndex
  }

  private mutating func step(_ byte: UInt8) throws(HTTPFault) {
    let (isReturn, isLineFeed) = (byte == 0x0D, byte == 0x0A)
    switch state {
    case .size(let digits, let value):
      if let digit = byte.hexDigit {
        guard digits < 15 else { throw Self.fault }
        state = .size(digits: digits + 1, value: value << 4 | digit)
      } else {
        guard digits > 0 else { throw Self.fault }
        pendingSize = value
        if isReturn {
          state = .sizeEnd(value)
        } else {
          guard byte == UInt8(ascii: ";") || byte == 0x20 || byte == 0x09 else { throw Self.fault }
          state = .sizeExtension
        }
      }
    case .sizeExtension:
      try count(isLineFeed)
      if isReturn { state = .sizeEnd(pendingSize) }
    case .sizeEnd(let size):
      guard isLineFeed else { throw Self.fault }
      state = size > 0 ? .data(size) : .trailerStart
    case .dataReturn:
      guard isReturn else { throw Self.fault }
      state = .dataEnd
    case .dataEnd:
      guard isLineFeed else { throw Self.fault }
      state = .size(digits: 0, value: 0)
    case .trailerStart:
      try count(isLineFeed)
      state = isReturn ? .lastEnd : .trailer
    case .trailer:
      try count(isLineFeed)
      if isReturn { state = .trailerEnd }
    case .trailerEnd:
      guard isLineFeed else { throw Self.fault }
      state = .trailerStart
    case .lastEnd:
      guard isLineFeed else { throw Self.fault }
      state = .done
    case .data, .done: break
    }
  }

  private mutating func count(_ isForbidden: Bool) throws(HTTPFault) {
    overhead += 1
    if isForbidden || overhead > Self.overheadLimit { throw Self.fault }
  }

  private static let fault = HTTPFault.malformed("a chunk is not written as chunks are")
}

extension UInt8 {
  fileprivate var hexDigit: Int? {
    switch self {
    case 0x30...0x39: Int(self) - 0x30
    case 0x41...0x46: Int(self) - 0x37
    case 0x61...0x66: Int(self) - 0x57
    default: nil
    }
  }
}
