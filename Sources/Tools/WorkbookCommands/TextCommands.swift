import TextChecking
public import Workbook

extension Command {
  /// What the texts say they have run is run again.
  public static let transcripts = Command(
    "transcripts", takes: "[--update] [--strict]", "is everything printed in the texts still printed?"
  ) { call in
    var transcripts = try Transcripts(repository: call.root)
    try transcripts.check { call.terminal.print("  \($0)") }
    if call.arguments.has("--update") {
      for path in try transcripts.update() { call.terminal.print("rewritten: \(path)") }
    }
    for problem in transcripts.problems { call.terminal.complain("\(problem)") }
    for block in transcripts.skipped { call.terminal.complain("\(block)") }
    call.terminal.print(
      "\(transcripts.compared) transcripts compared, \(transcripts.problems.count) to mend, "
        + "\(transcripts.skipped.count) not run")
    let isComplete = transcripts.skipped.isEmpty || !call.arguments.has("--strict")
    return transcripts.problems.isEmpty && isComplete ? 0 : 1
  }
}
