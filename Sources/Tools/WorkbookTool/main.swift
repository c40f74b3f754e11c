import Foundation
import Workbook
import WorkbookCommands

let words = Array(CommandLine.arguments.dropFirst())
let folder = URL(filePath: FileManager.default.currentDirectoryPath)
let terminal = Terminal.standard(isPlain: words.contains("--plain"))
exit(CommandTable.workbook(program: "workbook").run(words, from: folder, terminal: terminal))
