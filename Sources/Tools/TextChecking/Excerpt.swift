import QuoteChecking

/// Output as a text shows it: a line `[..]` stands for any lines, and `[..]` within a line for anything.
struct Excerpt {
  static let gap = "[..]"

  let lines: [String]

  init(_ lines: [String]) { self.lines = lines }

  /// Lines that stand one below the other in the output.
  private struct Run {
    /// Its position in the excerpt.
    var start: Int
    var lines: [String]
    var followsGap: Bool
    var precedesGap: Bool
  }

  private var runs: [Run] {
    var runs: [Run] = []
    var afterGap = false
    var isOpen = false
    for (index, line) in lines.enumerated() {
      if Self.isGap(line) {
        if isOpen { runs[runs.count - 1].precedesGap = true }
        (afterGap, isOpen) = (true, false)
      } else if isOpen {
        runs[runs.count - 1].lines.append(line)
      } else {
        runs.append(Run(start: index, lines: [line], followsGap: afterGap, precedesGap: false))
        isOpen = true
      }
    }
    return runs
  }

  static func isGap(_ line: String) -> Bool { line.trimmed == gap }

  /// What is not as in the output: a position in the excerpt and a sentence; nil when all is.
  func difference(from output: [String]) -> (position: Int, message: String)? {
    let runs = runs
    guard let last = runs.last else {
      guard lines.isEmpty, let first = output.first else { return nil }
      return (0, "the output is left out here; it begins with: \(first)")
    }
    var position = 0
    for run in runs {
      let isLast = run.start == last.start
      let starts =
        !run.followsGap
        ? [position] : isLast && !run.precedesGap ? [output.count - run.lines.count] : Array(position...output.count)
      let found = starts.first { matches(run.lines, output, at: $0) && $0 >= position }
      guard let found else {
        return difference(run, output, from: run.followsGap ? Array(position...output.count) : [position])
      }
      position = found + run.lines.count
    }
    if !last.precedesGap, position < output.count {
      return (max(0, lines.count - 1), "the output goes on: \(output[position])")
    }
    return nil
  }

  /// At the place where most lines are right, the first one that is not.
  private func difference(_ run: Run, _ output: [String], from starts: [Int]) -> (position: Int, message: String) {
    func right(_ start: Int) -> Int {
      run.lines.indices.first { start + $0 >= output.count || !Self.matches(run.lines[$0], output[start + $0]) }
        ?? run.lines.count
    }
    let best = starts.max { right($0) < right($1) } ?? output.count
    let offset = right(best)
    guard offset < run.lines.count else {
      return (run.start + offset - 1, "the output goes on: \(output[best + offset])")
    }
    let actual = best + offset < output.count ? output[best + offset] : "(nothing more)"
    let instead = starts.count > 1 && offset == 0 ? "is nowhere in the output" : "the output has: \(actual)"
    return (
      run.start + offset, "\(run.lines[offset].trimmed.isEmpty ? "(an empty line)" : run.lines[offset]): \(instead)"
    )
  }

  private func matches(_ run: [String], _ output: [String], at start: Int) -> Bool {
    guard start >= 0, start + run.count <= output.count else { return false }
    return zip(run, output[start...]).allSatisfy { Self.matches($0, $1) }
  }

  /// Blanks at the end of a line cannot be seen, so they are not compared.
  static func matches(_ pattern: String, _ line: String) -> Bool {
    let parts = pattern.droppingTrailingBlanks.components(around: gap)
    var rest = line.droppingTrailingBlanks[...]
    guard let first = parts.first, let last = parts.last, rest.hasPrefix(first) else { return false }
    guard parts.count > 1 else { return rest.count == first.count }
    rest = rest.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let place = rest.firstRange(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return rest.count >= last.count && rest.hasSuffix(last)
  }

  /// The same excerpt of another output: each run where the output resembles it most. Lines that still match stay as
  /// the author wrote them, with what they leave open.
  func refreshed(from output: [String]) -> [String] {
    let runs = runs
    guard difference(from: output) != nil else { return lines }
    let anchoring = Anchoring(file: output, isTaken: { _ in false })
    guard runs.count > 1 || runs.first?.followsGap == true || runs.first?.precedesGap == true,
      let anchors = anchoring.anchors(of: runs.map { .run($0.lines) })
    else { return keepingPatterns(output) }
    var stretches = anchors.map(\.lines)
    for index in runs.indices {
      let before = index > 0 ? stretches[index - 1].upperBound : 0
      let after = index + 1 < stretches.count ? stretches[index + 1].lowerBound : output.count
      let start = runs[index].followsGap ? max(before, stretches[index].lowerBound - anchors[index].lostAbove) : before
      let end = runs[index].precedesGap ? min(after, stretches[index].upperBound + anchors[index].lostBelow) : after
      stretches[index] = start..<max(start, end)
    }
    var refreshed: [String] = []
    for (run, stretch) in zip(runs, stretches) {
      if run.followsGap { refreshed.append(Self.gap) }
      refreshed += keepingPatterns(Array(output[stretch]))
    }
    return refreshed + (runs.last?.precedesGap == true ? [Self.gap] : [])
  }

  private func keepingPatterns(_ output: [String]) -> [String] {
    let patterns = lines.filter { $0.contains(Self.gap) && !Self.isGap($0) }
    return output.map { line in patterns.first { Self.matches($0, line) } ?? line.droppingTrailingBlanks }
  }
}

extension String {
  var trimmed: String { droppingTrailingBlanks.drop(while: \.isWhitespace).description }

  var droppingTrailingBlanks: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// The stretches before, between and after the separators.
  func components(around separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let place = rest.firstRange(of: separator) {
      parts.append(String(rest[..<place.lowerBound]))
      rest = rest[place.upperBound...]
    }
    return parts + [String(rest)]
  }
}
