import Foundation
import SwiftSource
import Testing

@Suite struct StubTests {
  private func emptied(_ text: String, _ function: String, otherwise: String? = nil) throws -> String {
    try Stub(exercise: "2.1", function: function, otherwise: otherwise).emptying(SwiftFile(text))
  }

  @Test func aFunctionThatThrowsThrows() throws {
    #expect(
      try emptied("struct A {\n  func a() throws -> Int {\n    let b = 1\n    return b\n  }\n}\n", "func a")
        == "struct A {\n  func a() throws -> Int {\n    throw Unimplemented(\"2.1\")\n  }\n}\n")
  }

  @Test func anyOtherGivesWhatTheExerciseSays() throws {
    #expect(
      try emptied("var a: [Int] { [1] }\n", "var a", otherwise: "[]")
        == "var a: [Int] {\n  unimplemented(\"2.1\", [])\n}\n")
    #expect(
      try emptied("func a() throws(E) -> Int { 1 }", "func a", otherwise: "0")
        == "func a() throws(E) -> Int {\n  unimplemented(\"2.1\", 0)\n}")
    #expect(try emptied("func a() { b() }", "func a") == "func a() {\n  unimplemented(\"2.1\")\n}")
  }

  @Test(arguments: [
    ("func a() -> Int { 1 }", "func a", String?.none, "lacks `otherwise`: `a` returns Int"),
    ("func a() { }", "func a", "0", "returns nothing"),
    ("init() {}", "init", "0", "an exercise is a function or a computed property"),
    ("func a() {}", "func b", nil, "has no function whose line begins"),
    ("func a() {}", " ", nil, "names no function"),
  ])
  func whatCannotBeEmptiedIsSaid(_ text: String, _ function: String, _ otherwise: String?, _ sentence: String) {
    let problem = #expect(throws: SwiftFileProblem.self) { try emptied(text, function, otherwise: otherwise) }
    #expect(problem?.description.contains(sentence) == true)
  }

  /// Whatever the chapters declare can be taken apart and put together again.
  @Test func theChaptersOwnFilesAreRead() throws {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
    let sources = root.appending(path: "Sources").path
    let folders = try FileManager.default.contentsOfDirectory(atPath: sources).filter { $0.first?.isNumber == true }
    var count = 0
    for folder in folders {
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(sources)/\(folder)")
      where name.hasSuffix(".swift") {
        let file = SwiftFile(try String(contentsOfFile: "\(sources)/\(folder)/\(name)", encoding: .utf8))
        count += file.functions.count
        for function in file.functions {
          #expect(file.replacing([(function.body, file[function.body])]) == file.text)
          let body = SwiftFile(file[function.body]).codeLines.joined()
          #expect(body.count { $0 == "{" } == body.count { $0 == "}" }, "\(name):\(function.line)")
        }
      }
    }
    #expect(count > 1000)
  }
}
