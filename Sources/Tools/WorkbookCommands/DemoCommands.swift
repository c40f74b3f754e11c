#if DEMOS
  import Demos
  import Workbook

  extension Command {
    static let demo = Command(
      "demo", takes: "[CHAPTER] [--step] [--speed X] [--script] [--list]",
      "shows a chapter at work, step by step, in simulated time; --step waits for return, --script is for speakers"
    ) { call in
      var request = DemoRequest()
      request.chapter = call.arguments.words.first
      request.isPlain = call.arguments.has("--plain")
      request.waitsForKey = call.arguments.has("--step")
      if let speed = call.arguments.options["--speed"] { request.speed = Double(speed) ?? 0 }
      request.wantsScript = call.arguments.has("--script")
      request.wantsList = call.arguments.has("--list")
      try request.carryOut()
      return 0
    }

    static let pictures = Command(
      "pictures", takes: "[--update]", "are the chapters' pictures what the demos look like? --update draws them anew"
    ) { call in
      let isUpdating = call.arguments.has("--update")
      let outdated = try Pictures.outdated(in: call.root, updating: isUpdating)
      if outdated.isEmpty {
        call.terminal.print("the pictures are what the demos look like")
      } else if isUpdating {
        call.terminal.print("drawn anew: \(outdated.joined(separator: ", "))")
      } else {
        throw Failure("out of date: \(outdated.joined(separator: ", "))\nmake pictures UPDATE=1 draws them anew")
      }
      return 0
    }
  }

  let demoCommands: [Command] = [.demo, .pictures]
#else
  import Workbook

  // Demos need the chapters up to the twelfth.
  let demoCommands: [Command] = []
#endif
