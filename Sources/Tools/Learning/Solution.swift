import SwiftSource
import Workbook

/// What we have written where the learner writes.
struct Solution {
  let text: String

  init(_ exercise: Exercise, in catalogue: Catalogue) throws {
    switch exercise.kind {
    case .rebuild(let function):
      let file = SwiftFile(catalogue.text(of: function.file) ?? "")
      let ours = try file.function(declaredBy: function.declaration)
      let first = file.line(at: ours.start)
      text =
        (["\(function.file):\(first)", ""]
        + (first...file.line(at: ours.body.upperBound)).map { line in
          file.indentation(ofLine: line) + file.trimmedLine(line)
        }).joined(separator: "\n")
    case .extend(let patch):
      text = "\(patch)\n\n\(catalogue.text(of: patch) ?? "")"
    }
  }
}
