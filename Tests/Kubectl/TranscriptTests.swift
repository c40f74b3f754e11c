import Foundation
import Objects
import Synchronization
import Testing

@testable import Kubectl

/// What kubectl 1.32 said to a server with the objects in Real/objects.json, command by command: standard output, behind
/// an exclamation mark standard error, and the exit code. Ours says the same.
@Suite struct TranscriptTests {
  struct Entry: CustomTestStringConvertible, Sendable {
    var command: String
    var output = ""
    var errors = ""
    var code: Int32 = 0

    var testDescription: String { command }
  }

  private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Real")

  private static func text(_ name: String) -> String {
    (try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)) ?? ""
  }

  private static func members(_ name: String) -> [String: Value] {
    let value = try? Value(parsing: Array(text(name).utf8))
    return Dictionary((value?.members ?? Members()).map { ($0.name, $0.value) }) { $1 }
  }

  static let entries: [Entry] = text("transcript.txt").split(separator: "\n$ kubectl ").map { part in
    var lines = part.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    var entry = Entry(command: lines.removeFirst().replacing("$ kubectl ", with: ""))
    while let last = lines.popLast() {
      guard last.hasPrefix("["), let code = Int32(last.dropFirst().dropLast()) else { continue }
      entry.code = code
      break
    }
    for line in lines {
      if line.hasPrefix("! ") { entry.errors += line.dropFirst(2) + "\n" } else { entry.output += line + "\n" }
    }
    return entry
  }

  @Test(arguments: entries)
  func oursSaysWhatKubectlSays(_ entry: Entry) async {
    let cluster = FakeCluster()
    cluster.contents.withLock {
      $0.discovery = Self.members("discovery.json")
      $0.objects = Self.members("objects.json")
    }
    let answer = await cluster.kubectl(entry.command)
    #expect(answer.code == entry.code)
    #expect(answer.output == entry.output)
    #expect(answer.errors == entry.errors)
  }

  @Test func thereIsATranscript() { #expect(Self.entries.count > 60) }
}
