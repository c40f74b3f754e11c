public import Objects
import Pods

// A scheduler's configuration, as `--scheduler-config` reads it: KubeSchedulerConfiguration of the group
// kubescheduler.config.k8s.io/v1. It is no object of the API, so it has no kind and no schema here.

/// Where a configuration cannot be followed, and why.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  public let path: String
  public let problem: String

  public var description: String { "\(path): \(problem)" }
}

extension SchedulerProfile {
  /// The profiles of a configuration.
  /// - Parameter usual: what a profile is that says nothing; its rules and its preemption are in all of them.
  /// - Throws: ``ConfigurationError`` for the first thing that means nothing.
  public static func profiles(
    from configuration: Value, usual: SchedulerProfile
  ) throws(ConfigurationError) -> [SchedulerProfile] {
    guard configuration["apiVersion"] == "kubescheduler.config.k8s.io/v1",
      configuration["kind"] == "KubeSchedulerConfiguration"
    else {
      throw ConfigurationError(
        path: "apiVersion",
        problem: "must be kubescheduler.config.k8s.io/v1, and kind must be KubeSchedulerConfiguration")
    }
    var profiles: [SchedulerProfile] = []
    for (index, entry) in (configuration["profiles"]?.array ?? [.emptyObject]).enumerated() {
      let path = "profiles[\(index)]"
      var profile = usual
      profile.schedulerName = entry["schedulerName"]?.string ?? usual.schedulerName
      if profiles.contains(where: { $0.schedulerName == profile.schedulerName }) {
        throw ConfigurationError(
          path: path + ".schedulerName", problem: "Duplicate value: \"\(profile.schedulerName)\"")
      }
      for (place, settings) in (entry["pluginConfig"]?.array ?? []).enumerated() {
        try profile.configure(settings, at: "\(path).pluginConfig[\(place)]")
      }
      for (point, sets) in entry["plugins"]?.members ?? Members() {
        try profile.change(sets, at: point, "\(path).plugins.\(point)")
      }
      profiles.append(profile)
    }
    return profiles
  }

  // MARK: Which plugins, with which weights

  private mutating func change(_ sets: Value, at point: String, _ path: String) throws(ConfigurationError) {
    let (filters, scores) = (["multiPoint", "filter"].contains(point), ["multiPoint", "score"].contains(point))
    for (index, plugin) in (sets["disabled"]?.array ?? []).enumerated() {
      let name = try known(plugin, at: "\(path).disabled[\(index)]", orAll: true)
      if filters { disableFilter(name) }
      if scores { setWeight(0, of: name) }
    }
    for (index, plugin) in (sets["enabled"]?.array ?? []).enumerated() {
      let place = "\(path).enabled[\(index)]"
      let name = try known(plugin, at: place, orAll: false)
      let weight = plugin["weight"].map { $0.integer.map { Int($0) } ?? -1 } ?? 1
      guard weight >= 0 else { throw ConfigurationError(path: place + ".weight", problem: "must be a whole number") }
      if filters { enableFilter(name) }
      if scores { setWeight(weight == 0 ? 1 : weight, of: name) }
    }
  }

  private func known(_ plugin: Value, at path: String, orAll: Bool) throws(ConfigurationError) -> String {
    let name = plugin["name"]?.string ?? ""
    if orAll && name == "*" || Self.names.contains(name) { return name }
    throw ConfigurationError(path: path + ".name", problem: "plugin \"\(name)\" does not exist")
  }

  private static let names: Set<String> = {
    let usual = SchedulerProfile()
    return Set(
      usual.filters.map(\.name) + usual.scorers.map(\.plugin.name) + usual.clusterPlugins.map(\.plugin.name)
        + [
          "SchedulingGates", "NodeName", "PrioritySort", "DefaultBinder", "DefaultPreemption", "VolumeRestrictions",
          "VolumeZone",
        ])
  }()

  private mutating func disableFilter(_ name: String) {
    filters.removeAll { name == "*" || $0.name == name }
    for index in clusterPlugins.indices where name == "*" || clusterPlugins[index].plugin.name == name {
      clusterPlugins[index].filters = false
    }
    if name == "*" || name == postFilter?.name { postFilter = nil }
  }

