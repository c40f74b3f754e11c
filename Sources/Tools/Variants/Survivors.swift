import Workbook

/// The mutants that may survive, each with the reason: `survivors.txt` in the folder of a chapter's exercises.
///
///     Template.swift Array.split: while index < count { ⇒ while index <= count {
///       The body ends the loop itself at count.
struct Survivors {
  /// Reasons by the names of mutants.
  private(set) var reasons: [String: String] = [:]
  private(set) var problems: [Problem] = []

  init(_ text: String, path: String) {
    var name: (text: String, line: Int)?
    func complain(_ line: Int, _ message: String) { problems.append(Problem(file: path, line: line, message: message)) }
    func close() {
      if let name, reasons[name.text] == nil {
        complain(name.line, "gives no reason; say in an indented line below why no test can or need notice it")
      }
    }
    for (number, line) in zip(1..., text.split(separator: "\n", omittingEmptySubsequences: false)) {
      if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
      if line.first?.isWhitespace == true {
        guard let name else {
          complain(number, "is a reason for nothing; the mutant's line comes first, not indented")
          continue
        }
        let reason = line.drop(while: \.isWhitespace)
        reasons[name.text] = reasons[name.text].map { "\($0) \(reason)" } ?? String(reason)
      } else {
        close()
        name = (String(line), number)
      }
    }
    close()
  }
}
