import ControlLoop
public import Objects
public import Pods

/// What chapter 7 adds to the node agent: containers are asked how they are, hooks are run, readiness gates are looked
/// at.
///
/// The stage decides when to ask and what answers mean. A ``ProbeRunner`` asks; where the runtime has none, the image's
/// name answers.
public struct ProbeStage: AgentStage {
  public let name = "probes"

  public init() {}

  public func prepare(
    _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
  ) -> Hold? {
    configuration.extensions["stopSignal"] = container.lifecycle?.stopSignal?.asValue
    if context.waitsForHook(container) { return Hold(reason: "ContainerCreating") }
    if let name = container.name, container.lifecycle?.postStart != nil {
      context.memory[name] = RunMemory { $0.attempt = configuration.id.attempt }.json
    }
    return nil
  }

  public func assess(
    _ health: inout ContainerHealth, of container: Container, running: ObservedContainer,
    _ context: inout StageContext
  ) {
    guard container.isAsked, var run = ContainerRun(container, running, context) else { return }
    run.judge(&health)
    context = run.remembered
  }

  public func allowsStop(
    of container: Container, running: ObservedContainer, by deadline: Time, _ context: inout StageContext
  ) -> Bool {
    guard let hook = container.lifecycle?.preStop, var run = ContainerRun(container, running, context) else {
      return true
    }
    // A container that is to end at once has no time for it.
    guard deadline > context.now || run.memory[.preStop] != CheckState() else { return true }
    let hasEnded = run.finish(hook, .preStop, by: deadline) != nil
    context = run.remembered
    return hasEnded
  }

  public func report(_ conditions: inout [PodCondition], _ context: inout StageContext) {
    guard conditions.isTrue("Ready") else { return }
    let missing = context.pod.spec.readinessGates.compactMap { gate -> String? in
      let type = gate.conditionType ?? ""
      guard let condition = conditions[type] else {
        return "corresponding condition of pod readiness gate \"\(type)\" does not exist."
      }
      guard condition.status != "True" else { return nil }
      return "the status of pod readiness gate \"\(type)\" is not \"True\", but \(condition.status ?? "")"
    }
    guard !missing.isEmpty else { return }
    conditions.set(
      "Ready", "False", reason: "ReadinessGatesNotReady", message: missing.joined(separator: ", "), at: context.now)
  }

  public func cleanUp(_ context: inout StageContext) -> Bool {
    if context.observation != .null { context.requests.append(Self.forget) }
    return true
  }

  public func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value {
    guard let runner = runtime.service((any ProbeRunner).self) else { return .null }
    return .object(Members(runner.results(of: pod.uid).map { ($0.id, $0.asValue) }))
  }

  public func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time) {
    guard let runner = runtime.service((any ProbeRunner).self) else { return }
    if request == Self.forget {
      runner.forget(pod.uid)
    } else if let check = Check(request, of: pod) {
      runner.begin(check, of: pod)
    }
  }

  private static let forget: Value = "forget"
}

extension Container {
  fileprivate var isAsked: Bool {
    self.livenessProbe != nil || self.readinessProbe != nil || self.startupProbe != nil
      || self.lifecycle?.postStart != nil
  }
}

extension StageContext {
  // Containers start in the order of the spec, and the start of one includes its hook. One that cannot start, or has
  // ended already, holds nobody up.
  fileprivate func waitsForHook(_ container: Container) -> Bool {
    pod.spec.containers.prefix { $0.name != container.name }.contains { earlier in
      guard earlier.lifecycle?.postStart != nil, let name = earlier.name, let known = memory[name] else { return false }
      let run = RunMemory(json: known)
      guard run[.postStart].verdict == nil else { return false }
      switch observed?.containers.last(where: { $0.id.name == name && $0.id.attempt == run.attempt })?.state {
      case .exited, .failedToStart: return false
      case .creating, .running, nil: return true
      }
    }
  }
}

// MARK: As values

extension Check {
  var asValue: Value {
    [
      "id": .string(id), "purpose": .string(purpose.rawValue), "container": .string(container.name),
      "attempt": .integer(Int64(container.attempt)), "address": .string(address), "question": question.json,
      "timeout": timeout.map { .integer($0.components.seconds) } ?? .null,
    ]
  }

  init?(_ value: Value, of pod: PodIdentity) {
    guard let id = value["id"]?.string, let purpose = value["purpose"]?.string.flatMap(Purpose.init),
      let name = value["container"]?.string, let attempt = value["attempt"].flatMap(Int.init),
      let address = value["address"]?.string, let question = value["question"].flatMap(Probe.init)
    else { return nil }
    self.init(
      id: id, purpose: purpose, container: ContainerID(podUID: pod.uid, name: name, attempt: attempt),
      address: address, question: question, timeout: value["timeout"]?.integer.map { .seconds($0) })
  }
}

extension CheckResult {
  var asValue: Value { ["outcome": .string(outcome.rawValue), "output": .string(output)] }

  init?(_ value: Value, id: String) {
    guard let outcome = value["outcome"]?.string.flatMap(Outcome.init) else { return nil }
    self.init(id: id, outcome: outcome, output: value["output"]?.string ?? "")
  }
}
