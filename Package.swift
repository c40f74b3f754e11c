// swift-tools-version: 6.2
import PackageDescription

// CHAPTER=N keeps only the chapters up to N and their tests: no third-party package is even cloned.
let lastChapter = Context.environment["CHAPTER"].flatMap { Int($0) }

// EXERCISE=N puts the learner's copy of chapter N (make exercise) in place of ours. With CHAPTER the package then ends
// there, and has that chapter's tests alone.
let exercise = Context.environment["EXERCISE"].map(bare)
let learnersFolder = Context.environment["EXERCISE_WORK"]

/// `2` of `02`, `a` of `00a` and `0a`: a chapter as people may write it.
func bare(_ number: String) -> String { String(number.drop { $0 == "0" }) }

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A chapter: one module under Sources, its tests under Tests. It imports earlier chapters and nothing else.
struct Chapter {
  let number: Int
  let folder: String
  let imports: [String]
  /// Contracts that are tested here and in the edges.
  var contracts: [String] = []

  var module: String { String(folder.drop { $0 != "-" }.dropFirst()) }

  /// The name of its text: `02-replica-sets` of `02-ReplicaSets`.
  var text: String {
    var text = ""
    for (letter, next) in zip(folder, folder.dropFirst() + " ") {
      if letter.isUppercase, text.last != "-", text.last?.isUppercase == false || next.isLowercase { text += "-" }
      text.append(letter)
    }
    return text.lowercased()
  }

  var isLearners: Bool { bare(String(folder.prefix { $0 != "-" })) == exercise }

  /// Where its Sources and Tests are.
  private func path(_ part: String) -> String {
    isLearners ? "\(learnersFolder ?? "exercises/\(text)/work")/\(part)" : "\(part)/\(folder)"
  }

  var support: [String] { contracts + (number > 0 ? ["KubernetesFacts", "ViewFixtures"] : []) }

  var source: Target {
    .target(
      name: module, dependencies: imports.map { .byName(name: $0) }, path: path("Sources"), swiftSettings: settings)
  }

  var tests: Target {
    .testTarget(
      name: "\(module)Tests", dependencies: ([module] + imports + support).map { .byName(name: $0) },
      path: path("Tests"), swiftSettings: settings)
  }
}

let core = ["Objects", "Store", "ControlLoop"]
let workloads = core + ["Simulation", "Pods", "ReplicaSets", "Deployments"]
let running = workloads + ["Services", "Configuration", "Volumes", "Probes"]
let extended = running + ["Jobs", "Scheduling", "CustomResources"]
let complete = extended + ["StatefulSets", "DaemonSets"]
let chapters: [Chapter] = [
  Chapter(number: 0, folder: "00a-Objects", imports: []),
  Chapter(number: 0, folder: "00b-Store", imports: ["Objects"], contracts: ["StorageContract"]),
  Chapter(number: 0, folder: "00c-ControlLoop", imports: ["Objects", "Store"]),
  Chapter(number: 0, folder: "00d-Simulation", imports: core),
  Chapter(number: 1, folder: "01-Pods", imports: core + ["Simulation"]),
  Chapter(number: 2, folder: "02-ReplicaSets", imports: core + ["Simulation", "Pods"]),
  Chapter(number: 3, folder: "03-Deployments", imports: core + ["Simulation", "Pods", "ReplicaSets"]),
  Chapter(number: 4, folder: "04-Services", imports: workloads),
  Chapter(number: 5, folder: "05-Configuration", imports: workloads + ["Services"]),
  Chapter(number: 6, folder: "06-Volumes", imports: workloads + ["Services", "Configuration"]),
  Chapter(number: 7, folder: "07-Probes", imports: workloads + ["Services", "Configuration", "Volumes"]),
  Chapter(number: 8, folder: "08-Jobs", imports: running),
  Chapter(number: 9, folder: "09-Scheduling", imports: running + ["Jobs"]),
  Chapter(number: 10, folder: "10-CustomResources", imports: running + ["Jobs", "Scheduling"]),
  Chapter(number: 11, folder: "11-StatefulSets", imports: extended),
  Chapter(number: 12, folder: "12-DaemonSets", imports: extended + ["StatefulSets"]),
  Chapter(number: 15, folder: "15-APIServer", imports: complete),
]
let learners = chapters.firstIndex(where: \.isLearners)
let isOneExercise = lastChapter != nil && learners != nil
let included =
  isOneExercise ? Array(chapters[...(learners ?? 0)]) : chapters.filter { $0.number <= lastChapter ?? .max }
