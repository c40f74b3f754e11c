// What a command is: a name, its flags, a few words of help, and the function that runs it.

struct Command: Sendable {
  let name: String
  /// One line of the overview.
  let summary: String
  /// What follows the name: "(TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE/NAME) [options]".
  let usage: String
  var flags: [Flag] = []
  /// Whether it talks to a server at all.
  var needsServer: @Sendable (Arguments) -> Bool = { _ in true }
  let run: @Sendable (Invocation) async throws -> Void
}

extension Command {
  static let all: [Command] =
    [get, describe, apply, diff, delete, edit, run, logs, scale, label, annotate, wait, patch, replace]
    + create + createData + createNetwork + createWork + [expose] + set + rollout + nodeCommands + config + [
      apiResources, apiVersions, explain, version, clusterInfo,
    ]

  /// The first words of all commands, each once.
  static var names: [String] {
    var names: [String] = []
    for name in all.map({ String($0.name.prefix { $0 != " " }) }) where !names.contains(name) { names.append(name) }
    return names
  }

  /// The command that words begin with, and the rest of the words. Of two that fit, the longer one.
  static func find(_ words: [String]) -> (Command, rest: [String])? {
    for length in [3, 2, 1] where words.count >= length {
      let name = words.prefix(length).joined(separator: " ")
      if let command = all.first(where: { $0.name == name || $0.name == Self.long(name) }) {
        return (command, Array(words.dropFirst(length)))
      }
    }
    return nil
  }

  private static func long(_ name: String) -> String {
    let short = [
      "create deploy": "create deployment", "create cm": "create configmap", "create ns": "create namespace",
      "create ing": "create ingress", "create cj": "create cronjob", "create pc": "create priorityclass",
      "create svc clusterip": "create service clusterip",
      "create svc nodeport": "create service nodeport", "create svc loadbalancer": "create service loadbalancer",
      "create svc externalname": "create service externalname",
      "config use": "config use-context",
    ]
    return short[name] ?? name
  }

  /// The subcommands of a word such as "rollout".
  static func group(_ words: [String]) -> [Command]? {
    guard let first = words.first else { return nil }
    let commands = all.filter { $0.name.hasPrefix(first + " ") }
    return commands.isEmpty ? nil : commands
  }

  static let globalFlags = [
    Flag("as", "Username to impersonate for the operation"),
    Flag("certificate-authority", "Path to a cert file for the certificate authority"),
    Flag("client-certificate", "Path to a client certificate file for TLS"),
    Flag("client-key", "Path to a client key file for TLS"),
    Flag("cluster", "The name of the kubeconfig cluster to use"),
    Flag("context", "The name of the kubeconfig context to use"),
    Flag(
      "insecure-skip-tls-verify", nil, .toggle, "If true, the server's certificate will not be checked for validity"),
    Flag("kubeconfig", "Path to the kubeconfig file to use for CLI requests"),
    Flag("namespace", "n", "If present, the namespace scope for this CLI request"),
    Flag("server", "s", "The address and port of the Kubernetes API server"),
    Flag("tls-server-name", "Server name to use for server certificate validation"),
    Flag("token", "Bearer token for authentication to the API server"),
    Flag("user", "The name of the kubeconfig user to use"),
  ]
}

extension Flag {
  /// A flag with a text as its value.
  init(_ name: String, _ usage: String) { self.init(name, nil, .text, usage) }
  init(_ name: String, _ short: Character, _ usage: String) { self.init(name, short, .text, usage) }

  static let allNamespaces = Flag(
    "all-namespaces", "A", .toggle, "If present, list the requested object(s) across all namespaces")
  static let filename = Flag("filename", "f", .list, "Filename, directory, or - for standard input")
  static let recursive = Flag("recursive", "R", .toggle, "Process the directory used in -f, --filename recursively")
  static let selector = Flag(
    "selector", "l", "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'")
  static let fieldSelector = Flag("field-selector", "Selector (field query) to filter on, supports '=', '==', and '!='")
  static let output = Flag("output", "o", "Output format")
  static let dryRun = Flag(
    "dry-run", nil, .optional("unchanged"), "Must be \"none\", \"server\", or \"client\"")
  static let all = Flag("all", nil, .toggle, "Select all resources in the namespace of the specified resource types")
  static let fieldManager = Flag("field-manager", "Name of the manager used to track field ownership")
  static let managedFields = Flag("show-managed-fields", nil, .toggle, "Keep the managedFields when printing objects")
  static let validate = Flag(
    "validate", nil, .optional("strict"), "\"strict\" (or true), \"warn\" or \"ignore\" (or false)")
  static let timeout = Flag("timeout", nil, .duration, "The length of time to wait before giving up")

  static let objects = [filename, recursive, selector]
  static let printing = [output, managedFields]
}
