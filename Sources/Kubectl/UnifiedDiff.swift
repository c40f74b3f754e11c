// Two texts compared line by line, in the unified format of diff(1).

/// The difference, with three lines around each change; empty when there is none.
func unifiedDiff(_ old: String, _ new: String, oldName: String, newName: String, context: Int = 3) -> String {
  let (before, after) = (lines(of: old), lines(of: new))
  let changes = edits(before, after)
  guard changes.contains(where: { $0.mark != " " }) else { return "" }
  var text = "--- \(oldName)\n+++ \(newName)\n"
  var start = 0
  while let change = changes[start...].firstIndex(where: { $0.mark != " " }) {
    // A hunk ends where more lines than two contexts stay the same.
    var last = change
    while let next = changes[(last + 1)...].firstIndex(where: { $0.mark != " " }), next - last <= 2 * context + 1 {
      last = next
    }
    let range = max(start, change - context)..<min(changes.count, last + context + 1)
    text += hunk(
      changes[range], oldBefore: changes[..<range.lowerBound].count { $0.mark != "+" },
      newBefore: changes[..<range.lowerBound].count { $0.mark != "-" })
    start = range.upperBound
  }
  return text
}

private struct Edit {
  /// " ", "-" or "+".
  var mark: Character
  var line: Substring
}

private func lines(of text: String) -> [Substring] {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  if lines.last == "" { lines.removeLast() }
  return lines
}

private func edits(_ old: [Substring], _ new: [Substring]) -> [Edit] {
  var removed: Set<Int> = []
  var inserted: Set<Int> = []
  for change in new.difference(from: old) {
    switch change {
    case .remove(let offset, _, _): removed.insert(offset)
    case .insert(let offset, _, _): inserted.insert(offset)
    }
  }
  var edits: [Edit] = []
  var (i, j) = (0, 0)
  while i < old.count || j < new.count {
    if removed.contains(i) {
      edits.append(Edit(mark: "-", line: old[i]))
      i += 1
    } else if inserted.contains(j) {
      edits.append(Edit(mark: "+", line: new[j]))
      j += 1
    } else {
      guard i < old.count, j < new.count else { break }
      edits.append(Edit(mark: " ", line: old[i]))
      (i, j) = (i + 1, j + 1)
    }
  }
  return edits
}

private func hunk(_ edits: ArraySlice<Edit>, oldBefore: Int, newBefore: Int) -> String {
  func range(_ before: Int, _ count: Int) -> String {
    let start = count == 0 ? before : before + 1
    return count == 1 ? "\(start)" : "\(start),\(count)"
  }
  let (old, new) = (edits.count { $0.mark != "+" }, edits.count { $0.mark != "-" })
  return "@@ -\(range(oldBefore, old)) +\(range(newBefore, new)) @@\n" + edits.map { "\($0.mark)\($0.line)\n" }.joined()
}