  private mutating func enableFilter(_ name: String) {
    if !filters.contains(where: { $0.name == name }) {
      filters += SchedulerProfile().filters.filter { $0.name == name }
    }
    for index in clusterPlugins.indices where clusterPlugins[index].plugin.name == name {
      clusterPlugins[index].filters = name != "ImageLocality"
    }
  }

  private mutating func setWeight(_ weight: Int, of name: String) {
    if !scorers.contains(where: { $0.plugin.name == name }) {
      scorers += SchedulerProfile().scorers.filter { $0.plugin.name == name }
    }
    for index in scorers.indices where name == "*" || scorers[index].plugin.name == name {
      scorers[index].weight = weight
    }
    scorers.removeAll { $0.weight == 0 }
    for index in clusterPlugins.indices where name == "*" || clusterPlugins[index].plugin.name == name {
      clusterPlugins[index].weight = weight
    }
  }

  // MARK: What the plugins are told

  private mutating func configure(_ entry: Value, at path: String) throws(ConfigurationError) {
    let arguments = entry["args"] ?? .emptyObject
    switch entry["name"]?.string ?? "" {
    case "NodeResourcesFit": replace(try NodeResourcesFit(arguments, at: path + ".args"))
    case "NodeAffinity":
      replace(NodeAffinityPlugin(added: arguments["addedAffinity"].flatMap(NodeAffinity.init)))
    case "InterPodAffinity":
      let weight = arguments["hardPodAffinityWeight"]?.integer ?? 1
      guard (0...100).contains(weight) else {
        throw ConfigurationError(
          path: path + ".args.hardPodAffinityWeight", problem: "Invalid value: \(weight): not in valid range [0, 100]")
      }
      replace(InterPodAffinity(hardPodAffinityWeight: Int(weight)))
    case "PodTopologySpread":
      let listed = arguments["defaultConstraints"]?.array?.compactMap(TopologySpreadConstraint.init) ?? []
      replace(PodTopologySpread(defaults: arguments["defaultingType"] == "List" ? listed : nil))
    case let name where Self.names.contains(name): break
    case let name: throw ConfigurationError(path: path + ".name", problem: "plugin \"\(name)\" does not exist")
    }
  }

  private mutating func replace(_ plugin: any FilterPlugin & ScorePlugin) {
    for index in filters.indices where filters[index].name == plugin.name { filters[index] = plugin }
    for index in scorers.indices where scorers[index].plugin.name == plugin.name { scorers[index].plugin = plugin }
  }

  private mutating func replace(_ plugin: any ClusterPlugin) {
    for index in clusterPlugins.indices where clusterPlugins[index].plugin.name == plugin.name {
      clusterPlugins[index].plugin = plugin
    }
  }
}

extension NodeResourcesFit {
  fileprivate init(_ arguments: Value, at path: String) throws(ConfigurationError) {
    self.init()
    guard let strategy = arguments["scoringStrategy"] else { return }
    let path = path + ".scoringStrategy"
    switch strategy["type"]?.string ?? "LeastAllocated" {
    case "LeastAllocated": self.strategy = .leastAllocated
    case "MostAllocated": self.strategy = .mostAllocated
    case "RequestedToCapacityRatio":
      let points = (strategy.at(["requestedToCapacityRatio", "shape"])?.array ?? []).map { point in
        (used: Int(point["utilization"]?.integer ?? 0), score: Int(point["score"]?.integer ?? 0) * 10)
      }
      guard !points.isEmpty else {
        throw ConfigurationError(
          path: path + ".requestedToCapacityRatio.shape",
          problem: "Required value: at least one point must be specified")
      }
      self.strategy = .requestedToCapacityRatio(points)
    case let type:
      throw ConfigurationError(
        path: path + ".type",
        problem: "Unsupported value: \"\(type)\": supported values: \"LeastAllocated\", \"MostAllocated\", "
          + "\"RequestedToCapacityRatio\"")
    }
    if let resources = strategy["resources"]?.array {
      weights = resources.compactMap { resource in
        resource["name"]?.string.map { ($0, Int(resource["weight"]?.integer ?? 1)) }
      }
    }
  }
}
