import Foundation

/// One command of a console block, and what the text says that it prints.
struct ConsoleStep: Hashable {
  var command: String
  /// Position of the command in the block's content.
  var position: Int
  var expected: [String]
}

extension MarkdownText.Block {
  /// Lines with `$` in front, each with the lines below it. Lines above the first command belong to none.
  var steps: [ConsoleStep] {
    var steps: [ConsoleStep] = []
    for (position, line) in content.enumerated() {
      if line.hasPrefix("$ ") {
        steps.append(ConsoleStep(command: String(line.dropFirst(2)), position: position, expected: []))
      } else if !steps.isEmpty {
        steps[steps.count - 1].expected.append(line)
      }
    }
    return steps
  }
}

/// Runs the commands of one text's console blocks as a reader would, in a home directory of their own.
final class Console {
  private let root: URL
  private let home: URL
  /// nil when it has not been built.
  private let swiftlet: URL?
  private var clusters: [Int: Process] = [:]

  /// Throws what making the temporary folder throws.
  init(root: URL, swiftlet: URL?) throws {
    self.root = root
    self.swiftlet = swiftlet
    home = FileManager.default.temporaryDirectory.appending(path: "transcripts-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: home.appending(path: "bin"), withIntermediateDirectories: true)
    let programs = [("swiftlet", swiftlet), ("kubectl", swiftlet), ("workbook", Bundle.main.executableURL)]
    for case (let name, let program?) in programs {
      try FileManager.default.createSymbolicLink(at: home.appending(path: "bin/\(name)"), withDestinationURL: program)
    }
  }

  /// Ends the clusters and removes their data.
  func close() {
    for cluster in clusters.values {
      Running.end(cluster)
      Running.forget(cluster)
    }
    clusters = [:]
    try? FileManager.default.removeItem(at: home)
  }

  /// Whether a command can be run without the binary.
  func canRun(_ block: MarkdownText.Block) -> Bool {
    swiftlet != nil || block.marking["cluster"] == nil && !block.steps.contains { Self.needsBinary($0.command) }
  }

  private static func needsBinary(_ command: String) -> Bool {
    command.split { !$0.isLetter }.contains { $0 == "swiftlet" || $0 == "kubectl" }
  }

  /// What a command prints. A block marked `cluster=N` has a cluster of chapter N, the same one for the whole text.
  func run(_ command: String, cluster: Int?) throws -> [String] {
    var environment = self.environment
    if let cluster { environment.merge(try self.environment(ofCluster: cluster)) { $1 } }
    return try Running.run(["sh", "-c", command], in: root, environment: environment).lines
  }

  private var environment: [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return [
      "HOME": home.path, "PATH": "\(home.appending(path: "bin").path):\(path)", "COLUMNS": "120", "NO_COLOR": "1",
      "TZ": "UTC", "LC_ALL": "C.UTF-8", "KUBECONFIG": home.appending(path: "kubeconfig").path,
    ]
  }

  private func environment(ofCluster chapter: Int) throws -> [String: String] {
    let data = home.appending(path: "cluster-\(chapter)")
    var environment = [
      "KUBECONFIG": data.appending(path: "kubeconfig").path, "SWIFTLET_HOME": data.path,
    ]
    guard clusters[chapter] == nil, let swiftlet else { return environment }
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    // A simulated node starts no process that could outlive this one.
    let words = [
      swiftlet.path, "start", "--chapter", "\(chapter)", "--data-dir", data.path, "--port", "0", "--nodes", "0",
      "--simulated-nodes", "1",
    ]
    environment.merge(self.environment) { first, _ in first }
    let output = Pipe()
    let process = try Running.start(words, in: root, environment: environment, output: output)
    clusters[chapter] = process
    let state = data.appending(path: "cluster.json").path
    let deadline = ContinuousClock.now + .seconds(60)
    while process.isRunning, !FileManager.default.fileExists(atPath: state), ContinuousClock.now < deadline {
      usleep(20_000)
    }
    guard process.isRunning, FileManager.default.fileExists(atPath: state) else {
      throw ClusterDidNotStart(chapter: chapter, words: words.joined(separator: " "))
    }
    return environment
  }
}

struct ClusterDidNotStart: Error, CustomStringConvertible {
  var chapter: Int
  var words: String

  var description: String { "the cluster of chapter \(chapter) did not start; try it: \(words)" }
}

/// The program that was built last, in either configuration.
func builtBinary(in root: URL) -> URL? {
  ["debug", "release"].map { root.appending(path: ".build/\($0)/swiftlet") }
    .compactMap { file -> (URL, Date)? in
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path)
      return (attributes?[.modificationDate] as? Date).map { (file.resolvingSymlinksInPath(), $0) }
    }
    .max { $0.1 < $1.1 }?.0
}
