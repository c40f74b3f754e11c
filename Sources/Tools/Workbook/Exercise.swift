/// One exercise, as its file in exercises/ describes it.
public struct Exercise: Hashable, Sendable {
  /// As people write it: `2.1`, `0a.3`.
  public var number: String
  public var kind: Kind
  public var title: String
  /// From 1, for everybody, to 5.
  public var stars: Int
  public var minutes: Int
  public var teaches: String
  /// Its own tests: with the exercise not done, at least one of them fails.
  public var tests: [TestName]
  /// What is to be written, in Markdown, without heading and hints.
  public var task: String
  /// From a question to almost the answer.
  public var hints: [Hint]
  /// Its file, from the repository's root.
  public var path: String

  public enum Kind: Hashable, Sendable {
    /// A function of the chapter whose body is to be written again.
    case rebuild(Function)
    /// New behaviour; the path of the patch that solves it.
    case extend(solution: String)
  }

  /// A function of a chapter's module.
  public struct Function: Hashable, Sendable {
    /// Its file, from the repository's root.
    public var file: String
    /// How the line begins that declares it; no other line of the file begins so.
    public var declaration: String
    /// What the emptied function returns where it cannot throw, as an expression; nil without a result.
    public var otherwise: String?

    public init(file: String, declaration: String, otherwise: String? = nil) {
      self.file = file
      self.declaration = declaration
      self.otherwise = otherwise
    }
  }

  public struct Hint: Hashable, Sendable {
    /// `Hint 1: a question`
    public var title: String
    public var text: String

    public init(title: String, text: String) {
      self.title = title
      self.text = text
    }
  }

  /// The chapter's number: `2` of `2.1`.
  public var chapter: String { String(number.prefix { $0 != "." }) }

  public var function: Function? {
    if case .rebuild(let function) = kind { function } else { nil }
  }

  public var solution: String? {
    if case .extend(let solution) = kind { solution } else { nil }
  }
}

/// A test as exercises name it: `Suite/test`, or `test` where it stands in no suite.
public struct TestName: Hashable, Sendable, Comparable, CustomStringConvertible {
  public var suite: String?
  public var function: String

  public init(suite: String?, function: String) {
    self.suite = suite
    self.function = function
  }

  /// Nil for what is no name of a test; parentheses at the end may stand or not.
  public init?(_ text: String) {
    let bare = text.hasSuffix("()") ? String(text.dropLast(2)) : text
    let parts = bare.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(Self.isIdentifier), let function = parts.last else {
      return nil
    }
    self.init(suite: parts.count == 2 ? String(parts[0]) : nil, function: String(function))
  }

  private static func isIdentifier(_ text: Substring) -> Bool {
    text.first?.isNumber == false && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  public var description: String { suite.map { "\($0)/\(function)" } ?? function }

  public static func < (left: TestName, right: TestName) -> Bool { left.description < right.description }
}
