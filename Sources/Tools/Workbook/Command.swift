public import Foundation

/// A command of the workbook: `workbook hint 2.1`.
public struct Command: Sendable {
  public let name: String
  public let usage: Usage
  /// One line for the list of commands.
  public let summary: String
  /// Does it, and returns the exit status: 0 if all is well.
  public let run: @Sendable (Call) throws -> Int32

  public init(
    _ name: String, takes usage: String = "", _ summary: String, run: @escaping @Sendable (Call) throws -> Int32
  ) {
    self.name = name
    self.usage = Usage(usage)
    self.summary = summary
    self.run = run
  }
}

/// One call of a command.
public struct Call: Sendable {
  /// The repository.
  public let root: URL
  public let arguments: Arguments
  public let terminal: Terminal

  public init(root: URL, arguments: Arguments, terminal: Terminal) {
    self.root = root
    self.arguments = arguments
    self.terminal = terminal
  }
}

/// A command could not do its work: what is wrong, and what the user can do about it.
public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// The commands of one program.
public struct CommandTable: Sendable {
  /// As the user types it: `workbook`, or `swiftlet workbook`.
  public let program: String
  public let commands: [Command]

  public init(program: String, commands: [Command]) {
    self.program = program
    self.commands = commands
  }

  /// Runs what the arguments ask for. Exit status 2 says that the call was not understood.
  public func run(_ words: [String], from folder: URL, terminal: Terminal) -> Int32 {
    guard let name = words.first, !["help", "--help", "-h", "--plain"].contains(name) else {
      terminal.print(help)
      return 0
    }
    guard let command = commands.first(where: { $0.name == name }) else {
      terminal.complain("\(program): there is no command \(name)\n\n\(help)")
      return 2
    }
    let rest = Array(words.dropFirst())
    if rest.contains(where: { ["--help", "-h"].contains($0) }) {
      terminal.print(help(of: command))
      return 0
    }
    do {
      let arguments = try command.usage.read(rest)
      guard let root = Self.repository(around: folder) else {
        throw Failure("this is no clone of Swiftlet; go into the folder that holds Package.swift and chapters")
      }
      return try command.run(Call(root: root, arguments: arguments, terminal: terminal))
    } catch let error as UsageError {
      terminal.complain("\(program) \(name): \(error)\n\n\(help(of: command))")
      return 2
    } catch {
      terminal.complain("\(program) \(name): \(error)")
      return 1
    }
  }

  /// The folder itself or the nearest one around it that holds the workbook.
  static func repository(around folder: URL) -> URL? {
    var folder = folder.standardizedFileURL
    while true {
      let holds = { (path: String) in FileManager.default.fileExists(atPath: folder.appending(path: path).path) }
      if holds("Package.swift"), holds("chapters") { return folder }
      if folder.pathComponents.count <= 1 { return nil }
      folder.deleteLastPathComponent()
    }
  }

  private var help: String {
    let calls = commands.map { "\($0.name) \($0.usage.text)" }
    let width = (calls.map(\.count).max() ?? 0) + 2
    let lines = zip(calls, commands).map { call, command in
      "  \(call)\(String(repeating: " ", count: width - call.count))\(command.summary)"
    }
    return """
      usage: \(program) COMMAND …

      \(lines.joined(separator: "\n"))

      Every command takes --plain: no colour and no pictures.
      """
  }

  private func help(of command: Command) -> String {
    "usage: \(program) \(command.name) \(command.usage.text)\n  \(command.summary)"
  }
}
