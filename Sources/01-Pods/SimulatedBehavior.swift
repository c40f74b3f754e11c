import Objects

/// What a simulated container does. Nothing else decides it: no process runs, no image is pulled.
public struct SimulatedBehavior: Sendable, Hashable {
  /// How long it takes from the order to start until it runs.
  public var startDelay = Duration.zero
  /// What attempts do, from the first to the last; later ones do as the last.
  public var runs = [Run()]
  /// How long it takes to end when it is asked to; nil for one that waits to be killed.
  public var stopDelay: Duration? = .zero
  /// How many of the first pulls of the image fail.
  public var failedPulls = 0
  /// What it writes when it starts.
  public var lines: [String] = []

  public struct Run: Sendable, Hashable {
    /// Nil for one that runs until it is stopped.
    public var duration: Duration?
    public var exitCode: Int

    public init(for duration: Duration? = nil, exitCode: Int = 0) {
      self.duration = duration
      self.exitCode = exitCode
    }
  }

  public init() {}
}

extension SimulatedBehavior {
  /// What the image's name says, if it is one of these, with any registry and tag; otherwise it runs until it is
  /// stopped.
  ///
  ///     sleep-5      ends after 5 s with code 0          slow-3    takes 3 s to start
  ///     crash-5      ends after 5 s with code 1          stubborn  ends only when it is killed
  ///     exit-7       ends at once with code 7            missing   cannot be pulled
  ///     hello-world  greets and ends at once
  ///
  /// The pod's annotations `simulation.swiftlet/exit-after`, `exit-code` and `start-after` (seconds, a code, seconds)
  /// say it for any image.
  public init(of configuration: ContainerConfiguration) {
    let image = configuration.image.split(separator: "/").last?.prefix { $0 != ":" && $0 != "@" } ?? ""
    let parts = image.split(separator: "-", maxSplits: 1)
    let number = parts.count > 1 ? Int(parts[1]) : nil
    switch (parts.first, number) {
    case ("sleep", let seconds?): runs = [Run(for: .seconds(seconds))]
    case ("crash", let seconds?): runs = [Run(for: .seconds(seconds), exitCode: 1)]
    case ("exit", let code?): runs = [Run(for: .zero, exitCode: code)]
    case ("slow", let seconds?): startDelay = .seconds(seconds)
    case ("stubborn", nil): stopDelay = nil
    case ("missing", nil): failedPulls = .max
    default:
      guard image == "hello-world" else { break }
      runs = [Run(for: .zero)]
      lines = ["Hello from \(configuration.pod.name)!"]
    }
    func annotation(_ name: String) -> Int? {
      configuration.extensions["annotations"]?["simulation.swiftlet/\(name)"]?.string.flatMap { Int($0) }
    }
    if let seconds = annotation("exit-after") {
      runs = [Run(for: .seconds(seconds), exitCode: annotation("exit-code") ?? 0)]
    }
    if let seconds = annotation("start-after") { startDelay = .seconds(seconds) }
  }
}
