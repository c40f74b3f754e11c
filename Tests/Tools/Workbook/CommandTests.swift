import Foundation
import Synchronization
import Testing
import Workbook

/// A terminal that keeps what is written to it.
final class Paper: Sendable {
  private let state = Mutex((output: "", errors: ""))

  var terminal: Terminal {
    Terminal(
      output: { text in self.state.withLock { $0.output += text } },
      errors: { text in self.state.withLock { $0.errors += text } })
  }
  var output: String { state.withLock { $0.output } }
  var errors: String { state.withLock { $0.errors } }
}

@Suite struct UsageTests {
  private let usage = Usage("EXERCISE [CHAPTER] [--all] [--seed NUMBER]")

  @Test func wordsAndOptionsAreSorted() throws {
    let arguments = try usage.read(["--all", "2.1", "--seed", "7", "2", "--plain"])
    #expect(arguments.words == ["2.1", "2"])
    #expect(arguments.has("--all"))
    #expect(try arguments.number("--seed") == 7)
    #expect(try usage.read(["2.1", "--seed=-7"]).number("--seed") == -7)
    #expect(try usage.read(["2.1"]).number("--seed") == nil)
  }

  @Test(arguments: [
    ([], "EXERCISE is missing"),
    (["1", "2", "3"], "there is nothing that 3 could mean here"),
    (["1", "--al"], "there is no option --al"),
    (["1", "-a"], "there is no option -a"),
    (["1", "--all=yes"], "--all takes no value"),
    (["1", "--seed"], "--seed needs a value: --seed NUMBER"),
  ]) func whatIsNotUnderstoodIsSaid(_ words: [String], _ sentence: String) {
    #expect(throws: UsageError(sentence)) { try usage.read(words) }
  }

  @Test func aValueThatIsNoNumberIsSaid() throws {
    let arguments = try usage.read(["1", "--seed", "x"])
    #expect(throws: UsageError("--seed is x; give a number")) { try arguments.number("--seed") }
  }
}

@Suite struct CommandTableTests {
  private let table = CommandTable(
    program: "workbook",
    commands: [
      Command("hello", takes: "NAME [--loud]", "greets") { call in
        call.terminal.print("Hello \(call.arguments.words[0])")
        return call.arguments.has("--loud") ? 3 : 0
      },
      Command("fail", "fails") { _ in throw Failure("it rains; take an umbrella") },
    ])

  private func run(_ words: String...) throws -> (status: Int32, output: String, errors: String) {
    let fixture = try Fixture()
    try fixture.write("Package.swift", "")
    let paper = Paper()
    let deep = fixture.root.appending(path: "exercises/02-sets")
    return (table.run(words, from: deep, terminal: paper.terminal), paper.output, paper.errors)
  }

  @Test func aCommandRunsAnywhereInTheRepository() throws {
    #expect(try run("hello", "Ada") == (0, "Hello Ada\n", ""))
    #expect(try run("hello", "Ada", "--loud").status == 3)
  }

  @Test func aMisunderstoodCallShowsTheUsage() throws {
    #expect(
      try run("hello")
        == (2, "", "workbook hello: NAME is missing\n\nusage: workbook hello NAME [--loud]\n  greets\n"))
    #expect(try run("helo").errors.hasPrefix("workbook: there is no command helo\n\nusage: workbook COMMAND"))
  }

  @Test func aFailureIsASentence() throws {
    #expect(try run("fail") == (1, "", "workbook fail: it rains; take an umbrella\n"))
  }

  @Test func helpListsEveryCommand() throws {
    let help = try run("--help").output
    #expect(help.contains("  hello NAME [--loud]  greets\n"))
    #expect(help.contains("  fail                 fails\n"))
    #expect(try run("hello", "--help").output == "usage: workbook hello NAME [--loud]\n  greets\n")
  }

  @Test func elsewhereItSaysWhereToGo() {
    let paper = Paper()
    #expect(table.run(["fail"], from: URL(filePath: "/"), terminal: paper.terminal) == 1)
    #expect(paper.errors.contains("this is no clone of Swiftlet"))
  }
}

@Suite struct TerminalTests {
  private func printed(width: Int?, _ text: String) -> String {
    let paper = Paper()
    Terminal(width: width, output: paper.terminal.write, errors: { _ in }).printProse(text)
    return paper.output
  }

  @Test func proseFillsTheScreen() {
    let text = "One two\nthree four\nfive.\n\n- six seven eight\n- nine\n\n```\nten\n  eleven\n```"
    #expect(
      printed(width: 12, text)
        == "One two\nthree four\nfive.\n\n- six seven\neight\n- nine\n\n```\nten\n  eleven\n```\n")
    #expect(printed(width: 20, text).hasPrefix("One two three four\nfive.\n\n- six seven eight\n- nine\n"))
    #expect(printed(width: nil, text) == text + "\n", "a pipe gets what was written")
  }

  @Test func colourTakesNoPlace() {
    let paper = Paper()
    let terminal = Terminal(hasColour: true, width: 9, output: paper.terminal.write, errors: { _ in })
    terminal.print("  one two three", .red)
    #expect(paper.output == "\u{1B}[31m  one two\n  three\u{1B}[0m\n")
  }

  @Test func aBrokenLineKeepsItsIndentation() {
    #expect(printed(width: 10, "  one two three") == "  one two\n  three\n")
    #expect(printed(width: 5, "  abcdefgh ij") == "  abcdefgh\n  ij\n")
  }
}
