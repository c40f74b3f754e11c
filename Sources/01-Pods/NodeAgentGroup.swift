public import ControlLoop
public import Objects
public import Store
import Synchronization

/// The agents of the nodes that run in this process: one, or thousands that share a watch and their commits.
///
/// What it promises:
/// 1. One look at a pod at a time; a pod is looked at after every change of its object or of another one that concerns
///    it, after everything that the runtime has to report of it, and when its last look asked for it.
/// 2. What a look costs does not depend on the number of nodes or of other pods.
/// 3. Status writes name the version of the pod that was looked at; when that has changed, the pod is looked at again.
public final class NodeAgentGroup: Participant {
  public let name: String
  public let agents: [NodeAgent]
  private let cluster: Cluster
  private let store: Store
  private let stages: [any AgentStage]
  private let triggers: [Trigger]
  private let positions: [String: Int]
  private var queue = WorkQueue<Work>()
  private var watchers: [Watcher] = []
  private let inbox = Inbox()
  private var nextHeartbeat = Time.distantPast
  private var ownWrites: [Work: Revision] = [:]
  private var random: SeededGenerator

  /// A pod of an agent, by its UID; the agent's runtime when that is empty.
  private struct Work: Hashable, Comparable, Sendable {
    var agent: Int
    var pod = ""

    static func < (left: Work, right: Work) -> Bool { (left.agent, left.pod) < (right.agent, right.pod) }
  }

  /// Where runtimes say, from any thread, that they have news.
  private final class Inbox: Sendable {
    let agents = Mutex<Set<Int>>([])
    // A list: a function that stands alone in a mutex is wrapped once more by every access.
    let listeners = Mutex<[@Sendable () -> Void]>([])
  }

  /// - Parameter seed: for identifiers and the spread of pauses.
  public init(_ agents: [NodeAgent], name: String = "node-agents", cluster: Cluster, store: Store, seed: UInt64) {
    self.name = name
    self.agents = agents
    self.cluster = cluster
    self.store = store
    stages = cluster.contributions(of: (any AgentStage).self)
    triggers = stages.flatMap(\.triggers)
    positions = Dictionary(agents.enumerated().map { ($1.node.name, $0) }) { first, _ in first }
    random = SeededGenerator(seed: seed)
    for (index, agent) in agents.enumerated() {
      agent.onReport { [inbox] in
        inbox.agents.withLock { _ = $0.insert(index) }
        for wake in inbox.listeners.withLock({ $0 }) { wake() }
      }
    }
    restart()
  }

  /// Has a function called, from any thread, when the group should be given a turn.
  public func onReport(_ wake: @escaping @Sendable () -> Void) {
    inbox.listeners.withLock { $0.append(wake) }
  }

  public func restart() {
    queue = WorkQueue()
    ownWrites = [:]
    nextHeartbeat = .distantPast
    follow(from: store.snapshot)
  }

  public func turn(at now: Time) -> Turn {
    absorbChanges()
    absorbReports()
    let view = cluster.view(of: store.snapshot)
    var works: [(work: Work, pod: Key?, wakeAt: Time?)] = []
    var executions = heartbeats(in: view, at: now)
    let beats = executions.count
    while works.count < Self.podsPerTurn, let work = queue.next(at: now) {
      if work.pod.isEmpty {
        queue.done(work)
      } else {
        let (pod, step) = agents[work.agent].sync(work.pod, stages: stages, in: view, at: now)
        // Of a deletion it wants to be told: then the pod can be forgotten.
        works.append((work, step.deletesPod ? nil : pod?.key, step.wakeAt))
        executions.append(Execution(intents(for: pod, step, in: view, at: now)))
      }
      advance(work.agent, to: now)
    }
    _ = cluster.carryOut(&executions, in: store, at: now, names: &random)
    for (entry, execution) in zip(works, executions.dropFirst(beats)) { finish(entry, execution, at: now) }
    return Turn(
      didWork: !executions.isEmpty || !queue.isIdle, wakeAt: min(queue.nextTime ?? .distantFuture, nextHeartbeat))
  }

