import ArgumentParser
import Demos

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows what a chapter's layer does, step by step, in simulated time.")

  @Argument(help: "The chapter; 0 shows 0a to 0d.")
  var chapter: String?

  @Flag(help: "Wait for the return key after each step and before each answer.")
  var step = false

  @Option(help: "Let this many simulated seconds pass in each second, and show every change.")
  var speed: Double?

  @Flag(help: "Words in place of drawings, for screen readers.")
  var plain = false

  @Flag(help: "What an instructor says and asks at each step.")
  var script = false

  @Flag(help: "The demos there are.")
  var list = false

  func run() throws {
    var request = DemoRequest()
    request.chapter = chapter
    request.waitsForKey = step
    request.speed = speed
    request.isPlain = plain
    request.wantsScript = script
    request.wantsList = list
    do { try request.carryOut() } catch let refusal as DemoRequest.Refusal {
      throw ValidationError(refusal.description)
    }
  }
}
