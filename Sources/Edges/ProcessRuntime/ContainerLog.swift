// A container's log: lines in the CRI format, `2026-11-21T01:59:35.953373560Z stdout F text`, where F ends a line and
// P is a part of one longer than 16 KiB. The log is kept in files named after the offset at which they begin, so that
// an offset means the same place for ever, however many of the oldest files have been deleted meanwhile.

import Pods

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct LogWriter {
  static let partLength = 16 * 1024

  private let directory: String
  private let fileLimit: Int
  private let fileCount: Int
  private var file: Descriptor
  /// The offsets of the current file's beginning and of its end.
  private var begin: Int
  private var end: Int
  private var lines: [UInt8] = []
  private var stamp = LogStamp()

  /// Continues the log in this directory. At most `fileCount` files of about `fileLimit` bytes are kept.
  init(directory: String, fileLimit: Int = 10 << 20, fileCount: Int = 5) throws {
    self.directory = directory
    self.fileLimit = fileLimit
    self.fileCount = fileCount
    begin = LogFile.all(in: directory).last?.begin ?? 0
    file = try LogFile.open(begin, in: directory)
    end = begin + Int(lseek(file.number, 0, SEEK_END))
  }

  /// Takes a line, or a part of one. It is in the file after the next `flush`.
  mutating func add(_ content: [UInt8], from stream: StaticString, isPart: Bool, at time: timespec) {
    stamp.append(time, to: &lines)
    stream.withUTF8Buffer { lines.append(contentsOf: $0) }
    lines.append(contentsOf: isPart ? " P ".utf8 : " F ".utf8)
    lines.append(contentsOf: content)
    lines.append(UInt8(ascii: "\n"))
  }

  /// Writes what has been taken. When the disk is full the lines are lost: a container must not hang on its log.
  mutating func flush() {
    guard !lines.isEmpty else { return }
    do {
      try file.write(lines)
      end += lines.count
    } catch {
      ftruncate(file.number, off_t(end - begin))
      lseek(file.number, 0, SEEK_END)
    }
    lines.removeAll(keepingCapacity: true)
    if end - begin >= fileLimit { rotate() }
  }

  private mutating func rotate() {
    guard let next = try? LogFile.open(end, in: directory) else { return }
    file = next
    begin = end
    for old in LogFile.all(in: directory).dropLast(fileCount) { unlink(old.path) }
  }
}

/// Cuts what a container writes into lines.
struct LineSplitter {
  let stream: StaticString
  private var line: [UInt8] = []

  init(stream: StaticString) { self.stream = stream }

  mutating func take(_ bytes: ArraySlice<UInt8>, into log: inout LogWriter) {
    let time = HostClock.now()
    var rest = bytes
    while !rest.isEmpty {
      let window = rest.prefix(LogWriter.partLength - line.count)
      if let lineEnd = window.firstIndex(of: UInt8(ascii: "\n")) {
        line.append(contentsOf: window[..<lineEnd])
        emit(isPart: false, at: time, into: &log)
        rest = rest[(lineEnd + 1)...]
      } else {
        line.append(contentsOf: window)
        if line.count == LogWriter.partLength { emit(isPart: true, at: time, into: &log) }
        rest = rest.dropFirst(window.count)
      }
    }
  }

  /// The stream has ended: what came after the last line feed is a line as well.
  mutating func finish(into log: inout LogWriter) {
    if !line.isEmpty { emit(isPart: false, at: HostClock.now(), into: &log) }
  }

  private mutating func emit(isPart: Bool, at time: timespec, into log: inout LogWriter) {
    log.add(line, from: stream, isPart: isPart, at: time)
    line.removeAll(keepingCapacity: true)
  }
}

/// Reads whole lines from an offset on, at most `limit` bytes of them; none when there is nothing more yet.
func readLog(in directory: String, from offset: Int, limit: Int = 1 << 20) -> LogChunk {
  for file in LogFile.all(in: directory) {
    let start = max(offset, file.begin)
    guard let descriptor = try? Descriptor(opening: file.path, O_RDONLY),
      start < file.begin + Int(lseek(descriptor.number, 0, SEEK_END))
    else { continue }
    var buffer = [UInt8](repeating: 0, count: limit)
    lseek(descriptor.number, off_t(start - file.begin), SEEK_SET)
    guard case .bytes(let count) = descriptor.read(into: &buffer),
      let lastLineEnd = buffer[..<count].lastIndex(of: UInt8(ascii: "\n"))
    else { return LogChunk(bytes: [], nextOffset: start) }
    return LogChunk(bytes: Array(buffer[...lastLineEnd]), nextOffset: start + lastLineEnd + 1)
  }
  return LogChunk(bytes: [], nextOffset: offset)
}

private struct LogFile {
  let path: String
  let begin: Int

  /// Oldest first.
  static func all(in directory: String) -> [LogFile] {
    Files.list(directory)
      .compactMap { name in Int(name).map { LogFile(path: directory + "/" + name, begin: $0) } }
      .sorted { $0.begin < $1.begin }
  }

  static func open(_ begin: Int, in directory: String) throws(SystemError) -> Descriptor {
    let digits = String(begin)
    let name = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    return try Descriptor(opening: directory + "/" + name, O_WRONLY | O_CREAT | O_APPEND)
  }
}

/// Writes times as `2026-11-21T01:59:35.953373560Z `. All but the fraction is made once a second.
private struct LogStamp {
  private var second: Int?
  private var prefix: [UInt8] = []

  mutating func append(_ time: timespec, to bytes: inout [UInt8]) {
    if second != Int(time.tv_sec) {
      second = Int(time.tv_sec)
      prefix = LogStamp.describe(time)
    }
    bytes.append(contentsOf: prefix)
    LogStamp.append(Int(time.tv_nsec), digits: 9, to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
    bytes.append(UInt8(ascii: " "))
  }

  private static func describe(_ time: timespec) -> [UInt8] {
    var seconds = time.tv_sec
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var bytes: [UInt8] = []
    let fields = [
      (parts.tm_year + 1900, 4, "-"), (parts.tm_mon + 1, 2, "-"), (parts.tm_mday, 2, "T"), (parts.tm_hour, 2, ":"),
      (parts.tm_min, 2, ":"), (parts.tm_sec, 2, "."),
    ]
    for (number, digits, separator) in fields {
      append(Int(number), digits: digits, to: &bytes)
      bytes.append(contentsOf: separator.utf8)
    }
    return bytes
  }

  private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
    var rest = number
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: digits))
    for position in stride(from: start + digits - 1, through: start, by: -1) {
      bytes[position] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
