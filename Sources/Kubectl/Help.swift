// `kubectl help`, `kubectl COMMAND --help`.

enum Help {
  static var overview: String {
    var text = "kubectl controls the Kubernetes cluster manager.\n"
    let groups: [(title: String, names: [String])] = [
      ("Basic Commands (Beginner)", ["create", "run", "set"]),
      ("Basic Commands (Intermediate)", ["explain", "get", "edit", "delete"]),
      ("Deploy Commands", ["rollout", "scale"]),
      ("Cluster Management Commands", ["cluster-info", "cordon", "uncordon"]),
      ("Troubleshooting and Debugging Commands", ["describe", "logs"]),
      ("Advanced Commands", ["diff", "apply", "patch", "replace", "wait"]),
      ("Settings Commands", ["label", "annotate"]),
      ("Other Commands", ["api-resources", "api-versions", "config", "version"]),
    ]
    for (title, names) in groups {
      text += "\n\(title):\n" + names.map { name in "  \(padded(name, 16))\(summary(of: name))\n" }.joined()
    }
    return text + "\nUsage:\n  kubectl [flags] [options]\n\n"
      + "Use \"kubectl <command> --help\" for more information about a given command.\n"
  }

  private static let groupSummaries = [
    "create": "Create a resource from a file or from stdin", "set": "Set specific features on objects",
    "rollout": "Manage the rollout of a resource", "config": "Modify kubeconfig files",
  ]

  private static func summary(of name: String) -> String {
    groupSummaries[name] ?? Command.all.first { $0.name == name }?.summary ?? ""
  }

  static func text(of command: Command) -> String {
    var text = "\(command.summary).\n"
    if let subcommands = Command.group([command.name]) { text += "\n" + list(of: subcommands) }
    if !command.flags.isEmpty { text += "\nOptions:\n" + command.flags.map(line).joined() }
    return text + "\nUsage:\n  kubectl \(command.name) \(command.usage)\n\nGlobal options:\n"
      + Command.globalFlags.map(line).joined()
  }

  static func text(ofGroup name: String, _ commands: [Command]) -> String {
    "\(groupSummaries[name] ?? name).\n\n" + list(of: commands)
      + "\nUsage:\n  kubectl \(name) SUBCOMMAND [options]\n\n"
      + "Use \"kubectl \(name) <command> --help\" for more information about a given command.\n"
  }

  private static func list(of commands: [Command]) -> String {
    "Available Commands:\n"
      + commands.map { command in
        "  \(padded(String(command.name.split(separator: " ").last ?? ""), 16))\(command.summary)\n"
      }.joined()
  }

  private static func line(_ flag: Flag) -> String {
    let short = flag.short.map { "-\($0), " } ?? ""
    let value =
      switch flag.kind {
      case .toggle: "=false"
      case .list: "=[]"
      case .number: "=0"
      case .duration: "=0s"
      case .optional, .text: "=''"
      }
    return "    \(short)--\(flag.name)\(value):\n\t\(flag.usage).\n\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String { text + spaces(width - text.count) }
}
