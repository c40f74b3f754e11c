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
  /// Links between the texts, and the pictures in them.
  public static let links = Command("links", "does every link of the texts lead somewhere?") { call in
    var links = try Links(repository: call.root)
    let problems = links.check()
    for problem in problems { call.terminal.complain("\(problem)") }
    call.terminal.print(
      "\(links.checked) links within the repository checked, \(problems.count) to mend; "
        + "\(links.external.count) lead out of it and were not followed")
    return problems.isEmpty ? 0 : 1
  }
  /// The places where the chapters ask the reader to run tests: what has been read until there compiles.
  public static let checkpoints = Command(
    "checkpoints", "does what is quoted so far compile at each checkpoint, and do its tests pass?"
  ) {
    call in
    let checkpoints = try Checkpoints(repository: call.root)
    let problems = try checkpoints.check()
    for problem in problems { call.terminal.complain("\(problem)") }
    call.terminal.print("\(checkpoints.count) checkpoints, \(problems.count) to mend")
    return problems.isEmpty ? 0 : 1
  }
  /// What the prose names.
  public static let names = Command("names", "is there everything that the prose names in code spans?") { call in
    var names = try Names(repository: call.root)
    let problems = names.check()
    for problem in problems { call.terminal.complain("\(problem)") }
    call.terminal.print("\(names.checked) code spans, \(problems.count) to mend")
    return problems.isEmpty ? 0 : 1
  }
}
