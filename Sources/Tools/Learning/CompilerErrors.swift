import Foundation
import Workbook

/// The errors in what a build has printed, each once, in their order.
struct CompilerErrors: Equatable {
  var all: [Problem] = []
  /// The end of the log, for a build that fails without naming a line.
  var tail: [String] = []

  /// `root` is cut off the files' paths.
  init(log: String, root: String) {
    let lines = log.split(separator: "\n").map(String.init)
    for line in lines {
      guard let range = line.range(of: ": error: ") else { continue }
      let place = line[..<range.lowerBound].split(separator: ":")
      guard place.count == 3, let number = Int(place[1]) else { continue }
      let file = String(place[0])
      let problem = Problem(
        file: file.hasPrefix(root + "/") ? String(file.dropFirst(root.count + 1)) : file, line: number,
        message: Self.withoutGroup(line[range.upperBound...]))
      if !all.contains(problem) { all.append(problem) }
    }
    tail = lines.suffix(10)
  }

  /// Without the name of the compiler's group of diagnostics at the end: `[#ExistentialAny]`.
  private static func withoutGroup(_ message: Substring) -> String {
    guard message.hasSuffix("]"), let group = message.range(of: " [#", options: .backwards) else {
      return String(message)
    }
    return String(message[..<group.lowerBound])
  }
}
