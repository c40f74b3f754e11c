/// An expression that has been read and checked, and can be evaluated as often as one likes.
///
/// Specified by Kubernetes, "Common Expression Language in Kubernetes".
public struct CELExpression: Sendable {
  public let source: String
  private let tree: CELNode

  /// What evaluates to is of this type, as far as that is known.
  public var type: CELType { tree.type }

  /// - Parameter variables: what the expression may use, by name.
  /// - Throws: everything that is wrong, each with its place.
  public init(_ source: String, variables: [String: CELType]) throws(CELCompilationError) {
    self.source = source
    var tree: CELNode
    do {
      tree = try CELParser.parse(source)
    } catch {
      throw CELCompilationError(source: source, faults: [error])
    }
    var checker = CELChecker(variables: variables)
    checker.check(&tree)
    if !checker.faults.isEmpty { throw CELCompilationError(source: source, faults: checker.faults) }
    self.tree = tree
  }

  /// Whether its value can depend on the variable.
  public func uses(_ variable: String) -> Bool { tree.uses(variable) }

  /// What an evaluation costs at most, were every value as large as its type allows.
  public var estimatedCost: Int { tree.estimatedCost }

  /// - Parameter budget: what may be spent, less what has been spent. No call spends more than ``CELCost/perCall``.
  /// - Throws: ``CELFailure``, and nothing else.
  public func evaluate(_ variables: [String: CELValue], budget: inout Int) throws -> CELValue {
    let allowance = min(budget, CELCost.perCall)
    var evaluator = CELEvaluator(variables: variables, budget: allowance)
    defer { budget -= allowance - evaluator.remaining }
    return try evaluator.value(of: tree)
  }
}

extension CELNode {
  fileprivate func uses(_ variable: String) -> Bool {
    switch form {
    case .name(variable): true
    // A macro's own variable of that name is another one.
    case .macro(_, let names) where names.contains(variable): children[0].uses(variable)
    default: children.contains { $0.uses(variable) }
    }
  }
}
