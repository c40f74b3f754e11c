import Foundation
import Workbook

/// What Swift Testing reports about a run: a line of JSON for each event.
struct TestEvents {
  private(set) var tests: [TestName: Outcome] = [:]
  /// Tests that had begun and not ended when the report stops.
  private(set) var unfinished: Set<TestName> = []
  /// The run came to its end: nothing trapped, nothing hung.
  private(set) var isComplete = false

  struct Outcome: Equatable {
    var issues: [Issue] = []
    var isSkipped = false
  }

  struct Issue: Equatable {
    /// `DeletionOrderTests.swift:36`
    var place: String
    /// What the test's author says about it, if anything; else what was expected.
    var message: String
    /// What was expected and what came, where there is also a message.
    var detail: String?
  }

  /// The test has run to its end, whatever became of others.
  func hasEnded(_ test: TestName) -> Bool { tests[test] != nil && !unfinished.contains(test) }

  init(_ report: Data) {
    for line in report.split(separator: UInt8(ascii: "\n")) {
      // The last line of a run that was cut off is half a line.
      guard let record = try? JSONDecoder().decode(Record.self, from: line), record.kind == "event" else { continue }
      enter(record.payload)
    }
  }

  private mutating func enter(_ event: Record.Payload) {
    if event.kind == "runEnded" { isComplete = true }
    guard let id = event.testID, let test = Self.name(id) else { return }
    switch event.kind {
    case "testStarted": unfinished.insert(test)
    case "issueRecorded":
      guard event.issue?.isKnown != true, event.issue?.isFailure != false else { return }
      tests[test, default: Outcome()].issues.append(issue(event))
    case "testSkipped": tests[test, default: Outcome()].isSkipped = true
    case "testEnded":
      tests[test, default: Outcome()].issues += []
      unfinished.remove(test)
    default: break
    }
  }

  private func issue(_ event: Record.Payload) -> Issue {
    let failure = event.messages?.first { $0.symbol == "fail" }?.text ?? "has failed"
    let comments = event.messages?.filter { $0.symbol == "details" }.map(\.text) ?? []
    let location = event.issue?.sourceLocation
    let file = location?.fileID.split(separator: "/").last.map(String.init) ?? ""
    return Issue(
      place: location.map { "\(file):\($0.line)" } ?? "",
      message: comments.isEmpty ? failure : comments.joined(separator: "\n"),
      detail: comments.isEmpty ? nil : failure)
  }

  /// `Suite/test` of `Module.Suite/test(_:)/File.swift:27:4`; nil for a suite.
  static func name(_ id: String) -> TestName? {
    guard let dot = id.firstIndex(of: ".") else { return nil }
    let parts = id[id.index(after: dot)...].split(separator: "/")
    guard let index = parts.lastIndex(where: { $0.contains("(") }) else { return nil }
    let function = String(parts[index].prefix { $0 != "(" })
    return TestName(suite: index > 0 ? String(parts[index - 1]) : nil, function: function)
  }

  private struct Record: Decodable {
    var kind: String
    var payload: Payload

    struct Payload: Decodable {
      var kind: String
      var testID: String?
      var issue: Issue?
      var messages: [Message]?
    }
    struct Issue: Decodable {
      var isKnown: Bool?
      var isFailure: Bool?
      var sourceLocation: Location?
    }
    struct Location: Decodable {
      var fileID: String
      var line: Int
    }
    struct Message: Decodable {
      var symbol: String
      var text: String
    }
  }
}
