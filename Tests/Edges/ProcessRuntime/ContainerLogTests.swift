import Foundation
import Objects
import Pods
import Testing

@testable import ProcessRuntime

@Suite struct ContainerLogTests {
  private let directory = NSTemporaryDirectory() + "swiftlet-log-" + UUID().uuidString

  /// Writes these pieces as one stream and reads everything back.
  private func lines(_ pieces: [String]) throws -> [LogLine] {
    try Files.makeDirectory(directory)
    defer { Files.remove(directory) }
    var log = try LogWriter(directory: directory)
    var splitter = LineSplitter(stream: "stdout")
    for piece in pieces { splitter.take(Array(piece.utf8)[...], into: &log) }
    splitter.finish(into: &log)
    log.flush()
    return try parse(readLog(in: directory, from: 0))
  }

  private func parse(_ chunk: LogChunk) throws -> [LogLine] {
    try chunk.bytes.split(separator: UInt8(ascii: "\n")).map { try LogLine($0, at: 0) }
  }

  @Test func aLineIsALineHoweverItArrives() throws {
    let text = "one\n\nthree"
    for cut in 0...text.count {
      let read = try lines([String(text.prefix(cut)), String(text.dropFirst(cut))])
      #expect(read.map(\.content) == ["one", "", "three"])
      #expect(read.allSatisfy { $0.tag == "F" })
    }
  }

  @Test func aLongLineComesInPartsOf16KiB() throws {
    for (length, tags) in [(16_383, "F"), (16_384, "PF"), (16_385, "PF"), (40_000, "PPF")] {
      let text = String(repeating: "x", count: length)
      let read = try lines([text + "\n"])
      #expect(read.map(\.tag).joined() == tags)
      #expect(read.map(\.content).joined() == text)
    }
  }

  @Test func timesAreInTheFormOfTheCRI() throws {
    try Files.makeDirectory(directory)
    defer { Files.remove(directory) }
    var log = try LogWriter(directory: directory)
    log.add(Array("text".utf8), from: "stderr", isPart: true, at: timespec(tv_sec: 1_795_226_375, tv_nsec: 3_373_560))
    log.flush()
    let text = String(decoding: readLog(in: directory, from: 0).bytes, as: UTF8.self)
    #expect(text == "2026-11-21T01:59:35.003373560Z stderr P text\n")
  }

  @Test func offsetsStayValidWhileOldFilesGo() throws {
    try Files.makeDirectory(directory)
    defer { Files.remove(directory) }
    var written: [(offset: Int, text: String)] = []
    var offset = 0
    for round in 0..<3 {
      // A new writer continues where the last one ended.
      var log = try LogWriter(directory: directory, fileLimit: 500, fileCount: 5)
      for number in 0..<100 {
        let text = "line \(round * 100 + number)"
        log.add(Array(text.utf8), from: "stdout", isPart: false, at: timespec(tv_sec: 0, tv_nsec: 0))
        log.flush()
        written.append((offset, text))
        offset += 41 + text.utf8.count
      }
    }
    #expect(Files.list(directory).count == 5)
    let oldest = try #require(Files.list(directory).first.flatMap { Int($0) })
    for (start, _) in written {
      var next = start
      var read: [String] = []
      while case let chunk = readLog(in: directory, from: next, limit: 300), !chunk.bytes.isEmpty {
        read += try parse(chunk).map(\.content)
        next = chunk.nextOffset
      }
      #expect(read == written.filter { $0.offset >= max(start, oldest) }.map(\.text))
      #expect(next == offset)
    }
  }

  @Test func recordsHoldAnyText() {
    let values = ["", " ", "a\nb", "\\", "\\n", "\\\\\n", "é ✓", "x=y z", "\u{0}"]
    var record = Record()
    record.append("value", values)
    record["one"] = "1"
    record["one"] = "2"
    let read = Record(decoding: record.encoded)
    #expect(read.all("value") == values)
    #expect(read.integer("one") == 2)
    #expect(read["none"] == nil)
  }
}
