import Foundation
import Workbook

/// Runs tests of a built package.
struct TestRunner: Sendable {
  let package: ScratchPackage

  /// A test that has failed, with what it said.
  struct Failed: Sendable, Hashable {
    var test: TestName
    var messages: [String]
  }

  struct Report: Sendable {
    var ending: Launch.Ending
    /// In the order of their names.
    var failed: [Failed] = []
    /// Every test that was to run.
    var tests: [TestName] = []
    /// The end of what it printed, for when it did not come to its own end.
    var lastWords = ""

    var isGreen: Bool { ending == .exited(0) && failed.isEmpty && !tests.isEmpty }
  }

  /// Runs tests of a module (all where none is named) with one variant switched on.
  func run(
    _ module: String, only tests: [TestName] = [], variant: Int = 0, seconds: Int, reached: URL? = nil
  ) throws -> Report {
    let events = FileManager.default.temporaryDirectory.appending(path: "swiftlet-events-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: events) }
    var launch = launch(module, tests, variant, seconds)
    launch.arguments += ["--event-stream-output-path", events.path, "--event-stream-version", "0"]
    if let reached { launch.environment["SWIFTLET_REACHED"] = reached.path }
    let outcome = try launch.run()
    var report = Self.report(events: (try? Data(contentsOf: events)) ?? Data(), ending: outcome.ending)
    report.lastWords = outcome.output.split(separator: "\n").suffix(12).joined(separator: "\n")
    return report
  }

  /// Whether some of the tests fail, found out as fast as possible.
  func endsBadly(
    _ module: String, _ tests: [TestName], variant: Int, seconds: Int
  ) throws -> Launch.Ending {
    var launch = launch(module, tests, variant, seconds)
    launch.stop = " recorded an issue"
    return try launch.run().ending
  }

  private func launch(_ module: String, _ tests: [TestName], _ variant: Int, _ seconds: Int) -> Launch {
    let names = tests.map { "\($0)" }.joined(separator: "|")
    let filter = tests.isEmpty ? "^\(module)\\." : "^\(module)\\.(\(names))\\("
    let environment = [
      "SWIFTLET_VARIANT": "\(variant)", "CHAPTER": package.layer,
      // The helper that would describe a crash can outlive what crashed, and keep its output open for ever.
      "SWIFT_BACKTRACE": "enable=no",
      // Not a million inputs for every variant.
      "SWIFTLET_FUZZ": "2000",
    ]
    let bundle = package.products.appending(path: "swiftletPackageTests.xctest").path
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: bundle, isDirectory: &isFolder)
    if isThere, !isFolder.boolValue {
      return Launch(
        program: bundle, arguments: ["--testing-library", "swift-testing", "--filter", filter],
        environment: environment, seconds: seconds)
    }
    // On macOS the tests are a bundle, which the package manager knows how to start.
    return Launch(
      program: "/usr/bin/env",
      arguments: [
        "swift", "test", "-c", package.configuration, "--skip-build", "--disable-xctest", "--package-path",
        package.folder.path, "--scratch-path",
        package.folder.appending(path: ".build").path, "--filter", filter,
      ], environment: environment, seconds: seconds)
  }

  // MARK: Events

  private struct Event: Decodable {
    struct Payload: Decodable {
      struct Message: Decodable { var text: String }
      struct Issue: Decodable { var isKnown: Bool? }
      var kind: String
      var id: String?
      var testID: String?
      var messages: [Message]?
      var issue: Issue?
    }
    var kind: String
    var payload: Payload
  }

  static func report(events: Data, ending: Launch.Ending) -> Report {
    var report = Report(ending: ending)
    var messages: [TestName: [String]] = [:]
    for line in events.split(separator: UInt8(ascii: "\n")) {
      guard let event = try? JSONDecoder().decode(Event.self, from: line) else { continue }
      let payload = event.payload
      if event.kind == "test", payload.kind == "function", let name = payload.id.flatMap(name) {
        report.tests.append(name)
      } else if payload.kind == "issueRecorded", payload.issue?.isKnown != true,
        let name = payload.testID.flatMap(name)
      {
        messages[name, default: []] += payload.messages?.map(\.text) ?? []
      }
    }
    report.tests.sort()
    report.failed = messages.map { Failed(test: $0.key, messages: $0.value) }.sorted { $0.test < $1.test }
    return report
  }

  /// `Suite/test` of `ModuleTests.Suite/test(_:)/File.swift:27:4`.
  static func name(_ identifier: String) -> TestName? {
    let path = identifier.drop { $0 != "." }.dropFirst().prefix { $0 != "(" }.split(separator: "/")
    guard let function = path.last else { return nil }
    let suite = path.dropLast().joined(separator: "/")
    return TestName(suite: suite.isEmpty ? nil : suite, function: String(function))
  }
}
