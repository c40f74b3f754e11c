import Learning
import Variants
public import Workbook

extension CommandTable {
  /// What the workbook can do, in the order of its help. A new command is a line here.
  public static func workbook(program: String) -> CommandTable {
    CommandTable(
      program: program,
      commands: [
        .exercise,
        .check,
        .watch,
        .hint,
        .status,
        .reset,
        .solution,
        .grade,
        .catalogue,
        .plan,
        .stubs,
        .wrong,
        .mutants,
        .transcripts,
        .links,
        .names,
        .checkpoints,
      ] + demoCommands)
  }
}