// With CHAPTER, what keeps the workbook in order is there only for the scripts that use it: they set TOOLS. A learner's
// first test does not wait for it.
let hasTools = !isOneExercise && (lastChapter == nil || Context.environment["TOOLS"] != nil)
let tested = isOneExercise ? included.suffix(1) : included[...]

/// An edge: a protocol of a chapter carried out with packages and I/O. Edges do not import each other.
func edge(_ name: String, _ dependencies: [Target.Dependency], support: [Target.Dependency] = []) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, path: "Sources/Edges/\(name)", swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies + support, path: "Tests/Edges/\(name)",
      swiftSettings: settings),
  ]
}

let served = chapters.map(\.module)
let edges: [Target] =
  edge(
    "HTTP",
    [
      "APIServer",
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOTLS", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "NIOHTTP2", package: "swift-nio-http2"),
    ], support: ["LoopbackPorts"])
  + edge(
    "Certificates",
    [
      .product(name: "X509", package: "swift-certificates"),
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "SwiftASN1", package: "swift-asn1"),
    ])
  + edge("YAMLCoding", ["Objects", .product(name: "Yams", package: "Yams")], support: ["CustomResources"])
  + edge(
    "SQLiteStorage", ["Objects", "Store", .product(name: "GRDB", package: "GRDB.swift")],
    support: ["StorageContract"])
  + edge(
    "ProcessRuntime", ["Objects", "Store", "ControlLoop", "Pods", "Services", "Configuration", "Volumes", "Probes"],
    support: ["LoopbackPorts"])
  + edge(
    "Network",
    [
      "Objects", "Store", "ControlLoop", "Pods", "Services",
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOTLS", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ], support: ["LoopbackPorts"])
  + edge(
    "Probing",
    [
      "Objects", "Pods", "Services", "Probes",
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "NIOHTTP2", package: "swift-nio-http2"),
      .product(name: "NIOHPACK", package: "swift-nio-http2"),
    ], support: ["LoopbackPorts"])
  + edge(
    "VolumeFiles", ["Objects", "Store", "ControlLoop", "Pods", "Services", "Configuration", "Volumes"])
  + edge("Runner", served.map { .byName(name: $0) })

let binary: [Target] = [
  .target(
    name: "Kubectl", dependencies: ["Objects", "APIServer", "HTTP", "YAMLCoding"], path: "Sources/Kubectl",
    swiftSettings: settings),
  .testTarget(
    name: "KubectlTests",
    dependencies: [
      "Kubectl", "Objects", "Store", "ControlLoop", "Pods", "ReplicaSets", "Deployments", "APIServer", "HTTP",
      "LoopbackPorts",
    ],
    path: "Tests/Kubectl", exclude: ["Real"], swiftSettings: settings),
  .executableTarget(
    name: "swiftlet",
    dependencies: served.map { .byName(name: $0) } + [
      "HTTP", "Certificates", "YAMLCoding", "SQLiteStorage", "ProcessRuntime", "VolumeFiles", "Probing", "Network",
      "Runner", "Kubectl",
      "Workbook",
      "WorkbookCommands", "Demos",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "Sources/swiftlet", swiftSettings: settings),
  // What the process runtime's tests start beside containers: the binary without everything else.
  .executableTarget(
    name: "shim", dependencies: ["ProcessRuntime"], path: "Sources/Tools/Shim", swiftSettings: settings),
  .executableTarget(
    name: "bench",
    dependencies: (running + ["Scheduling", "APIServer", "HTTP", "VolumeFiles"]).map { .byName(name: $0) },
    path: "Sources/Tools/Bench", swiftSettings: settings),
  .testTarget(
    name: "EndToEndTests", dependencies: ["Objects", "APIServer", "HTTP"], path: "Tests/EndToEnd",
    swiftSettings: settings),
]

/// What tests of several targets share.
let support: [Target] = [
  .target(
    name: "KubernetesFacts", dependencies: ["Objects"], path: "Tests/Support/KubernetesFacts", swiftSettings: settings),
  .target(
    name: "StorageContract", dependencies: ["Objects", "Store"], path: "Tests/Support/StorageContract",
    swiftSettings: settings),
  .target(
    name: "ViewFixtures", dependencies: core.map { .byName(name: $0) }, path: "Tests/Support/ViewFixtures",
    swiftSettings: settings),
  .target(name: "LoopbackPorts", path: "Tests/Support/LoopbackPorts", swiftSettings: settings),
]

/// Stories told on the chapters up to the twelfth; later chapters will bring their own.
let demos: [Target] =
  !hasTools || (lastChapter ?? .max) < 12
  ? []
  : [
    .target(
      name: "Demos", dependencies: complete.map { .byName(name: $0) },
      path: "Sources/Demos", swiftSettings: settings),
    .testTarget(name: "DemosTests", dependencies: ["Demos"], path: "Tests/Demos", swiftSettings: settings),
  ]

let tools: [Target] = [
  .target(name: "QuoteChecking", path: "Sources/Tools/QuoteChecking", swiftSettings: settings),
  .executableTarget(
    name: "quotes", dependencies: ["QuoteChecking"], path: "Sources/Tools/Quotes", swiftSettings: settings),
  .target(name: "SwiftSource", path: "Sources/Tools/SwiftSource", swiftSettings: settings),
  .testTarget(
    name: "SwiftSourceTests", dependencies: ["SwiftSource"], path: "Tests/Tools/SwiftSource", swiftSettings: settings),
  // The workbook: what exercises/ says, for everything that works with it.
  .target(name: "Workbook", path: "Sources/Tools/Workbook", swiftSettings: settings),
  .target(
    name: "Variants", dependencies: ["SwiftSource", "Workbook"], path: "Sources/Tools/Variants",
    swiftSettings: settings),
  .testTarget(
    name: "VariantsTests", dependencies: ["Variants", "SwiftSource", "Workbook"], path: "Tests/Tools/Variants",
    swiftSettings: settings),
  .target(
    name: "WorkbookCommands",
    dependencies: ["Workbook", "Learning", "Variants", "TextChecking"] + (demos.isEmpty ? [] : ["Demos"]),
    path: "Sources/Tools/WorkbookCommands", swiftSettings: settings + (demos.isEmpty ? [] : [.define("DEMOS")])),
  .executableTarget(
    name: "WorkbookTool", dependencies: ["Workbook", "WorkbookCommands"], path: "Sources/Tools/WorkbookTool",
    swiftSettings: settings),
  .target(
    name: "Learning", dependencies: ["Workbook", "SwiftSource"], path: "Sources/Tools/Learning", swiftSettings: settings
  ),
  .testTarget(
    name: "WorkbookTests", dependencies: ["Workbook", "Learning", "SwiftSource"], path: "Tests/Tools/Workbook",
    swiftSettings: settings),
  // Whether what the texts print, name and link to is so.
  .target(
    name: "TextChecking", dependencies: ["QuoteChecking", "Workbook"], path: "Sources/Tools/TextChecking",
    swiftSettings: settings),
  .testTarget(
    name: "TextCheckingTests", dependencies: ["TextChecking", "Workbook"], path: "Tests/Tools/TextChecking",
    swiftSettings: settings),
  .testTarget(
    name: "TidyTests", dependencies: ["QuoteChecking", "SwiftSource"], path: "Tests/Tidy", swiftSettings: settings),
]

let package = Package(
  name: "swiftlet",
  platforms: [.macOS(.v15)],
  // A module of that name would be the library Workbook's where letters' case does not count.
  products: hasTools ? [.executable(name: "workbook", targets: ["WorkbookTool"])] : [],
  dependencies: lastChapter != nil
    ? []
    : [
      // The server's sockets: an event loop is what one thread needs to hold thousands of watches.
      .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
      // TLS for the API server: kubectl refuses to send credentials without it.
      .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
      // Go clients negotiate HTTP/2 and multiplex their watches over one connection.
      .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
      // The cluster's certificate authority and client certificates.
      .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
      .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
      .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
      // Manifests and kubeconfig files are YAML.
      .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
      // The durable log under the store.
      .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
      // The command line of the binary.
      .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
  targets: included.map(\.source) + tested.map(\.tests)
    + support.filter { target in lastChapter == nil || tested.contains { $0.support.contains(target.name) } }
    + (hasTools ? tools + demos : []) + (lastChapter == nil ? edges + binary : []),
  swiftLanguageModes: [.v6]
)
