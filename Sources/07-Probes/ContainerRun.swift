import ControlLoop
import Objects
import Pods

/// One run of a container: what it is asked, and what follows from its answers.
struct ContainerRun {
  let container: Container
  let observed: ObservedContainer
  let start: Time
  private var context: StageContext
  var memory: RunMemory

  /// Nil for a container that does not run.
  init?(_ container: Container, _ observed: ObservedContainer, _ context: StageContext) {
    guard case .running(let start) = observed.state else { return nil }
    self.container = container
    self.observed = observed
    self.start = start
    self.context = context
    memory = RunMemory(json: context.memory[container.name ?? ""] ?? .emptyObject)
    if memory.attempt != observed.id.attempt { memory = Self.firstMemory(of: observed, in: context.pod) }
  }

  // The agent may have been restarted and the container not: then what the pod's status says of this run still holds.
  private static func firstMemory(of observed: ObservedContainer, in pod: Pod) -> RunMemory {
    var memory = RunMemory { $0.attempt = observed.id.attempt }
    let statuses = pod.status.initContainerStatuses + pod.status.containerStatuses
    guard let known = statuses.first(where: { $0.containerID == observed.runtimeID }), known.started == true else {
      return memory
    }
    memory[.postStart].verdict = true
    memory[.startup].verdict = true
    if known.ready == true { memory[.readiness].verdict = true }
    return memory
  }

  private var name: String { container.name ?? "" }

  /// The context, with the memory of this run in it.
  var remembered: StageContext {
    var context = context
    context.memory[name] = memory.json
    return context
  }
}

// MARK: Probes

extension ContainerRun {
  /// First the hook, then the startup probe, then the other two side by side.
  mutating func judge(_ health: inout ContainerHealth) {
    if let hook = container.lifecycle?.postStart {
      let hasSucceeded = finish(hook, .postStart)
      health.isStarted = hasSucceeded == true
      if hasSucceeded == false { health.failure = "FailedPostStartHook" }
    }
    if health.isStarted, let probe = container.startupProbe {
      ask(probe, for: .startup)
      health.isStarted = memory[.startup].verdict == true
      if memory[.startup].verdict == false { fail(.startup, probe, &health) }
    }
    guard health.isStarted else { return }
    if let probe = container.readinessProbe {
      ask(probe, for: .readiness)
      health.isReady = memory[.readiness].verdict == true
    }
    if let probe = container.livenessProbe {
      ask(probe, for: .liveness)
      if memory[.liveness].verdict == false { fail(.liveness, probe, &health) }
    }
  }

  private func fail(_ purpose: Check.Purpose, _ probe: Probe, _ health: inout ContainerHealth) {
    let restarts = container.isSidecar || context.pod.spec.restartPolicy ?? .always != .never
    health.failure =
      "\(container.isSidecar ? "Init container" : "Container") \(name) failed \(purpose) probe"
      + (restarts ? ", will be restarted" : "")
    health.gracePeriod = probe.terminationGracePeriodSeconds.map { .seconds($0) }
  }

  // Takes in the answer to the last question, and puts the next one when it is due.
  private mutating func ask(_ probe: Probe, for purpose: Check.Purpose) {
    var state = memory[purpose]
    defer { memory[purpose] = state }
    if let id = state.underWay, let result = result(of: id) {
      state.underWay = nil
      take(result, of: probe, for: purpose, &state)
    }
    guard isOpen(purpose, state) else { return }
    if state.isDue(for: probe, startedAt: start, at: context.now) {
      let timeout = Duration.seconds(probe.timeoutSeconds ?? 1)
      if let result = put(probe, purpose, timeout, &state) { take(result, of: probe, for: purpose, &state) }
    }
    if isOpen(purpose, state), let due = state.due { context.wake(at: due.time) }
  }

  // Whether there is still something to find out. A container that has to end is not asked whether it should.
  private func isOpen(_ purpose: Check.Purpose, _ state: CheckState) -> Bool {
    switch purpose {
    case .startup: state.verdict == nil && !context.pod.isBeingDeleted
    case .liveness: state.verdict != false && !context.pod.isBeingDeleted
    default: true
    }
  }

