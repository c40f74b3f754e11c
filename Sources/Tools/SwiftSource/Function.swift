/// A function, an initialiser, or an accessor of a property or subscript: whatever has a body of statements.
public struct Function: Sendable, Hashable {
  public enum Kind: Sendable {
    case function, initializer, deinitializer
    /// Of a property or subscript, written with `get` or without.
    case getter
    /// `set`, `willSet`, `didSet` and the like.
    case setter
  }

  public enum Throws: Sendable, Hashable {
    case nothing
    /// `throws`, `throws(any Error)`: an error of any type may leave it.
    case anything
    case only(String)
    /// What its arguments throw.
    case again
  }

  public var kind: Kind
  /// `reconcile`, `==`, `init`, `subscript`, or the property's name.
  public var name: String
  /// The types around it, the outermost first.
  public var scope: [String]
  /// Where the declaration begins: the first of its attributes and modifiers, or `func`, `var`…
  public var start: Int
  /// The line of the word `func`, `init`, `var`, `subscript`; of an accessor too. Counted from 1.
  public var line: Int
  /// From the declaration's beginning to before its body, on one line: `public func a(_ b: Int) throws -> Int`.
  public var header: String
  /// The attributes: `@discardableResult`.
  public var attributes: [String]
  public var isAsync: Bool
  public var isMutating: Bool
  public var throwing: Throws
  /// The type of what it returns, as it is written; nil for nothing.
  public var result: String?
  /// Between the braces.
  public var body: Range<Int>
  /// Its body is one expression, whose value it returns without saying so.
  public var isSingleExpression: Bool

  /// `Rollout.nextStep`, for people.
  public var qualifiedName: String { (scope + [name]).joined(separator: ".") }
}

/// What is wrong with a request about a file, as a sentence that says what to do.
public struct SwiftFileProblem: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

extension SwiftFile {
  /// The one function or computed property whose line begins with `beginning`. Of a property with several accessors it
  /// is the one that gets.
  public func function(declaredBy beginning: String) throws(SwiftFileProblem) -> Function {
    let wanted = beginning.trimmed
    guard !wanted.isEmpty else { throw SwiftFileProblem("names no function; write how its line begins") }
    let found = functions.filter { trimmedLine($0.line).hasPrefix(wanted) && $0.kind != .setter }
    guard let first = found.first else {
      throw SwiftFileProblem("has no function whose line begins with “\(wanted)”; copy the beginning of its line")
    }
    guard found.count == 1 else {
      let lines = found.map { String($0.line) }.joined(separator: ", ")
      throw SwiftFileProblem(
        "has several functions whose lines begin with “\(wanted)” (lines \(lines)); write more of the line")
    }
    return first
  }
}
