import Objects

// The log of a container is kept as lines in the format of the Container Runtime Interface:
//
//   2016-10-06T00:17:09.669794202Z stdout F the text of the line
//
// The tag P says that the line goes on in the next one, F that it is complete.

/// What a client wants to see of a log. Specified by the Kubernetes API reference: PodLogOptions.
struct LogOptions: Sendable {
  var container: String?
  var follows = false
  /// The run before the present one.
  var previous = false
  /// Only lines from this moment on.
  var since: Time?
  /// Puts the time before each line.
  var timestamps = false
  /// Only so many of the last lines.
  var tailLines: Int?
  /// Only so many bytes.
  var limitBytes: Int?
}

/// Turns stored lines into what the client sees.
struct LogFilter: Sendable {
  private let since: Time?
  private let timestamps: Bool
  private var bytesLeft: Int
  private var startsLine = true

  init(_ options: LogOptions) {
    since = options.since
    timestamps = options.timestamps
    bytesLeft = options.limitBytes ?? .max
  }

  /// Whether all bytes that the client wants have been shown.
  var isDone: Bool { bytesLeft == 0 }

  /// - Parameter lines: whole stored lines that follow those of the last call.
  mutating func shown(_ lines: some Collection<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      // A line in another format is not from the runtime; nothing is known of it but its text.
      guard let line = StoredLine(Array(line)) else {
        output += line
        output.append(UInt8(ascii: "\n"))
        continue
      }
      if let since, let time = Time(String(decoding: line.time, as: UTF8.self)), time < since { continue }
      if timestamps, startsLine {
        output += line.time
        output.append(UInt8(ascii: " "))
      }
      output += line.text
      if !line.isPartial { output.append(UInt8(ascii: "\n")) }
      startsLine = !line.isPartial
    }
    let cut = output.prefix(bytesLeft)
    bytesLeft -= cut.count
    return Array(cut)
  }

  /// The last lines of a log.
  static func tail(of lines: [UInt8], count: Int) -> ArraySlice<UInt8> {
    let ends = lines.indices.reversed().lazy.filter { lines[$0] == UInt8(ascii: "\n") }
    // The end of the line before them; the last end is that of the last line.
    guard let end = ends.dropFirst(count).first else { return lines[...] }
    return lines[(end + 1)...]
  }
}

/// One stored line, in its parts.
private struct StoredLine {
  let time: ArraySlice<UInt8>
  let isPartial: Bool
  let text: ArraySlice<UInt8>

  init?(_ line: [UInt8]) {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, let tag = parts[2].first else { return nil }
    time = parts[0]
    isPartial = tag == UInt8(ascii: "P")
    text = parts.count > 3 ? parts[3] : []
  }
}
