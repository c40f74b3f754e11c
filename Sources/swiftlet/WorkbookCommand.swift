import ArgumentParser
import Foundation
import Workbook
import WorkbookCommands

/// The workbook's commands, as the package-free `workbook` has them; their arguments are read there.
struct WorkbookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbook", abstract: "Learn: exercises, hints, checks, progress. Inside a clone of Swiftlet.")

  @Argument(parsing: .captureForPassthrough, help: "A command of the workbook; without one, the list of them.")
  var arguments: [String] = []

  func run() throws {
    let status = CommandTable.workbook(program: "swiftlet workbook").run(
      arguments, from: URL(filePath: FileManager.default.currentDirectoryPath),
      terminal: .standard(isPlain: arguments.contains("--plain")))
    throw ExitCode(status)
  }
}
