import Foundation
import Testing
import Workbook

@testable import Learning

@Suite struct TestEventsTests {
  @Test func namesAreFoundInIdentifiers() {
    #expect(TestEvents.name("SetsTests.Order/first(_:)/Order.swift:27:4") == TestName("Order/first"))
    #expect(TestEvents.name("SetsTests.Outer/Order/first()/Order.swift:27:4") == TestName("Order/first"))
    #expect(TestEvents.name("SetsTests.alone()/Order.swift:27:4") == TestName("alone"))
    #expect(TestEvents.name("SetsTests.Order") == nil)
    #expect(TestEvents.name("SetsTests.Order/Inner") == nil)
  }

  @Test func aMessageOfTheTestComesBeforeWhatWasExpected() throws {
    var log = TestLog()
    log.test("Order/first", failing: ["twins count once"])
    log.test("Order/last", failing: [nil])
    log.test("Order/middle")
    let events = TestEvents(log.data(isComplete: true))
    #expect(events.isComplete)
    let first = try #require(events.tests[TestName(suite: "Order", function: "first")]?.issues.first)
    #expect(first.place == "Order.swift:36")
    #expect(first.message == "twins count once")
    #expect(first.detail == "Expectation failed: 1 == 2")
    let last = try #require(events.tests[TestName(suite: "Order", function: "last")]?.issues.first)
    #expect(last.message == "Expectation failed: 1 == 2")
    #expect(last.detail == nil)
    #expect(events.tests[TestName(suite: "Order", function: "middle")]?.issues == [])
  }

  @Test func knownIssuesAndWarningsAreNoFailures() {
    var log = TestLog()
    log.test("Order/first", failing: ["known"], issue: #""isKnown":true,"isFailure":false"#)
    log.test("Order/last", failing: ["warning"], issue: #""isKnown":false,"isFailure":false"#)
    #expect(TestEvents(log.data(isComplete: true)).tests.values.allSatisfy { $0.issues.isEmpty })
  }

  @Test func aReportThatIsCutOffKnowsWhatHadBegun() {
    var log = TestLog()
    log.test("Order/first")
    log.begin("Order/last")
    var data = log.data(isComplete: false)
    data.append(Data(#"{"kind":"event","payload":{"kind":"testEn"#.utf8))
    let events = TestEvents(data)
    #expect(!events.isComplete)
    #expect(events.unfinished == [TestName(suite: "Order", function: "last")])
  }
}

/// What Swift Testing 6.3 writes, as far as anybody here reads it.
struct TestLog {
  private var lines: [String] = []

  private func id(_ test: String) -> String { #"SetsTests.\#(test)()/Order.swift:27:4"# }

  mutating func begin(_ test: String) {
    lines.append(
      #"{"kind":"event","payload":{"kind":"testStarted","messages":[],"testID":"\#(id(test))"},"version":"6.3.0"}"#)
  }

  mutating func test(
    _ test: String, failing messages: [String?] = [], issue: String = #""isKnown":false,"isFailure":true"#
  ) {
    begin(test)
    for message in messages {
      let details = message.map { #",{"symbol":"details","text":"\#($0)"}"# } ?? ""
      lines.append(
        #"{"kind":"event","payload":{"kind":"issueRecorded","issue":{\#(issue),"sourceLocation":{"fileID":"SetsTests/Order.swift","line":36,"column":5}},"messages":[{"symbol":"fail","text":"Expectation failed: 1 == 2"}\#(details)],"testID":"\#(id(test))"},"version":"6.3.0"}"#
      )
    }
    lines.append(
      #"{"kind":"event","payload":{"kind":"testEnded","messages":[],"testID":"\#(id(test))"},"version":"6.3.0"}"#)
  }

  func data(isComplete: Bool) -> Data {
    let end = isComplete ? [#"{"kind":"event","payload":{"kind":"runEnded","messages":[]},"version":"6.3.0"}"#] : []
    return Data((lines + end).map { $0 + "\n" }.joined().utf8)
  }
}
