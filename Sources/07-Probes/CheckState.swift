import Objects

/// What is remembered of one probe, or one hook, of one run of a container.
///
/// A state machine: it is told of every answer and of every question, and says what counts and when to ask next. It
/// lives in the agent's memory for the pod, so it is JSON like everything else there.
struct CheckState: Structure {
  static let schemaName = "agent.CheckState"
  static let documentation = "What the agent remembers of a probe."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    init() {}
    static let all = named()

    let verdict = Field<Bool>(0, "Whether the container counts as well; empty before enough answers agree.")
    let latest = Field<Bool>(0, "Whether the newest answer was good.")
    let inARow = Field<Int>(0, "How many answers like it came one after the other.")
    let due = Field<MicroTime>(0, "When to ask next; of a pause, when it ends.")
    let underWay = Field<String>(0, "The check that has no result yet.")
  }
}

extension CheckState {
  /// Takes in an answer. The verdict changes when enough of one kind have come in a row; until then it stays.
  mutating func take(_ isGood: Bool, for probe: Probe) {
    self.inARow = self.latest == isGood ? (self.inARow ?? 0) + 1 : 1
    self.latest = isGood
    let threshold = isGood ? probe.successThreshold ?? 1 : probe.failureThreshold ?? 3
    if self.inARow ?? 0 >= threshold { self.verdict = isGood }
  }

  /// Whether it is time to ask. If it is, the next time is fixed too: a period after this one was due, so that slow
  /// answers do not make questions rarer; a period from now if the agent was away for longer than that.
  mutating func isDue(for probe: Probe, startedAt start: Time, at now: Time) -> Bool {
    let due = self.due?.time ?? max(start + .seconds(probe.initialDelaySeconds ?? 0), now)
    self.due = MicroTime(due)
    guard due <= now, self.underWay == nil else { return false }
    let period = Duration.seconds(probe.periodSeconds ?? 10)
    self.due = MicroTime(due + period > now ? due + period : now + period)
    return true
  }
}

/// What is remembered of one run of a container: the state of each of its probes and hooks.
struct RunMemory: Structure {
  static let schemaName = "agent.RunMemory"
  static let documentation = "What the agent remembers of a run of a container."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    init() {}
    static let all = named()

    let attempt = Field<Int>(0, "Which run.")
  }

  subscript(purpose: Check.Purpose) -> CheckState {
    get { CheckState(json: json[purpose.rawValue] ?? .emptyObject) }
    set { json[purpose.rawValue] = newValue.json }
  }
}