  private mutating func take(
    _ result: CheckResult, of probe: Probe, for purpose: Check.Purpose, _ state: inout CheckState
  ) {
    let name = purpose.rawValue.prefix(1).uppercased() + purpose.rawValue.dropFirst()
    switch result.outcome {
    case .success: state.take(true, for: probe)
    case .warning:
      note("ProbeWarning", "\(name) probe warning: \(result.output)")
      state.take(true, for: probe)
    case .failure:
      note("Unhealthy", "\(name) probe failed: \(result.output)")
      state.take(false, for: probe)
    case .unknown:
      note("Unhealthy", "\(name) probe errored and resulted in unknown state: \(result.output)")
    }
  }
}

// MARK: Hooks

extension ContainerRun {
  /// Begins a hook or goes on with it. Nil while it is under way, then whether it has succeeded.
  mutating func finish(_ hook: LifecycleHandler, _ purpose: Check.Purpose, by deadline: Time? = nil) -> Bool? {
    var state = memory[purpose]
    defer { memory[purpose] = state }
    guard state.verdict == nil else { return state.verdict }
    if let sleep = hook.sleep {
      let end = state.due?.time ?? context.now + .seconds(sleep.seconds ?? 0)
      state.due = MicroTime(end)
      context.wake(at: end)
      if end <= context.now { state.verdict = true }
      return state.verdict
    }
    let timeout = deadline.map { $0 - context.now }
    let answer =
      if let id = state.underWay { result(of: id) } else { put(Probe(json: hook.json), purpose, timeout, &state) }
    guard let result = answer else { return nil }
    state.underWay = nil
    state.verdict = result.outcome == .success || result.outcome == .warning
    if state.verdict == false {
      // Without the output: it may hold secrets.
      let name = purpose == .postStart ? "PostStartHook" : "PreStopHook"
      note("Failed\(name)", "\(name) failed")
    }
    return state.verdict
  }
}

// MARK: Questions and answers

extension ContainerRun {
  private func result(of id: String) -> CheckResult? {
    context.observation[id].flatMap { CheckResult($0, id: id) }
  }

  // Where nothing is real, the answer is there at once.
  private mutating func put(
    _ probe: Probe, _ purpose: Check.Purpose, _ timeout: Duration?, _ state: inout CheckState
  ) -> CheckResult? {
    let id = "\(name)/\(observed.id.attempt)/\(purpose)/\(context.now.microseconds)"
    if purpose.isHook, probe.tcpSocket != nil { return CheckResult(id: id, outcome: .unknown) }
    do {
      let question = try probe.resolved(for: container)
      let address = context.observed?.addresses.first ?? ""
      let check = Check(
        id: id, purpose: purpose, container: observed.id, address: address, question: question, timeout: timeout)
      if context.observation == .null {
        return SimulatedContainer(image: observed.image).answer(to: check, after: context.now - start)
      }
      state.underWay = id
      context.requests.append(check.asValue)
      return nil
    } catch {
      return CheckResult(id: id, outcome: .unknown, output: error.description)
    }
  }

  private mutating func note(_ reason: String, _ message: String) {
    let path = "spec.\(container.isSidecar ? "initContainers" : "containers"){\(name)}"
    context.notes.append(
      Note(type: .warning, reason: reason, message: message, about: context.pod.json, fieldPath: path))
  }
}

/// A port has a name that no port of the container has.
struct UnknownPort: Error, CustomStringConvertible {
  let name: String

  // Kubernetes tries whether it is a number after all, and tells what comes of that.
  var description: String { "strconv.Atoi: parsing \"\(name)\": invalid syntax" }
}

extension Probe {
  /// The same question with a number for the port.
  func resolved(for container: Container) throws(UnknownPort) -> Probe {
    var question = self
    question.httpGet?.port = try self.httpGet?.port?.resolved(for: container)
    question.tcpSocket?.port = try self.tcpSocket?.port?.resolved(for: container)
    return question
  }
}

extension IntOrString {
  fileprivate func resolved(for container: Container) throws(UnknownPort) -> IntOrString {
    guard case .string(let name) = self else { return self }
    guard let port = container.ports.first(where: { $0.name == name })?.containerPort else {
      throw UnknownPort(name: name)
    }
    return .integer(port)
  }
}
