/// What a check of the workbook found, as text for a terminal.
public struct Report: Sendable, Hashable {
  /// One entry a problem, each beginning with the place to edit; none when all is well.
  public var problems: [String] = []
  /// One line a module, and a total.
  public var summary: [String] = []

  public var text: String { (problems + summary).joined(separator: "\n") }
}

extension Workbook {
  public func check() -> Report {
    var report = Report()
    let moduleFiles = Set(modules.flatMap(\.files))
    var quotedPaths = Set(chapters.flatMap(\.quotes).map(\.file))
    var counts: [String: (quoted: Int, all: Int)] = [:]

    for module in modules {
      let isExplained = hasText(module)
      for path in module.files {
        guard let lines = files[path] else { continue }
        var ledger = Ledger(file: lines)
        report.problems += strayQuotes(ledger.enter(quotes(of: path)), in: ledger)
        quotedPaths.remove(path)
        counts[module.folder, default: (0, 0)].quoted += ledger.quotedCount
        counts[module.folder, default: (0, 0)].all += ledger.lineCount
        if isExplained { report.problems += gaps(in: path, ledger) }
      }
    }
    // Files outside the chapters' modules (tests, manifests) may be quoted as often as it helps, but truly.
    for path in quotedPaths.subtracting(moduleFiles).sorted() {
      if let lines = files[path] {
        var ledger = Ledger(file: lines)
        report.problems += strayQuotes(ledger.enter(quotes(of: path)), in: ledger)
      } else {
        report.problems += quotes(of: path).map { "\($0.place): quotes \(path), which does not exist" }
      }
    }
    report.summary = summary(counts)
    return report
  }

  private func gaps(in path: String, _ ledger: Ledger) -> [String] {
    ledger.uncovered.map { "\(path):\(range($0)): quoted by no chapter" }
      + ledger.quotedTwice.map { lines, quotes in
        "\(path):\(range(lines)): quoted more than once, by \(quotes.map(\.place).joined(separator: " and "))"
      }
  }

  private func strayQuotes(_ quotes: [Quote], in ledger: Ledger) -> [String] {
    quotes.map { quote in
      if !quote.requested.isEmpty {
        return "\(quote.place): is not filled yet; `make quotes FIX=1` does it"
      }
      if quote.body.allSatisfy(\.isBlank) {
        return "\(quote.place): is empty; write lines=FIRST-LAST after the file, then `make quotes FIX=1`"
      }
      let anchoring = Anchoring(file: ledger.file, isTaken: ledger.isTaken)
      guard let start = anchoring.anchors(of: quote.pieces)?.first?.lines.lowerBound else {
        return "\(quote.place): has nothing like it in \(quote.file)"
      }
      return "\(quote.place): has drifted from \(quote.file):\(start + 1)" + difference(quote, ledger.file, start)
    }
  }

  /// The first line of a run that differs, shown from both sides.
  private func difference(_ quote: Quote, _ file: [String], _ start: Int) -> String {
    let body = quote.body.prefix { Quote.foldedComment($0) == nil }
    for (offset, line) in body.enumerated() {
      let other = start + offset < file.count ? file[start + offset] : "(end of file)"
      if line != other {
        return "\n    chapter, line \(quote.line + 1 + offset): \(line)\n    file, line \(start + offset + 1): \(other)"
      }
    }
    return ", after its first \(body.count) lines"
  }

  private func summary(_ counts: [String: (quoted: Int, all: Int)]) -> [String] {
    let width = (modules.map(\.folder.count).max() ?? 0) + 2
    func row(_ name: String, _ text: String) -> String {
      name + String(repeating: " ", count: max(1, width - name.count)) + text
    }
    var rows: [String] = []
    var (quoted, all) = (0, 0)
    for module in modules {
      let count = counts[module.folder] ?? (0, 0)
      if hasText(module) {
        rows.append(row(module.folder, "\(count.quoted)/\(count.all) lines"))
        quoted += count.quoted
        all += count.all
      } else {
        rows.append(row(module.folder, "no text yet (\(count.all) lines)"))
      }
    }
    return rows + [row("total", "\(quoted)/\(all) lines")]
  }
}

func range(_ lines: ClosedRange<Int>) -> String {
  lines.count == 1 ? "\(lines.lowerBound)" : "\(lines.lowerBound)-\(lines.upperBound)"
}
