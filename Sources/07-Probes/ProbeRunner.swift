public import Pods

/// One question, put to one run of a container once. Whoever carries it out need not know the pod.
public struct Check: Sendable, Hashable {
  /// Unlike that of any other check of the pod.
  public var id: String
  public var purpose: Purpose
  public var container: ContainerID
  /// The pod's: whom to ask where the question names no host.
  public var address: String
  /// Exactly one handler; a port in it is a number.
  public var question: Probe
  /// When to give up; nil for never.
  public var timeout: Duration?

  /// What the answer is for.
  public enum Purpose: String, Sendable, Hashable {
    case startup
    case liveness
    case readiness
    case postStart
    case preStop

    /// Of a hook any answer of an HTTP server will do.
    public var isHook: Bool { self == .postStart || self == .preStop }
  }

  public init(
    id: String, purpose: Purpose, container: ContainerID, address: String, question: Probe, timeout: Duration?
  ) {
    self.id = id
    self.purpose = purpose
    self.container = container
    self.address = address
    self.question = question
    self.timeout = timeout
  }
}

/// What came of a check.
public struct CheckResult: Sendable, Hashable {
  public enum Outcome: String, Sendable, Hashable {
    case success
    /// Counts as success, and is told.
    case warning
    case failure
    /// It could not be asked: counts as nothing, and is told.
    case unknown
  }

  /// The check's.
  public var id: String
  public var outcome: Outcome
  /// What there is to tell: `HTTP probe failed with statuscode: 500`, the output of a command.
  public var output: String

  public init(id: String, outcome: Outcome, output: String = "") {
    self.id = id
    self.outcome = outcome
    self.output = output
  }
}

/// Puts questions to containers. A runtime offers it as a service; where there is none, nothing is asked and
/// ``SimulatedContainer`` answers.
///
/// What it promises:
/// 1. `begin` returns at once. A check that has a timeout has a result when that is over, or soon after.
/// 2. No check waits for another.
/// 3. Of the checks of one container for one purpose the newest one's result stays, until `forget`.
public protocol ProbeRunner: AnyObject, Sendable {
  func begin(_ check: Check, of pod: PodIdentity)

  /// What has come of the pod's checks. Cheap: called before every look at the pod.
  func results(of podUID: String) -> [CheckResult]

  /// Forgets all checks of the pod, and gives up those that are under way.
  func forget(_ podUID: String)

  /// Called, from any thread, when `results` would answer differently for the pod with this UID. The runtime that
  /// offers the runner passes it on as its own `onChange`.
  func onResult(_ notify: @escaping @Sendable (_ podUID: String) -> Void)
}

/// Runs commands in running containers. A runtime that has processes offers it as a service.
public protocol ContainerExecutor: AnyObject, Sendable {
  /// Runs a command with the container's environment, directory and user, and waits for its end.
  /// - Parameter timeout: after it the command is killed; nil for never.
  /// - Returns: how it ended, and the first 10 KiB of what it wrote to standard output and standard error.
  /// Throws when the command could not be run at all; the error's description says why.
  func run(_ command: [String], in container: ContainerID, timeout: Duration?) async throws -> CommandResult
}

/// How a command in a container ended.
public struct CommandResult: Sendable, Hashable {
  /// Nil for one that was killed because its time was up.
  public var exitCode: Int?
  public var output: [UInt8]

  /// The most of a command's output that is kept.
  public static let longestOutput = 10 * 1_024

  public init(exitCode: Int?, output: [UInt8] = []) {
    self.exitCode = exitCode
    self.output = output
  }
}
