// The bundled kubectl: a client of the HTTP API and of nothing else, for machines that have no kubectl. Its flags,
// its output and its errors are kubectl's own, so that scripts and habits work with either.

public import Objects

public enum Kubectl {
  /// Runs one command: `["get", "pods", "-o", "wide"]`. Answers go to standard output, errors to standard error.
  ///
  /// - Returns: The exit code: 0, or 1 when something went wrong, or what `diff` and others say with it.
  public static func run(arguments: [String]) async -> Int32 { await run(arguments, in: .real) }

  /// What the server of the kubeconfig in use answers to GET requests, for commands that work on a cluster's objects.
  ///
  /// Throws ``KubectlError`` with kubectl's own words when there is no answer, or a refusal.
  public static func read(_ paths: [String]) async throws -> [Value] {
    do {
      let world = World.real
      let config = try Kubeconfig(explicitPath: nil, environment: world.environment, read: world.read)
      let arguments = try Arguments([], flags: Command.globalFlags, of: "get")
      let connection = try Connection(config, arguments, read: world.read)
      let client = Client(transport: try world.connect(connection), command: "kubectl get", token: connection.token)
      var answers: [Value] = []
      for path in paths { answers.append(try await client.get(path)) }
      return answers
    } catch {
      throw KubectlError(description: Failure(error).text)
    }
  }

  static func run(_ words: [String], in world: World) async -> Int32 {
    do {
      try await dispatch(words, world)
      return 0
    } catch {
      let failure = Failure(error)
      if !failure.text.isEmpty { world.complain(failure.text + "\n") }
      return failure.exitCode
    }
  }

  private static func dispatch(_ words: [String], _ world: World) async throws {
    let (path, rest) = split(words)
    guard let first = path.first, first != "help" || path.count > 1 else {
      return world.write(Array(Help.overview.utf8))
    }
    let wanted = first == "help" ? Array(path.dropFirst()) : path
    guard let (command, operands) = Command.find(wanted) else {
      if let group = Command.group(wanted) {
        if wanted.count > 1, !wanted[1].hasPrefix("-"), first != "help" {
          throw Failure.usage("unknown command \"\(wanted[1])\"", of: wanted[0])
        }
        return world.write(Array(Help.text(ofGroup: wanted[0], group).utf8))
      }
      throw unknownCommand(wanted[0])
    }
    // What stands behind `--` belongs to the container's command.
    let flagWords = (operands + rest).prefix { $0 != "--" }
    if first == "help" || flagWords.contains("--help") || flagWords.contains("-h") {
      return world.write(Array(Help.text(of: command).utf8))
    }
    let arguments = try Arguments(operands + rest, flags: command.flags + Command.globalFlags, of: command.name)
    try await command.run(try Invocation(command, arguments, world))
  }

  /// The words that may name a command, with the flags before them moved behind: `-n kube-system get pods`.
  private static func split(_ words: [String]) -> (path: [String], rest: [String]) {
    var flags: [String] = []
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-"), word != "--" {
      flags.append(rest.removeFirst())
      if word == "--help" || word == "-h" { return (["help"] + rest, []) }
      let takesValue = Command.globalFlags.contains { flag in
        guard case .toggle = flag.kind else { return word == "--\(flag.name)" || word == flag.short.map { "-\($0)" } }
        return false
      }
      if takesValue, let value = rest.popFirst() { flags.append(value) }
    }
    return (Array(rest), flags)
  }

  private static func unknownCommand(_ word: String) -> Failure {
    let near = Command.names.filter { $0.isNear(word) || $0.hasPrefix(word) }
    let hint = near.isEmpty ? "" : "\n\nDid you mean this?\n" + near.map { "\t\($0)\n" }.joined()
    return Failure(text: "Error: unknown command \"\(word)\" for \"kubectl\"" + hint)
  }
}

/// Why the cluster could not be read, in kubectl's words.
public struct KubectlError: Error, CustomStringConvertible {
  public let description: String
}
