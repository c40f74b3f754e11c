/// Mends quotes after an edit of the source, and fills those that only name their lines.
///
/// What still matches is never touched. A quote that cannot be placed stays as it is; the next check names it.
extension Workbook {
  public mutating func refresh() {
    var bodies: [Quote: [String]] = [:]
    for (path, lines) in files {
      bodies.merge(newBodies(of: quotes(of: path), lines)) { first, _ in first }
    }
    for index in chapters.indices {
      var changes: [Int: [String]] = [:]
      for (position, quote) in chapters[index].quotes.enumerated() { changes[position] = bodies[quote] }
      if !changes.isEmpty { chapters[index].replaceBodies(changes) }
    }
  }

  private func newBodies(of quotes: [Quote], _ file: [String]) -> [Quote: [String]] {
    var ledger = Ledger(file: file)
    var bodies: [Quote: [String]] = [:]
    let requests = quotes.filter { !$0.requested.isEmpty }
    let drifted = ledger.enter(quotes.filter(\.requested.isEmpty))
    for quote in requests {
      guard let body = filling(quote.requested, from: file) else { continue }
      bodies[quote] = body
      ledger.enter(quote, Match(runs: quote.requested.map { $0.lowerBound - 1..<$0.upperBound }))
    }

    // Neighbours may have drifted together: all find their ground first, then each takes back its lost edges.
    var anchored: [(quote: Quote, anchors: [Anchoring.Anchor])] = []
    for quote in drifted {
      guard let anchors = Anchoring(file: file, isTaken: ledger.isTaken).anchors(of: quote.pieces), !anchors.isEmpty
      else { continue }
      ledger.enter(quote, Match(runs: anchors.map(\.lines)))
      anchored.append((quote, anchors))
    }
    for (quote, anchors) in anchored {
      let runs = anchors.map { ledger.extended($0) }
      ledger.enter(quote, Match(runs: runs))
      bodies[quote] = body(of: quote.pieces, runs, file)
    }
    return bodies
  }

  /// The requested lines with a bare fold between one stretch and the next; nil when the file has no such lines.
  private func filling(_ requested: [ClosedRange<Int>], from file: [String]) -> [String]? {
    var body: [String] = []
    var end = 0
    for lines in requested {
      guard lines.lowerBound > end, lines.upperBound <= file.count else { return nil }
      if !body.isEmpty {
        let skipped = file[end..<lines.lowerBound].first { !$0.isBlank } ?? ""
        body.append("\(skipped.indentation)// \(Quote.foldSign)")
      }
      body += file[lines.lowerBound - 1..<lines.upperBound]
      end = lines.upperBound
    }
    return body
  }

  private func body(of pieces: [Piece], _ runs: [Range<Int>], _ file: [String]) -> [String] {
    var remaining = runs[...]
    return pieces.flatMap { piece in
      switch piece {
      case .run: remaining.popFirst().map { Array(file[$0]) } ?? []
      case .fold(let comment): ["\(comment) \(Quote.foldSign)"]
      }
    }
  }
}

extension Ledger {
  /// An anchor grown by the lines that its ends have lost, as far as nobody else owns them.
  fileprivate func extended(_ anchor: Anchoring.Anchor) -> Range<Int> {
    var lines = anchor.lines
    for _ in 0..<anchor.lostAbove where lines.lowerBound > 0 && !isTaken(lines.lowerBound - 1) {
      lines = lines.lowerBound - 1..<lines.upperBound
    }
    for _ in 0..<anchor.lostBelow where lines.upperBound < file.count && !isTaken(lines.upperBound) {
      lines = lines.lowerBound..<lines.upperBound + 1
    }
    // Blank lines at the edges separate quotes; they belong to neither.
    while lines.count > 1, file[lines.lowerBound].isBlank { lines = lines.lowerBound + 1..<lines.upperBound }
    while lines.count > 1, file[lines.upperBound - 1].isBlank { lines = lines.lowerBound..<lines.upperBound - 1 }
    return lines
  }
}
