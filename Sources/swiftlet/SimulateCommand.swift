import ArgumentParser
import Simulation

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs simulated clusters with faults, and checks every promise of every layer.")

  @Option(help: "Run the world of this seed and show what happens.")
  var seed: UInt64?

  @Option(help: "Without --seed: how many worlds to run, from seed 1 on.")
  var seeds: UInt64 = 100

  @Option(help: "The layers of the chapters up to this one.")
  var chapter = Layers.lastChapter

  @Option(help: "Faults, separated by commas: \(Fault.allCases.map(\.rawValue).joined(separator: ", ")); all; none.")
  var faults = "all"

  func run() throws {
    let search = Search(layers: Layers.through(chapter), chapter: chapter, faults: try chosenFaults())
    guard let seed else { return try runMany(search) }
    let world = try search.world(seed: seed, faults: search.faults, keepsTrace: true)
    for line in world.trace { print(line) }
    for violation in world.violations { print("BROKEN  \(violation)") }
    print(world.violations.isEmpty ? "seed \(seed): every promise was kept" : "seed \(seed): promises were broken")
    if !world.violations.isEmpty { throw ExitCode.failure }
  }

  private func runMany(_ search: Search) throws {
    let step: UInt64 = 50
    for first in stride(from: 1, through: seeds, by: Int(step)) {
      let last = min(first + step - 1, seeds)
      do { try search.run(seeds: first...last) } catch let failure as Search.Failure {
        print(failure)
        throw ExitCode.failure
      }
      print("\(last) of \(seeds) worlds: every promise was kept")
      flushOutput()
    }
  }

  private func chosenFaults() throws -> Set<Fault> {
    switch faults {
    case "all": return Set(Fault.allCases)
    case "none": return []
    default:
      return Set(
        try faults.split(separator: ",").map { word in
          guard let fault = Fault(rawValue: String(word)) else {
            throw ValidationError(
              "no fault is called \"\(word)\". There are: \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).")
          }
          return fault
        })
    }
  }
}
