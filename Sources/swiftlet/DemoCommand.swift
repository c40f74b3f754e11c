import ArgumentParser
import Foundation

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows what a chapter's layer does, step by step, in simulated time.")

  @Argument(help: "The chapter: \(Demo.all.map { String($0.chapter) }.joined(separator: ", ")).")
  var chapter: Int

  @Flag(help: "Wait for the return key between steps.")
  var step = false

  func run() throws {
    guard let demo = Demo.all.first(where: { $0.chapter == chapter }) else {
      let chapters = Demo.all.map { String($0.chapter) }.joined(separator: ", ")
      throw ValidationError("there is no demo of chapter \(chapter); there are demos of chapters \(chapters).")
    }
    try demo.run(print: { print($0) }) {
      guard step else { return }
      print("    (return)", terminator: "")
      flushOutput()
      _ = readLine()
    }
  }
}
