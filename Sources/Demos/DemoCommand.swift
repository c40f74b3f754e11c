import Foundation

/// `workbook demo` and `swiftlet demo`: the same words, wherever they are typed.
public enum DemoCommand {
  public static func run(_ arguments: [String], as command: String) -> Int32 {
    do {
      try Request(arguments, command: command).carryOut()
      return 0
    } catch let problem as Problem {
      FileHandle.standardError.write(Data("\(command): \(problem.words)\n".utf8))
      return 64
    } catch {
      FileHandle.standardError.write(Data("\(command): the demo broke off: \(error)\n".utf8))
      return 1
    }
  }

  struct Problem: Error {
    var words: String
  }

  /// What was asked for.
  private struct Request {
    var command: String
    var chapter: String?
    var isPlain = false
    var waits = false
    var speed: Double?
    var wantsScript = false
    var wantsList = false
    var wantsHelp = false

    init(_ arguments: [String], command: String) throws(Problem) {
      self.command = command
      var rest = arguments[...]
      while let argument = rest.popFirst() {
        switch argument {
        case "--plain": isPlain = true
        case "--step": waits = true
        case "--script": wantsScript = true
        case "--list": wantsList = true
        case "--help", "-h": wantsHelp = true
        case "--speed":
          guard let speed = rest.popFirst().flatMap(Double.init), speed > 0, speed.isFinite else {
            throw Problem(words: "--speed wants a number: 1 for real time, 10 for ten simulated seconds in each second")
          }
          self.speed = speed
        case _ where argument.hasPrefix("-"):
          throw Problem(words: "\(argument) is no option of this command; --help lists them")
        case _ where chapter == nil: chapter = argument
        default: throw Problem(words: "one chapter at a time, please: \(chapter ?? "") or \(argument)")
        }
      }
    }

    func carryOut() throws {
      if wantsHelp { return print(help) }
      if wantsList { return try list() }
      guard let chapter else {
        throw Problem(words: "which chapter? There are demos of \(Self.chapters); --list says what they show")
      }
      let demos = Demo.of(chapter: chapter)
      if demos.isEmpty { throw Problem(words: "there is no demo of chapter \(chapter); there are demos of \(Self.chapters)") }
      for (index, demo) in demos.enumerated() {
        if index > 0 { print("\n") }
        if wantsScript { print(try demo.script()) } else { try demo.run(telling) }
      }
    }

    private static var chapters: String { Demo.all.map(\.chapter).joined(separator: ", ") }

    private func list() throws {
      for demo in Demo.all {
        let steps = try demo.makePlay().steps.count
        print("\(demo.chapter.padded(to: 2))  \(demo.title) (\(steps) steps)")
      }
    }

    private var telling: Telling {
      var telling = Telling { words in
        print(words)
        flush()
      }
      telling.isPlain = isPlain
      if waits {
        telling.pause = {
          print("       (return)", terminator: "")
          flush()
          if readLine() == nil { print() }
        }
      }
      if let speed { telling.wait = { Thread.sleep(forTimeInterval: 1 / speed) } }
      return telling
    }

    private var help: String {
      """
      \(command) CHAPTER: shows what a chapter's code does, step by step, in simulated time. The same every time.

        CHAPTER      one of \(Self.chapters); 0 shows 0a to 0d
        --step       waits for the return key after each step, and before each answer
        --speed X    lets X simulated seconds pass in each second, and shows every change
        --plain      words in place of drawings, for screen readers
        --script     what an instructor says and asks at each step
        --list       the demos there are
      """
    }
  }
}

/// A terminal shows lines at once; a pipe would not.
private func flush() { fflush(nil) }
