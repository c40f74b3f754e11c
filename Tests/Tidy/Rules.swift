/// What must not stand in code, and what to write instead.
struct Rule {
  let pattern: Regex<Substring>
  let advice: String

  init(_ pattern: Regex<Substring>, _ advice: String) {
    // Without this, `Thread.sleep` is one word, as it would be in a text.
    self.pattern = pattern.wordBoundaryKind(.simple)
    self.advice = advice
  }

  func findings(in file: SourceTree.File) -> [String] {
    zip(1..., file.code).filter { $0.1.contains(pattern) }.map { number, _ in
      "\(file.path):\(number): \(advice)"
    }
  }
}

extension Rule {
  /// Chapters are pure: the same objects and the same time give the same plan, today and in a simulation.
  static var purity: [Rule] {
    let clock = "reads a clock; take `now: Time` as an argument"
    let chance = "draws from the system's randomness; pass a seeded generator with `using:`"
    let thread = "waits or starts a thread; return a plan that says when to be called again"
    return [
      Rule(/\bDate\(\)|\bDate\.now\b|\bDate\(timeIntervalSinceNow/, clock),
      Rule(/\b(?:Continuous|Suspending)Clock\b|\bDispatchTime\b|\bProcessInfo\b/, clock),
      Rule(/\bclock_gettime\b|\bgettimeofday\b|\btime\(nil\)/, clock),
      Rule(/\bSystemRandomNumberGenerator\b|\bUUID\(\)|\barc4random/, chance),
      Rule(/\.random\((?!.*\busing:)/, chance),
      Rule(/\.(?:randomElement|shuffled|shuffle)\(\)/, chance),
      Rule(/\bThread\b|\bDispatchQueue\b/, thread),
      Rule(sleeping, thread),
    ]
  }

  /// A server that trusts nothing it reads has no line that may trap on it.
  static var safety: [Rule] {
    [
      Rule(/\btry!/, "traps on an error; throw it or handle it"),
      Rule(/\bas!/, "traps on another type; use `as?` and say what happens otherwise"),
      Rule(/\bfatalError\b/, "ends the process; throw an error, or make the case impossible by its type"),
      Rule(/(?:\b(?!(?:try|as)!)\w+|[)\]}])!(?!=)/, "unwraps by force; use `guard let` or `if let`"),
    ]
  }

  static var waiting: Rule {
    Rule(sleeping, "sleeps; pass times as arguments, or wait for the event itself")
  }

  /// The system's ways to sleep; a type may well have a method of that name.
  private static var sleeping: Regex<Substring> {
    /\b(?:Task|Thread)\.sleep\b|\.sleep\((?:for|until|nanoseconds):|(?:^\s*|[=(,]\s*)sleep\(|\b(?:usleep|nanosleep)\(/
  }
}
