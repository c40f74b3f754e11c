import Foundation
import SwiftSource
import Synchronization
import Workbook

/// How a mutant has ended.
enum Fate: Sendable, Hashable {
  case killed
  case timedOut
  /// All tests that reach it pass.
  case survived
  case unreached
}

/// Plants small mistakes in a chapter's module, each at its turn, and looks whether the chapter's tests notice.
struct MutantRun {
  let catalogue: Catalogue
  let chapter: ChapterExercises
  let terminal: Terminal

  /// More would take an evening; the choice is the same every time.
  static let limit = 250

  struct Result {
    var module: String
    /// How many mistakes there are, of which `fates` are tried.
    var possible: Int
    var dropped: Int
    var fates: [(mutant: Mutant, fate: Fate)]

    func count(_ fate: Fate) -> Int { fates.count { $0.fate == fate } }
    var survivors: [(mutant: Mutant, fate: Fate)] { fates.filter { $0.fate == .survived || $0.fate == .unreached } }
    /// In percent, rounded down.
    var killed: Int { fates.isEmpty ? 100 : (fates.count - survivors.count) * 100 / fates.count }
  }

  func run() throws -> Result {
    let sources = try readSources()
    let (possible, mutants) = Self.choose(sources, limit: Self.limit)
    terminal.print("\(chapter.module): \(possible) small mistakes are possible, \(mutants.count) are tried")
    let package = ScratchPackage("mutants-\(chapter.name)", catalogue: catalogue, testing: [chapter], isOptimized: true)
    var build = VariantBuild(
      package, sources: sources,
      changes: Dictionary(grouping: mutants, by: \.file).mapValues { $0.map(\.change) })
    terminal.print("      building them all into one package")
    try build.build(terminal)
    let alive = mutants.filter { build.dropped[$0.change.variant] == nil }
    let tests = try measure(build)
    let fates = try fates(of: alive, tests, build)
    return Result(module: chapter.module, possible: possible, dropped: mutants.count - alive.count, fates: fates)
  }

  private func readSources() throws -> [String: SwiftFile] {
    var sources: [String: SwiftFile] = [:]
    let folder = "Sources/\(chapter.folder)"
    for name in try FileManager.default.contentsOfDirectory(atPath: catalogue.root.appending(path: folder).path) {
      guard name.hasSuffix(".swift"), let text = catalogue.text(of: "\(folder)/\(name)") else { continue }
      sources["\(folder)/\(name)"] = SwiftFile(text)
    }
    return sources
  }

  /// The mutants that are tried: all of them, or those that come first in an order that looks random and is always
  /// the same, so that an edit of one function does not exchange the choice in another.
  static func choose(_ sources: [String: SwiftFile], limit: Int) -> (possible: Int, chosen: [Mutant]) {
    var all: [Mutant] = []
    for (path, file) in sources.sorted(by: { $0.key < $1.key }) {
      all += Mutator.mutants(of: file, path: path, from: all.count + 1)
    }
    let chosen = all.map { ($0, hash($0.name + $0.change.body)) }.sorted { $0.1 < $1.1 }.prefix(limit).map(\.0)
    return (all.count, chosen.sorted { $0.change.variant < $1.change.variant })
  }

  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  }

  // MARK: Which tests reach what

  private struct MeasuredTest: Sendable {
    var name: TestName
    var seconds: Double
    var reached: Set<Int>
  }

  /// Runs each test alone, to learn how long it takes and which functions it calls.
  private func measure(_ build: VariantBuild) throws -> [MeasuredTest] {
    let runner = TestRunner(package: build.package)
    let module = "\(chapter.module)Tests"
    terminal.print("      running \(module) without any mistake")
    let whole = try runner.run(module, seconds: 900)
    guard whole.isGreen else {
      let names = whole.failed.map { "\($0.test)" }.joined(separator: ", ")
      throw Failure(
        "\(module) must pass before mistakes are planted; it does not: "
          + (names.isEmpty ? "\(whole.ending)\n\(whole.lastWords)" : names))
    }
    terminal.print("      looking which of its \(whole.tests.count) tests call what")
    return try concurrently(whole.tests) { name in
      let record = FileManager.default.temporaryDirectory.appending(path: "swiftlet-reached-\(UUID().uuidString)")
      try Data().write(to: record)
      defer { try? FileManager.default.removeItem(at: record) }
      let start = Date()
      _ = try runner.run(module, only: [name], seconds: 900, reached: record)
      let text = try String(contentsOf: record, encoding: .utf8)
      return MeasuredTest(
        name: name, seconds: Date().timeIntervalSince(start),
        reached: Set(text.split(separator: "\n").compactMap { Int($0) }))
    }
  }

  // MARK: Trying

  private func fates(of mutants: [Mutant], _ tests: [MeasuredTest], _ build: VariantBuild) throws
    -> [(mutant: Mutant, fate: Fate)]
  {
    let done = Mutex((all: 0, survived: 0))
    let fates = try concurrently(mutants) { [terminal] mutant in
      let place = build.place(of: mutant.file, mutant.change.function)
      let able = tests.filter { $0.reached.contains(place) }.sorted { $0.seconds < $1.seconds }
      let fate = try fate(of: mutant, able, TestRunner(package: build.package))
      let (all, survived) = done.withLock { done in
        done.all += 1
        if fate == .survived || fate == .unreached { done.survived += 1 }
        return done
      }
      if all.isMultiple(of: 25) { terminal.print("      \(all) of \(mutants.count) tried, \(survived) survive") }
      return fate
    }
    return Array(zip(mutants, fates).map { ($0, $1) })
  }

  /// The quickest test alone, where an endless loop shows first and costs least; then the other quick ones all at once;
  /// then the rest, the quickest first.
  private func fate(of mutant: Mutant, _ tests: [MeasuredTest], _ runner: TestRunner) throws -> Fate {
    if tests.isEmpty { return .unreached }
    let quick = tests.filter { $0.seconds < 0.7 }
    let groups =
      [quick.prefix(1), quick.dropFirst()].filter { !$0.isEmpty } + tests.dropFirst(quick.count).map { [$0] }
    for group in groups {
      let seconds = 4 + Int(3 * group.map(\.seconds).reduce(0, +))
      let names = group.map(\.name)
      switch try runner.endsBadly("\(chapter.module)Tests", names, variant: mutant.change.variant, seconds: seconds) {
      case .exited(0): continue
      case .exited, .crashed, .stopped: return .killed
      case .timedOut: return .timedOut
      }
    }
    return .survived
  }
}
