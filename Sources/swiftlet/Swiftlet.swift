import ArgumentParser
import Foundation
import Kubectl
import ProcessRuntime

/// The program. Called as `kubectl`, it is kubectl; called by a node agent, it is what runs a container.
@main
struct Program {
  static func main() async {
    let arguments = CommandLine.arguments
    if let status = runHiddenCommand(Array(arguments.dropFirst())) { exit(status) }
    if arguments.first?.split(separator: "/").last == "kubectl" {
      exit(await Kubectl.run(arguments: Array(arguments.dropFirst())))
    }
    await Swiftlet.main()
  }
}

struct Swiftlet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "Kubernetes, built one chapter at a time.",
    version: Version.current,
    subcommands: [
      StartCommand.self, StopCommand.self, StatusCommand.self, DeleteCommand.self, KubectlCommand.self,
      DemoCommand.self, ExplainSchedulingCommand.self, SimulateCommand.self, WorkbookCommand.self,
    ])
}

struct KubectlCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubectl", abstract: "The everyday commands of kubectl, for machines without it.")

  @Argument(parsing: .captureForPassthrough, help: "What kubectl understands: get pods, apply -f file …")
  var arguments: [String] = []

  func run() async throws {
    throw ExitCode(await Kubectl.run(arguments: arguments))
  }
}

/// The data directory, as every command names it.
struct DataDirectoryOption: ParsableArguments {
  @Option(help: "Where the cluster keeps its data. (default: $SWIFTLET_HOME or ~/.swiftlet)")
  var dataDir: String?

  var directory: DataDirectory { DataDirectory(dataDir) }
}