  private static let podsPerTurn = 256
}

// MARK: From changes to pods

extension NodeAgentGroup {
  private func follow(from snapshot: Snapshot) {
    let resources = Set([Pod.kind.groupResource] + triggers.compactMap(\.resource))
    watchers = resources.sorted().compactMap { try? store.watch($0, after: snapshot.revision) }
    let view = cluster.view(of: snapshot)
    for (index, agent) in agents.enumerated() {
      for uid in agent.restart(in: view) { queue.add(Work(agent: index, pod: uid)) }
      queue.add(Work(agent: index))
    }
  }

  private func absorbChanges() {
    do {
      for watcher in watchers {
        while case let events = try watcher.next(max: 1_024), !events.isEmpty {
          let view = cluster.view(of: store.snapshot)
          for event in events { absorb(event, in: view) }
        }
      }
    } catch {
      // The log has forgotten what this watcher had not read: look at everything again.
      follow(from: store.snapshot)
    }
  }

  private func absorb(_ event: Event, in view: View) {
    if event.record.key.resource == Pod.kind.groupResource {
      let pod = Pod(json: event.record.value)
      if let work = work(for: pod), ownWrites[work] != event.record.revision {
        agents[work.agent].follow(pod)
        queue.add(work)
      }
    }
    for trigger in triggers where trigger.resource == event.record.key.resource {
      for key in trigger.keys(event, view) {
        if let work = view[Pod.self, key].flatMap(work) { queue.add(work) }
      }
    }
  }

  // Nil for a pod of somebody else's node.
  private func work(for pod: Pod) -> Work? {
    pod.spec.nodeName.flatMap { positions[$0] }.map { Work(agent: $0, pod: pod.uid) }
  }

  private func absorbReports() {
    let reporting = inbox.agents.withLock { agents in
      defer { agents = [] }
      return agents.sorted()
    }
    for index in reporting {
      for uid in agents[index].takeReports() { queue.add(Work(agent: index, pod: uid)) }
    }
  }

  private func advance(_ agent: Int, to now: Time) {
    let next = agents[agent].runtime.advance(to: now)
    absorbReports()
    if let next { queue.add(Work(agent: agent), at: next) }
  }
}

// MARK: From looks to writes

extension NodeAgentGroup {
  private func intents(for pod: Pod?, _ step: PodStep, in view: View, at now: Time) -> [Intent] {
    guard var pod else { return [] }
    var plan = Plan()
    plan.notes = step.notes
    if let status = step.status {
      plan.notes += pod.notes(on: status)
      pod.status = status
      plan.updateStatus(pod)
    }
    if step.deletesPod { plan.delete(pod, DeleteOptions(gracePeriodSeconds: 0)) }
    return plan.intents + (cluster.recorder?.intents(for: plan.notes, from: "kubelet", in: view, at: now) ?? [])
  }

  private func finish(_ entry: (work: Work, pod: Key?, wakeAt: Time?), _ execution: Execution, at now: Time) {
    ownWrites[entry.work] = entry.pod.flatMap { execution.written[$0] }
    queue.done(entry.work)
    if execution.refusal != nil {
      queue.addAfterFailure(entry.work, now: now, jitter: .random(in: 0..<1, using: &random))
    } else {
      queue.forget(entry.work)
      if let wakeAt = entry.wakeAt { queue.add(entry.work, at: wakeAt) }
    }
  }

  // All nodes' signs of life in one commit.
  private func heartbeats(in view: View, at now: Time) -> [Execution] {
    guard nextHeartbeat <= now else { return [] }
    let isRegistered = agents.allSatisfy { view.object(Node.self, $0.node.name) != nil }
    nextHeartbeat = now + (isRegistered ? NodeAgent.leaseInterval : .seconds(1))
    return agents.map { Execution($0.heartbeat(in: view, at: now)) }
  }
}
