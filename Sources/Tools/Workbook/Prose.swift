/// Markdown with each paragraph on one line; code, lists and headings keep theirs.
enum Prose {
  static func joined(_ text: String) -> String {
    var lines: [String] = []
    var isCode = false
    var isOpen = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isFence = line.drop { $0 == " " }.hasPrefix("```")
      let goesOn = isOpen && !isCode && !isFence && !line.isBlank && !startsAnew(line)
      if goesOn {
        lines[lines.count - 1] += " " + line.drop { $0 == " " }
      } else {
        lines.append(String(line))
      }
      if isFence { isCode.toggle() }
      isOpen = !isCode && !isFence && !line.isBlank
    }
    return lines.joined(separator: "\n")
  }

  private static func startsAnew(_ line: Substring) -> Bool {
    let text = line.drop { $0 == " " }
    return ["- ", "* ", "# ", "|", ">"].contains(where: text.hasPrefix)
      || text.drop(while: \.isNumber).hasPrefix(". ") && text.first?.isNumber == true
  }
}
