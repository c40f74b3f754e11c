public import Workbook

extension Command {
  /// Whether each misconception fails the test that is to catch it, with the sentence that mends it.
  public static let wrong = Command("wrong", takes: "[CHAPTER]", "does each wrong answer fail a test that teaches?") {
    call in
    let catalogue = Catalogue(repository: call.root)
    let names = try catalogue.chosen(call.arguments.words.first).map(\.name)
    var answers = Answers(catalogue)
    let runner = try answers.build(call.terminal)
    let wrong = answers.wrong.filter { names.contains($0.chapter.name) }
    let reports = try concurrently(wrong) { one in
      try runner.run("\(one.chapter.module)Tests", only: [one.test], variant: one.variant, seconds: StubCheck.seconds)
    }
    let found = zip(wrong, reports).compactMap { one, report -> Problem? in
      let message = complaint(one, report)
      call.terminal.print("      \(message == nil ? "caught" : "MISSED") \(one.path), by \(one.test)")
      return message.map { Problem(file: one.path, line: 1, message: $0) }
    }
    let count = wrong.count - found.count
    return call.terminal.conclude(
      answers.problems + found, "each of \(count) wrong answers fails the test that teaches")
  }

  private static func complaint(_ one: Answers.Wrong, _ report: TestRunner.Report) -> String? {
    if case .exited = report.ending, report.tests.isEmpty {
      return "is caught by \(one.test), which is no test of Tests/\(one.chapter.folder)"
    }
    guard report.hasFinished else { return "makes the tests hang or crash (\(report.ending)); a failure must say why" }
    guard let failed = report.failed.first(where: { $0.test == one.test }) else {
      return "passes \(one.test); write a test that notices it"
    }
    guard failed.messages.contains(where: { $0.contains(one.sentence) }) else {
      return "fails \(one.test), which does not say “\(one.sentence)” but: \(failed.messages.joined(separator: " "))"
    }
    return nil
  }
}
