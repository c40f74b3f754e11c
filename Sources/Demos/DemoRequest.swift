import Foundation

/// What somebody has asked for on a command line; `workbook demo` and `swiftlet demo` carry out the same.
public struct DemoRequest: Sendable {
  /// "2"; "0" shows 0a to 0d.
  public var chapter: String?
  /// Words in place of drawings.
  public var isPlain = false
  /// Waits for the return key after each step and before each answer.
  public var waitsForKey = false
  /// Simulated seconds that pass in one of ours; nil for all at once.
  public var speed: Double?
  /// The speaker's notes in place of the demo.
  public var wantsScript = false
  /// The demos there are.
  public var wantsList = false

  public init() {}

  /// It cannot be done, and why.
  public struct Refusal: Error, CustomStringConvertible {
    public let description: String
  }

  public func carryOut() throws {
    if wantsList { return try list() }
    if let speed, !(speed > 0 && speed.isFinite) {
      throw Refusal(description: "a speed is a number above 0: 1 for real time, 10 for ten times as fast")
    }
    let demos = chapter.map(Demo.of) ?? []
    if demos.isEmpty {
      let known = Demo.all.map(\.chapter).joined(separator: ", ")
      let problem = chapter.map { "there is no demo of chapter \($0)." } ?? "which chapter?"
      throw Refusal(description: "\(problem) There are demos of \(known), and 0 shows 0a to 0d.")
    }
    for (index, demo) in demos.enumerated() {
      if index > 0 { print("\n") }
      if wantsScript { print(try demo.script()) } else { try demo.run(telling) }
    }
  }

  private func list() throws {
    for demo in Demo.all {
      print("\(demo.chapter.padded(to: 2))  \(demo.title) (\(try demo.makePlay().steps.count) steps)")
    }
  }

  private var telling: Telling {
    var telling = Telling { words in
      print(words)
      // A terminal shows lines at once; a pipe would not.
      fflush(nil)
    }
    telling.isPlain = isPlain
    if waitsForKey {
      telling.pause = {
        print("       (return)", terminator: "")
        fflush(nil)
        if readLine() == nil { print() }
      }
    }
    if let speed { telling.wait = { Thread.sleep(forTimeInterval: 1 / speed) } }
    return telling
  }
}
