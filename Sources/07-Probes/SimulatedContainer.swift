import Objects

/// How containers answer where nothing really runs: their image's name says it, as it says for how long they run
/// (``SimulatedBehavior``, chapter 1).
///
///     waking-20  answers nothing in the first 20 s of a run
///     sick-20    answers in the first 20 s of a run, and then never again
///     deaf       never answers
///
/// All others answer at once and well, whatever they are asked; only the command `false` fails in every container.
public struct SimulatedContainer: Sendable {
  private let name: Substring
  private let seconds: Int?

  public init(image: String) {
    let word = image.split(separator: "/").last?.prefix { $0 != ":" && $0 != "@" } ?? ""
    let parts = word.split(separator: "-", maxSplits: 1)
    name = parts.first ?? ""
    seconds = parts.count > 1 ? Int(parts[1]) : nil
  }

  /// Whether it answers that long after its start.
  public func answers(after age: Duration) -> Bool {
    switch (name, seconds) {
    case ("waking", let seconds?): age >= .seconds(seconds)
    case ("sick", let seconds?): age < .seconds(seconds)
    case ("deaf", nil): false
    default: true
    }
  }

  func answer(to check: Check, after age: Duration) -> CheckResult {
    let isFalse = check.question.exec?.command.first == "false"
    if !isFalse, check.purpose.isHook || answers(after: age) { return CheckResult(id: check.id, outcome: .success) }
    return CheckResult(id: check.id, outcome: .failure, output: complaint(about: check))
  }

  // What a program would have said that is there and unwell.
  private func complaint(about check: Check) -> String {
    if check.question.httpGet != nil { return "HTTP probe failed with statuscode: 503" }
    if check.question.grpc != nil { return "service unhealthy (responded with \"NOT_SERVING\")" }
    guard case .integer(let port) = check.question.tcpSocket?.port else { return "" }
    return "dial tcp \(check.address):\(port): connect: connection refused"
  }
}
