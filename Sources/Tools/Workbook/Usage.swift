/// What a command takes, read from the line that its help shows: `EXERCISE [--all] [--seed NUMBER]`.
///
/// A word in capitals stands for an argument, in brackets for one that may be absent; options stand in brackets, with
/// the name of their value if they take one. Help and parsing cannot disagree, since both are this line.
public struct Usage: Hashable, Sendable {
  public let text: String
  private var operands: [(name: String, isNeeded: Bool)] = []
  /// The options, each with the name of its value if it takes one.
  private var options: [String: String?] = ["--plain": nil]

  public init(_ text: String) {
    self.text = text
    var words = text.split(separator: " ").map(String.init)[...]
    while let word = words.popFirst() {
      let isNeeded = !word.hasPrefix("[")
      let name = word.filter { $0 != "[" && $0 != "]" }
      guard name.hasPrefix("--") else {
        operands.append((name, isNeeded))
        continue
      }
      let takesValue = !word.hasSuffix("]") && words.first?.hasSuffix("]") == true
      options[name] = .some(takesValue ? words.popFirst()?.filter { $0 != "]" } : nil)
    }
  }

  /// What a user has typed after the command's name, sorted into arguments and options.
  public func read(_ words: [String]) throws(UsageError) -> Arguments {
    var arguments = Arguments()
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else {
        guard arguments.words.count < operands.count else {
          throw UsageError("there is nothing that \(word) could mean here")
        }
        arguments.words.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let name = parts.first ?? word
      switch options[name] {
      case nil: throw UsageError("there is no option \(name)")
      case .some(nil):
        guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
        arguments.options[name] = ""
      case .some(let value?):
        guard let given = parts.count == 2 ? parts[1] : rest.popFirst() else {
          throw UsageError("\(name) needs a value: \(name) \(value)")
        }
        arguments.options[name] = given
      }
    }
    let missing = operands.dropFirst(arguments.words.count).filter(\.isNeeded)
    if let first = missing.first { throw UsageError("\(first.name) is missing") }
    return arguments
  }

  public static func == (left: Usage, right: Usage) -> Bool { left.text == right.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// What a command was called with.
public struct Arguments: Hashable, Sendable {
  /// In their order; as many as the usage line asks for at least, and at most.
  public var words: [String] = []
  /// Options by name, a flag with an empty value.
  public var options: [String: String] = [:]

  public init() {}

  public func has(_ flag: String) -> Bool { options[flag] != nil }

  /// The value of an option as a number; nil when it was not given.
  public func number(_ option: String) throws(UsageError) -> Int? {
    guard let text = options[option] else { return nil }
    guard let number = Int(text) else { throw UsageError("\(option) is \(text); give a number") }
    return number
  }
}

/// A command was called in a way that it does not understand.
public struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
