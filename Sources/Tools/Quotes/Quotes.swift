import Foundation
import QuoteChecking

/// Checks that the chapters quote their modules completely and truly.
///
///     quotes                    what is quoted, what has drifted, what is missing
///     quotes --fix              refreshes drifted quotes and fills those with lines=FIRST-LAST
///     quotes --uncovered FILE   the lines of a file that no chapter quotes
@main
struct Quotes {
  static func main() throws {
    let root = URL(filePath: FileManager.default.currentDirectoryPath)
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard FileManager.default.fileExists(atPath: root.appending(path: "Package.swift").path) else {
      leave("quotes: run me in the folder that holds Package.swift", status: 2)
    }
    var workbook = try Workbook(repository: root)

    switch (arguments.first, arguments.count) {
    case (nil, _): break
    case ("--fix", 1):
      let before = workbook
      workbook.refresh()
      for path in try workbook.writeChapters(changedSince: before, to: root) { print("refreshed \(path)") }
    case ("--uncovered", 2):
      return printUncovered(arguments[1], in: workbook)
    default:
      leave("usage: quotes [--fix | --uncovered FILE]", status: 2)
    }

    let report = workbook.check()
    print(report.text)
    if !report.problems.isEmpty {
      leave("quotes: \(report.problems.count) to mend; `make quotes FIX=1` refreshes what has drifted", status: 1)
    }
  }

  private static func printUncovered(_ file: String, in workbook: Workbook) {
    guard let ranges = workbook.uncovered(in: file) else {
      leave(
        "quotes: no file \(file); name it from the repository's root, like Sources/00a-Objects/Value.swift", status: 2)
    }
    for lines in ranges {
      print("\(lines.lowerBound)-\(lines.upperBound)\t\(workbook.line(lines.lowerBound, of: file) ?? "")")
    }
  }

  private static func leave(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(status)
  }
}
