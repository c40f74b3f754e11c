import Foundation
public import Workbook

extension Command {
  /// Checks again whenever a file is saved.
  public static let watch = Command(
    "watch", takes: "CHAPTER [--once]", "checks whenever you save; h shows a hint, q ends"
  ) { call in
    let chapter = try call.chapter(call.arguments.words[0], in: call.catalogue)
    var watch = Watch(call: call, chapter: chapter, copy: try call.copy(of: chapter))
    return try watch.run(once: call.arguments.has("--once"))
  }
}

/// The loop of `watch`. Keys are lines: the terminal stays as it is, so nothing has to be put right when it ends.
private struct Watch {
  let call: Call
  let chapter: ChapterExercises
  let copy: LearnersCopy
  private var keyboard = Keyboard()
  /// The exercise that a hint would be about.
  private var current: Exercise?

  init(call: Call, chapter: ChapterExercises, copy: LearnersCopy) {
    self.call = call
    self.chapter = chapter
    self.copy = copy
  }

  mutating func run(once: Bool) throws -> Int32 {
    Interruption.watch()
    while true {
      let seen = Files.lastChange(in: copy.sources)
      let isGreen = try check()
      if once { return isGreen ? 0 : 1 }
      call.terminal.print("\nWaiting for you to save. Type h for a hint, q to end, and return.")
      while Files.lastChange(in: copy.sources) == seen {
        if try answer() == .end { return 0 }
      }
      call.terminal.print("")
    }
  }

  private mutating func check() throws -> Bool {
    var check = Check(copy: copy)
    check.progress = { [terminal = call.terminal] in terminal.print($0) }
    do {
      let verdict = try check.run()
      var progress = Progress.load(from: call.root, terminal: call.terminal)
      progress.enter(verdict)
      try progress.save(to: call.root)
      current =
        verdict.misses.first?.exercise ?? chapter.exercises.first { verdict.results[$0.number] == .unwritten }
        ?? current
      VerdictText(verdict: verdict, copy: copy, terminal: call.terminal).printFirst()
      return verdict.isGreen
    } catch let failure as Failure {
      call.terminal.print("\(failure)")
      return false
    }
  }

  private enum Answer { case goOn, end }

  /// Waits a moment for a line, and does what it says.
  private mutating func answer() throws -> Answer {
    guard let line = keyboard.line() else {
      if Interruption.hasCome { throw Shell.Interrupted() }
      return .goOn
    }
    switch line {
    case "q": return .end
    case "h":
      guard let current else {
        call.terminal.print("There is nothing to hint at.")
        return .goOn
      }
      var progress = Progress.load(from: call.root, terminal: call.terminal)
      call.showNextHint(of: current, &progress)
      try progress.save(to: call.root)
    default: call.terminal.print("h: a hint, q: the end")
    }
    return .goOn
  }
}

/// Lines from the standard input, without waiting long for them.
private struct Keyboard {
  private var pending: [UInt8] = []
  private var isOpen = true

  /// A line that has been typed; nil after a third of a second without one. Without a keyboard it only waits.
  mutating func line() -> String? {
    if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: pending[..<end], as: UTF8.self)
      pending.removeSubrange(...end)
      return line.filter { !$0.isWhitespace }
    }
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&input, isOpen ? 1 : 0, 300) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 { pending += bytes[..<count] } else { isOpen = false }
    return nil
  }
}
