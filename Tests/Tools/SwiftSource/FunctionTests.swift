import SwiftSource
import Testing

/// What is found in a file: one sample a shape.
@Suite struct FunctionTests {
  private func only(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> (SwiftFile, Function) {
    let file = SwiftFile(text)
    #expect(file.functions.count == 1, sourceLocation: location)
    return (file, try #require(file.functions.first, sourceLocation: location))
  }

  @Test func aFunctionIsFoundWithAllThatItsHeaderSays() throws {
    let (file, function) = try only(
      """
      import Foundation

      extension Outer.Inner {
        /// Text { with a brace.
        @discardableResult
        public mutating func merge<Other: Sequence>(_ other: Other, with f: (Int) throws -> Int = { $0 })
          async throws(JSONError) -> [String: Int] where Other.Element == Int
        {
          let a = 1
          return [:]
        }
      }
      """)
    #expect(function.kind == .function)
    #expect(function.qualifiedName == "Outer.Inner.merge")
    #expect(function.line == 6)
    #expect(function.attributes == ["@discardableResult"])
    #expect(function.isAsync && function.isMutating)
    #expect(function.throwing == .only("JSONError"))
    #expect(function.result == "[String: Int]")
    #expect(!function.isSingleExpression)
    #expect(function.header.hasPrefix("@discardableResult public mutating func merge<Other: Sequence>("))
    #expect(function.header.hasSuffix("where Other.Element == Int"))
    #expect(file[function.body].contains("return [:]"))
  }

  @Test(arguments: [
    ("func f() {}", Function.Throws.nothing, nil),
    ("func f() throws {}", .anything, nil),
    ("func f() throws(any Error) -> Int { 1 }", .anything, "Int"),
    ("func f(_ g: () throws -> Int) rethrows -> Int { try g() }", .again, "Int"),
    ("func f(_ g: () throws -> Int) -> Void {}", .nothing, nil),
    ("func f() -> (Int) throws -> [Int] { g }", .anything, "(Int) throws -> [Int]"),
    ("static func == (a: Self, b: Self) -> Bool { true }", .nothing, "Bool"),
    ("func f() -> some Sequence<(Int, String)> { [] }", .nothing, "some Sequence<(Int, String)>"),
  ])
  func effectsAndResultsAreRead(_ text: String, _ throwing: Function.Throws, _ result: String?) throws {
    let (_, function) = try only(text)
    #expect(function.result == result)
    // What a returned function throws is not told apart: nobody empties such a one.
    if result?.contains("throws") != true { #expect(function.throwing == throwing) }
  }

  @Test func accessorsAreFoundOneByOne() {
    let file = SwiftFile(
      """
      struct A {
        var stored = 1 { didSet { print(stored) } }
        var kept: [Int] = { [1] }()
        let closure: (Int) -> Int = { value in value }
        var short: Int { stored + 1 }
        var both: Int {
          get { stored }
          set { stored = newValue }
        }
        var thrown: Int { get throws { try f() } }
        subscript(_ key: String) -> Int? { nil }
        subscript(at index: Int) -> Int {
          _read { yield stored }
          _modify { yield &stored }
        }
        init?(_ a: Int) { return nil }
        init() throws { stored = 2 }
        deinit { close() }
        private(set) var last: Set<String> { [] }
      }
      """)
    #expect(
      file.functions.map { "\($0.kind) \($0.name)" } == [
        "getter short", "getter both", "setter both", "getter thrown", "getter subscript", "setter subscript",
        "setter subscript", "initializer init", "initializer init", "deinitializer deinit", "getter last",
      ])
    #expect(file.functions.map(\.scope) == Array(repeating: ["A"], count: 11))
    #expect(file.functions[3].throwing == .anything)
    #expect(file.functions[4].result == "Int?")
    #expect(file.functions[10].result == "Set<String>")
  }

  @Test func requirementsHaveNoBody() {
    let file = SwiftFile(
      """
      protocol Shape: Sendable where Self: AnyObject {
        associatedtype Corner
        var area: Int { get }
        var name: String { get set }
        init(_ corners: [Corner])
        func scaled(by factor: Int) throws -> Self
        subscript(_ index: Int) -> Corner { get }
        func drawn()
      }
      func last() {}
      """)
    #expect(file.functions.map(\.name) == ["last"])
  }

  @Test func bracesInWordsAndInnerFunctionsChangeNothing() {
    let file = SwiftFile(
      ##"""
      func first() -> String {
        // } not the end
        let text = "} \(value(of: ["}": "\(inner) {"])) {"
        func local() -> Int { 1 }
        let raw = #"\(no) " } \#(yes(")"))"#
        return """
          }
          \(deep { $0 }) "quoted"
          """ + text + raw /* } /* } */ } */
      }
      func second() {}
      class C { class func made() -> C { C() } }
      enum E { case a(Int), b(of: (Int) -> Int); static let all = [1].map { $0 }; var c: Int { 3 } }
      """##)
    #expect(file.functions.map(\.qualifiedName) == ["first", "second", "C.made", "E.c"])
  }

  @Test(arguments: [
    ("{ a + b }", true), ("{\n  a\n    .map { $0 }\n    .filter(f)\n}", true), ("{ return a }", false),
    ("{\n  let a = 1\n  return a\n}", false), ("{ a; b }", false), ("{ }", false),
    ("{\n  a\n    && b\n    || c\n}", true), ("{ if a { 1 } else { 2 } }", true),
    ("{ if a { return 1 } else { return 2 } }", false), ("{ switch a {\n  case .b: 1\n  default: 2\n  }\n}", true),
    ("{\n  [\n    1,\n    2,\n  ]\n}", true), ("{ try a ? b : c }", true), ("{\n  // why\n  a\n}", true),
  ])
  func singleExpressionsAreKnown(_ body: String, _ isSingle: Bool) throws {
    #expect(try only("func f() -> Int \(body)").1.isSingleExpression == isSingle)
  }

  @Test func aFunctionIsFoundByTheBeginningOfItsLine() throws {
    let file = SwiftFile(
      """
      struct A {
        public func a(_ b: Int) -> Int { 1 }
        public func a(_ c: String) -> Int { 2 }
        var both: Int {
          get { 1 }
          set {}
        }
      }
      """)
    #expect(try file.function(declaredBy: "public func a(_ c").line == 3)
    #expect(try file.function(declaredBy: "var both").kind == .getter)
    let several = #expect(throws: SwiftFileProblem.self) { try file.function(declaredBy: "public func a(") }
    #expect(several?.description.contains("lines 2, 3") == true)
    let none = #expect(throws: SwiftFileProblem.self) { try file.function(declaredBy: "func b") }
    #expect(none?.description.contains("has no function whose line begins with “func b”") == true)
  }

  @Test func codeLinesHoldNeitherCommentsNorText() {
    let file = SwiftFile("let a = \"x! \\(y) z\" // no!\n/* one\ntwo */ b()\n")
    #expect(file.codeLines == ["let a = \"\"y\"\" ", "", " b()", ""])
  }
}
