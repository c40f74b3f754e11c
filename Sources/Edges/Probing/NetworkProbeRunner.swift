import Foundation
import NIOCore
import NIOPosix
import Objects
public import Pods
public import Probes
public import Services
import Synchronization

/// Puts questions to containers through the pods' network, and to commands through whoever runs containers.
///
/// Every check is a task of its own. Its result is kept until the pod is forgotten, the newest for each purpose.
public final class NetworkProbeRunner: ProbeRunner {
  private let dialer: Dialer
  private let executor: @Sendable () -> (any ContainerExecutor)?
  private let state = Mutex(State())

  private struct State {
    /// By pod, then by check.
    var tasks: [String: [String: Task<Void, Never>]] = [:]
    /// By pod, then by container and purpose.
    var results: [String: [Slot: CheckResult]] = [:]
    var listeners: [@Sendable (String) -> Void] = []
  }

  private struct Slot: Hashable {
    let container: String
    let purpose: Check.Purpose
  }

  /// - Parameter executor: runs commands in containers. Asked for each time: a runtime that offers this runner should not
  ///   be held by it.
  public init(network: any ClusterNetwork, executor: @escaping @Sendable () -> (any ContainerExecutor)?) {
    dialer = Dialer(network: network)
    self.executor = executor
  }

  public func begin(_ check: Check, of pod: PodIdentity) {
    state.withLock { state in
      guard state.tasks[pod.uid]?[check.id] == nil else { return }
      state.tasks[pod.uid, default: [:]][check.id] = Task { [weak self] in
        guard let (outcome, output) = await self?.carryOut(check) else { return }
        self?.finish(check, of: pod.uid, CheckResult(id: check.id, outcome: outcome, output: output))
      }
    }
  }

  public func results(of podUID: String) -> [CheckResult] {
    state.withLock { $0.results[podUID].map { Array($0.values) } ?? [] }.sorted { $0.id < $1.id }
  }

  public func forget(_ podUID: String) {
    let tasks = state.withLock { state in
      state.results[podUID] = nil
      return state.tasks.removeValue(forKey: podUID) ?? [:]
    }
    for task in tasks.values { task.cancel() }
  }

  public func onResult(_ notify: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.listeners.append(notify) }
  }

  // A check whose pod has been forgotten meanwhile has no result.
  private func finish(_ check: Check, of podUID: String, _ result: CheckResult) {
    let listeners = state.withLock { state in
      guard state.tasks[podUID]?.removeValue(forKey: check.id) != nil else { return [@Sendable (String) -> Void]() }
      state.results[podUID, default: [:]][Slot(container: check.container.name, purpose: check.purpose)] = result
      return state.listeners
    }
    for listener in listeners { listener(podUID) }
  }
}

/// What came of a check, and what there is to tell about it.
typealias Answer = (outcome: CheckResult.Outcome, output: String)

extension NetworkProbeRunner {
  private func carryOut(_ check: Check) async -> Answer {
    let (question, limit) = (check.question, Limit(check.timeout))
    if let exec = question.exec { return await run(exec.command, check) }
    if let get = question.httpGet {
      guard let target = HTTPQuestion(get, at: check.address) else {
        return (.unknown, "invalid URL \(get.path ?? "")")
      }
      let exchange = HTTPExchange(dialer: dialer, headers: get.httpHeaders, limit: limit)
      return await exchange.answer(to: target, isHook: check.purpose.isHook)
    }
    if let socket = question.tcpSocket, case .integer(let port) = socket.port {
      do {
        let host = socket.host.flatMap { $0.isEmpty ? nil : $0 } ?? check.address
        close(try await dialer.dial(host, port, within: limit))
        return (.success, "")
      } catch {
        return (.failure, "\(error)")
      }
    }
    if let grpc = question.grpc {
      let exchange = GRPCExchange(dialer: dialer, host: check.address, port: grpc.port ?? 0, limit: limit)
      return await exchange.health(of: grpc.service ?? "")
    }
    return (.unknown, "missing probe handler")
  }

  private func run(_ command: [String], _ check: Check) async -> Answer {
    guard let executor = executor() else { return (.unknown, "nobody runs commands here any more") }
    do {
      let result = try await executor.run(command, in: check.container, timeout: check.timeout)
      let output = String(decoding: result.output.prefix(CommandResult.longestOutput), as: UTF8.self)
      guard let code = result.exitCode else {
        let seconds = check.timeout?.inMinutes ?? ""
        return (.failure, "command timed out: \"\(command.joined(separator: " "))\" timed out after \(seconds)")
      }
      return (code == 0 ? .success : .failure, output)
    } catch {
      return (.unknown, "\(error)")
    }
  }
}
