import SwiftSource
import Testing

@testable import Variants

@Suite struct MutatorTests {
  /// The changed lines of a function whose body is `body`.
  private func lines(_ body: String, _ header: String = "func f()") -> [String] {
    let mutants = Mutator.mutants(of: SwiftFile("\(header) {\n\(body)\n}\n"), path: "A.swift", from: 1)
    return mutants.map(\.after)
  }

  @Test(arguments: [
    ("let a = b < c", ["let a = b <= c", "let a = b >= c"]),
    ("let a = b == c", ["let a = b != c"]),
    ("let a = b + c", ["let a = b - c"]),
    ("let a = b && c", ["let a = b || c"]),
    ("let a = !b", ["let a = b"]),
    ("let a = 0..<b", ["let a = 0...b", "let a = 1..<b"]),
    ("let a = 5", ["let a = 6", "let a = 4"]),
    ("let a = true", ["let a = false"]),
    ("let a = b.0.map { $0 }", []),
    ("let a: Array<B> = c as? D ?? e", []),
    ("let a = \"b < c + 1\" // d < e", []),
    ("if a { return }", ["if !(a) { return }"]),
    (
      "guard let a, b(c, d), e else { return }",
      [
        "guard let a, !(b(c, d)), e else { return }", "guard let a, b(c, d), !(e) else { return }",
      ]
    ),
    (
      "guard a.count { $0 } > b else { return }",
      [
        "guard a.count { $0 } >= b else { return }", "guard a.count { $0 } <= b else { return }",
      ]
    ),
    ("let a = b ? c : d(e)", ["let a = b ? d(e) : c"]),
    ("let a = f(b ? c : d, e)", ["let a = f(b ? d : c, e)"]),
    ("let a = b ? c : d ? e : g", ["let a = b ? d ? e : g : c", "let a = b ? c : d ? g : e"]),
    ("a(b)", ["removed"]),
    ("for a in b where c { d(a) }", ["removed"]),
    ("switch a {\ncase .b(let c), .d(let c): e(c)\ndefault: break\n}", ["removed"]),
    ("a.forEach { b in\nc(b)\n}\nreturn", ["removed", "removed", "does nothing"]),
  ])
  func eachMistakeIsMadeAlone(_ body: String, _ expected: [String]) {
    #expect(lines(body) == expected)
  }

  @Test(arguments: [
    ("Bool", ["always true", "always false"]), ("[Int]", ["always []"]), ("[String: Int]", ["always [:]"]),
    ("Int?", ["always nil"]), ("String", ["always \"\""]), ("Int", ["always 0"]), ("Plan", ["always .nothing"]),
    ("Pod", []),
  ])
  func resultsAreMadeSimple(_ type: String, _ expected: [String]) {
    #expect(lines("a.b", "func f() -> \(type)") == expected)
  }

  @Test func aMutantSaysWhereItIsAndKeepsItsNameWhenLinesMove() throws {
    let text = "struct A {\n  func b() {\n    if c < d { return }\n  }\n}\n"
    let first = try #require(Mutator.mutants(of: SwiftFile(text), path: "Sources/A.swift", from: 9).first)
    #expect(first.line == 3)
    #expect(first.change.variant == 9)
    #expect(first.name == "A.swift A.b: if c < d { return } ⇒ if c <= d { return }")
    let moved = Mutator.mutants(of: SwiftFile("// More.\n" + text), path: "Sources/A.swift", from: 1).first
    #expect(moved?.name == first.name)
  }

  @Test func theChoiceIsTheSameEveryTimeAndFarFromEdits() {
    let functions = (0..<40).map { "func f\($0)() -> Int {\n  a + \($0)\n}\n" }.joined()
    let edited = "func new() -> Bool { a < b }\n" + functions
    let chosen = [functions, functions, edited].map { text in
      Set(MutantRun.choose(["A.swift": SwiftFile(text)], limit: 60).chosen.map(\.name))
    }
    #expect(chosen[0] == chosen[1])
    #expect(chosen[0].count == 60)
    #expect(chosen[0].subtracting(chosen[2]).count <= 4)
  }
}
