/// A function emptied for an exercise. It compiles, and whoever calls it learns that it is still to be written: it
/// throws `Unimplemented` where it may, and gives the value that the exercise names where it may not.
public struct Stub: Sendable, Hashable {
  /// `2.1`
  public var exercise: String
  /// How the line begins that declares the function: `public static func areInIncreasingOrder(`.
  public var function: String
  /// The expression that stands for a result until there is a real one.
  public var otherwise: String?

  public init(exercise: String, function: String, otherwise: String? = nil) {
    self.exercise = exercise
    self.function = function
    self.otherwise = otherwise
  }

  /// The file with that function emptied. Throws a sentence about the exercise where it cannot be.
  public func emptying(_ file: SwiftFile) throws(SwiftFileProblem) -> String {
    let function = try file.function(declaredBy: function)
    return file.replacingBody(of: function, with: try body(for: function))
  }

  /// What stands in the emptied body.
  public func body(for function: Function) throws(SwiftFileProblem) -> String {
    switch (function.kind, function.throwing, function.result, otherwise) {
    case (.initializer, _, _, _), (.deinitializer, _, _, _):
      throw SwiftFileProblem("empties `\(function.name)`; an exercise is a function or a computed property")
    case (_, .anything, _, _):
      return "throw Unimplemented(\"\(exercise)\")"
    case (_, _, nil, nil):
      return "unimplemented(\"\(exercise)\")"
    case (_, _, nil, .some):
      throw SwiftFileProblem("has `otherwise`, but `\(function.name)` returns nothing; remove that line")
    case (_, _, .some, nil):
      throw SwiftFileProblem(
        "lacks `otherwise`: `\(function.name)` returns \(function.result ?? "a value") and cannot throw, so say what "
          + "it returns until it is written")
    case (_, _, .some, .some(let value)):
      return "unimplemented(\"\(exercise)\", \(value))"
    }
  }

  /// The name of the file that declares what emptied functions call. It goes into the module beside them.
  public static let supportFile = "Unimplemented.swift"

  /// What is in that file.
  public static let support = """
    /// Thrown where an exercise is still to be written.
    struct Unimplemented: Error, Hashable, CustomStringConvertible {
      let exercise: String

      init(_ exercise: String) { self.exercise = exercise }

      var description: String { "exercise \\(exercise) is not written yet" }
    }

    /// Stands where an exercise is still to be written and nothing is returned.
    func unimplemented(_ exercise: String) {}

    /// Stands where an exercise is still to be written: gives a value that lets the program go on.
    func unimplemented<Value: ~Copyable>(_ exercise: String, _ value: consuming Value) -> Value { value }

    """
}
