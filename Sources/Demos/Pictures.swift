public import Foundation

/// The drawings of the demos, which the chapters show.
public enum Pictures {
  /// Draws every demo into `chapters/images` of a repository.
  /// - Parameter updating: without it nothing is written.
  /// - Returns: the files that are not, or were not, what a run looks like now.
  public static func outdated(in repository: URL, updating: Bool) throws -> [String] {
    try Demo.all.map { demo in
      let path = "chapters/images/demo-\(demo.chapter).svg"
      return (path, Data(Drawing(try demo.run(.silent)).svg.utf8))
    }.filter { path, drawing in
      let file = repository.appending(path: path)
      guard (try? Data(contentsOf: file)) != drawing else { return false }
      if updating { try drawing.write(to: file, options: .atomic) }
      return true
    }.map(\.0)
  }
}
