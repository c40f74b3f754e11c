import Testing

/// The rules themselves: what they catch, and what they leave alone.
@Suite struct Rules {
  private func findings(_ rules: [Rule], _ code: String) -> [String] {
    let file = SourceTree.File(path: "A.swift", text: code)
    return rules.flatMap { $0.findings(in: file) }
  }

  @Test(arguments: [
    "let now = Date()", "let now = Date.now", "let clock: ContinuousClock", "SuspendingClock().now", "time(nil)",
    "var generator = SystemRandomNumberGenerator()", "Int.random(in: 0..<3)", "Bool.random()", "names.shuffled()",
    "names.randomElement()", "try await Task.sleep(for: .seconds(1))", "UUID()", "Thread(block: run)",
    "_ = sleep(1)", "sleep(1)", "usleep(10)", "try await clock.sleep(for: .seconds(1))",
    "DispatchQueue.main", "clock_gettime(CLOCK_MONOTONIC, &time)", "gettimeofday(&time, nil)",
    "print(\"at \\(Date()) it was\")",
  ])
  func impureCodeIsFound(_ code: String) {
    #expect(findings(Rule.purity, code).count == 1)
  }

  @Test(arguments: [
    "Int.random(in: 0..<3, using: &generator)", "names.shuffled(using: &generator)", "// as Date() would",
    "func sleep(", "log.sleep(id)",
    "\"Date()\"", "let creationDate = Date(from: text)", "threadCount += 1", "Date(timeIntervalSince1970: 0)",
  ])
  func pureCodeIsLeftAlone(_ code: String) {
    #expect(findings(Rule.purity, code) == [])
  }

  @Test(arguments: [
    "try! read()", "value as! String", "fatalError(\"no\")", "text.first!", "pods[0]!.name", "make()!", "var a: Pod!",
    "\"name: \\(pod.name!)\"",
  ])
  func codeThatTrapsIsFound(_ code: String) {
    #expect(findings(Rule.safety, code).count == 1)
  }

  @Test(arguments: [
    "a != b", "if !isDone {}", "(!a, !b)", "#if !os(Linux)", "\"Hello!\"", "// never use try! here", "a!==b",
    "#\"raw \\(x!) text\"#", "let text = \"\"\"\n  Stop!\n  \"\"\"\nlet b = a", "/* a! /* b! */ c! */ let d = 1",
  ])
  func codeThatCannotTrapIsLeftAlone(_ code: String) {
    #expect(findings(Rule.safety, code) == [])
  }

  @Test func findingsNameTheLine() {
    let code = "let a = 1\n/* one\n two */ let b = c!\n"
    #expect(findings(Rule.safety, code) == ["A.swift:3: unwraps by force; use `guard let` or `if let`"])
  }
}
