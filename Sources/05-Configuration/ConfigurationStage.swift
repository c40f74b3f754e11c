public import ControlLoop
public import Objects
public import Pods

/// What the node agent does about configuration: it lays out volumes before anything starts and again whenever they
/// should change, and completes what a container is started with.
public struct ConfigurationStage: AgentStage {
  public let name = "configuration"

  public init() {}

  /// A look at every pod that names the object: its volumes change, or it has waited for it.
  public var triggers: [Trigger] {
    [
      .on(ConfigMap.self) { map, view in Source(.configMap, map.name, optional: nil).pods(map.namespace, in: view) },
      .on(Secret.self) { secret, view in Source(.secret, secret.name, optional: nil).pods(secret.namespace, in: view) },
    ]
  }
}

// MARK: Volumes

extension ConfigurationStage {
  public func hold(_ context: inout StageContext) -> Hold? {
    let facts = PodFacts(context)
    var isComplete = true
    for volume in context.pod.spec.volumes where volume.projections != nil {
      isComplete = bringUpToDate(volume, facts, &context) && isComplete
    }
    let reason = context.pod.spec.initContainers.isEmpty ? "ContainerCreating" : "PodInitializing"
    return isComplete ? nil : Hold(reason: reason)
  }

  // Returns whether the volume can be mounted. What has been laid out once stays: a pod that runs does not lose its
  // files because somebody deleted the object.
  private func bringUpToDate(_ volume: Volume, _ facts: PodFacts, _ context: inout StageContext) -> Bool {
    let name = volume.name ?? ""
    let host = context.observation
    // A failure says nothing about what was there before.
    if host != .null, host[name]?["failure"] == nil {
      context.remember(host[name]?["version"], as: "laidOut", of: name)
    }
    do throws(Unresolved) {
      guard let content = try VolumeContent(of: volume, facts, in: context.view) else { return true }
      if host == .null { context.remember(.string(content.version), as: "laidOut", of: name) }
      if context.memory["laidOut"]?[name] == .string(content.version) {
        context.remember(nil, as: "told", of: name)
        return true
      }
      if let failure = host[name]?["failure"]?.string { tell(failure, of: name, &context) }
      if host[name]?["failure"] == nil || isTimeToRetry(name, &context) {
        context.requests.append(content.request(for: name))
      }
    } catch {
      tell(error.message, of: name, &context)
    }
    return context.memory["laidOut"]?[name] != nil
  }

  // Once, until it changes.
  private func tell(_ message: String, of volume: String, _ context: inout StageContext) {
    guard context.memory["told"]?[volume] != .string(message) else { return }
    context.remember(.string(message), as: "told", of: volume)
    let sentence = "MountVolume.SetUp failed for volume \"\(volume)\" : \(message)"
    context.notes.append(Note(type: .warning, reason: "FailedMount", message: sentence, about: context.pod.json))
  }

  private func isTimeToRetry(_ volume: String, _ context: inout StageContext) -> Bool {
    let due = context.memory["retry"]?[volume].flatMap(Time.init) ?? context.now
    if context.now < due {
      context.wake(at: due)
      return false
    }
    context.remember((context.now + Self.pause).asValue, as: "retry", of: volume)
    context.wake(at: context.now + Self.pause)
    return true
  }

  private static let pause = Duration.seconds(10)

  public func cleanUp(_ context: inout StageContext) -> Bool {
    guard let volumes = context.observation.members, !volumes.isEmpty else { return true }
    context.requests.append("remove")
    return false
  }
}

extension StageContext {
  fileprivate mutating func remember(_ value: Value?, as what: String, of volume: String) {
    var all = memory[what] ?? .emptyObject
    all[volume] = value
    memory[what] = all
  }
}

// MARK: Containers

extension ConfigurationStage {
  public func prepare(
    _ configuration: inout ContainerConfiguration, for container: Container, _ context: inout StageContext
  ) -> Hold? {
    let own = Set(container.env.compactMap(\.name))
    let given = configuration.environment.filter { !own.contains($0.name) }
    do throws(Unresolved) {
      let environment = try ContainerEnvironment(
        of: container, given: given, PodFacts(context), in: context.view)
      configuration.environment = environment.variables
      configuration.command = container.command.map { text in Expansion.expand(text) { environment.values[$0] } }
      configuration.arguments = container.args.map { text in Expansion.expand(text) { environment.values[$0] } }
    } catch {
      return Hold(reason: "CreateContainerConfigError", message: error.message)
    }
    for volume in context.pod.spec.volumes where volume.projections != nil {
      guard let name = volume.name, let path = context.observation[name]?["path"]?.string else { continue }
      if let hold = configuration.mount(name, at: path, readOnly: true, for: container) { return hold }
    }
    return nil
  }
}

extension ContainerConfiguration {
  /// Mounts a volume wherever the container asks for it. The environment has to be complete.
  /// - Parameters:
  ///   - path: where the volume is on the host.
  ///   - readOnly: whatever the container says.
  /// - Returns: why that cannot be done; nil when it is done.
  public mutating func mount(
    _ volume: String, at path: String, readOnly: Bool = false, for container: Container
  ) -> Hold? {
    let values = Dictionary(environment.map { ($0.name, $0.value) }) { _, later in later }
    for mount in container.volumeMounts where mount.name == volume {
      do throws(Unresolved) {
        let below = try mount.subPathExpr.map { text throws(Unresolved) in try Expansion.expandAll(text, values) }
        let subPath = below.flatMap { $0.isEmpty ? nil : $0 } ?? mount.subPath ?? ""
        if let problem = RelativePath.problems(subPath, at: FieldPath()).first {
          throw Unresolved("unable to provision SubPath `\(subPath)`: \(problem.detail)")
        }
        mounts.append(
          Mount(
            containerPath: mount.mountPath ?? "", hostPath: subPath.isEmpty ? path : "\(path)/\(subPath)",
            volumePath: path, readOnly: readOnly || mount.readOnly ?? false))
      } catch {
        return Hold(reason: "CreateContainerConfigError", message: error.message)
      }
    }
    return nil
  }
}

// MARK: The host

extension ConfigurationStage {
  /// Null where there is no host: then everything counts as laid out.
  public func observe(_ pod: PodIdentity, on runtime: any ContainerRuntime) -> Value {
    guard let host = runtime.service((any VolumeHost).self) else { return .null }
    var observation = Value.emptyObject
    for (volume, state) in host.volumes(of: pod).sorted(by: { $0.key < $1.key }) {
      var value: Value = ["path": .string(host.path(of: volume, in: pod))]
      switch state {
      case .ready(let version): value["version"] = .string(version)
      case .failed(let message): value["failure"] = .string(message)
      }
      observation[volume] = value
    }
    return observation
  }

  public func perform(_ request: Value, for pod: PodIdentity, on runtime: any ContainerRuntime, at now: Time) {
    guard let host = runtime.service((any VolumeHost).self) else { return }
    if request == "remove" { return host.removeVolumes(of: pod) }
    guard let volume = request["volume"]?.string, let version = request["version"]?.string else { return }
    let files = request["files"]?.array?.compactMap(VolumeFile.init) ?? []
    host.layOut(files, version: version, as: volume, in: pod)
  }
}
