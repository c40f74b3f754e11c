/// A piece of an expression and what it is made of. The parser builds the tree, the checker writes types into it, and
/// the evaluator walks along it.
struct CELNode: Sendable {
  enum Form: Sendable {
    case literal(CELValue)
    case name(String)
    /// A field of the only child.
    case select(String)
    /// The same as an optional: `x.?field`.
    case optionalSelect(String)
    /// `has(x.field)`
    case has(String)
    /// Operators are functions with odd names. The first child of a method is what it is called on.
    case call(String, isMethod: Bool)
    /// The children at these places are optionals that are left out when they are empty: `[?x]`.
    case list(optional: Set<Int>)
    /// Keys and values by turns; the places are those of the values.
    case map(optional: Set<Int>)
    /// Evaluates its second and third child with these names bound to parts of the first.
    case macro(CELMacro, [String])
  }

  var form: Form
  var children: [CELNode] = []
  /// In characters from the start of the expression.
  var position: Int
  /// How deep the tree below is. The walkers call themselves, and their stack is not endless.
  private(set) var depth = 1

  /// What the checker found out.
  var type = CELType.dyn
  var functions: [CELFunction] = []

  static let greatestDepth = 250

  init(_ form: Form, _ children: [CELNode] = [], at position: Int) throws(CELFault) {
    self.form = form
    self.position = position
    for child in children { try append(child) }
  }

  mutating func append(_ child: CELNode) throws(CELFault) {
    children.append(child)
    depth = max(depth, child.depth + 1)
    guard depth <= Self.greatestDepth else {
      throw CELFault(position, "expression recursion limit exceeded: \(Self.greatestDepth)")
    }
  }
}

/// What looks like a method, but evaluates an argument once for every element.
enum CELMacro: String, Sendable {
  case all, exists, existsOne, filter, map, transformList, transformMap, transformMapEntry, sortBy
  case optMap, optFlatMap

  /// Whether the second child says which elements count.
  func hasCondition(_ node: CELNode) -> Bool {
    switch self {
    case .all, .exists, .existsOne, .filter: true
    case .map, .transformList, .transformMap, .transformMapEntry: node.children.count == 3
    case .sortBy, .optMap, .optFlatMap: false
    }
  }
}

/// Something wrong with an expression, and where.
struct CELFault: Error, Sendable, Hashable {
  var position: Int
  var message: String

  init(_ position: Int, _ message: String) {
    self.position = position
    self.message = message
  }
}

/// Why an expression is no use, in the form in which cel-go prints it.
public struct CELCompilationError: Error, Sendable, CustomStringConvertible {
  let source: String
  let faults: [CELFault]

  public var description: String {
    "compilation failed: "
      + faults.sorted { $0.position < $1.position }.map(display).joined(separator: "\n")
  }

  /// The message, the line, and a caret below the place. A character wider than one byte takes a wide dot.
  private func display(_ fault: CELFault) -> String {
    let before = source.unicodeScalars.prefix(fault.position)
    let column = before.reversed().prefix { $0 != "\n" }.count
    let start = before.count - column
    let line = source.unicodeScalars.dropFirst(start).prefix { $0 != "\n" }
    let dots = line.prefix(column).map { $0.isASCII ? "." : "．" }.joined()
    let caret = line.dropFirst(column).first?.isASCII ?? true ? "^" : "＾"
    let row = before.count { $0 == "\n" } + 1
    let text = String(String.UnicodeScalarView(line)).replacing("\t", with: " ")
    return "ERROR: <input>:\(row):\(column + 1): \(fault.message)\n | \(text)\n | \(dots)\(caret)"
  }
}
