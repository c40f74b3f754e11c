import Configuration
import ControlLoop
import CustomResources
import DaemonSets
import Deployments
import Jobs
import Objects
import Pods
import Probes
import ReplicaSets
import Scheduling
import Services
import StatefulSets
import Testing
import Volumes

/// All chapters before this one.
let everyLayer: [Layer] = [
  .pods, .replicaSets, .deployments, .services, .configuration, .volumes, .probes, .jobs, .scheduling,
  .customResources, .statefulSets, .daemonSets,
]

private let cluster = Cluster(layers: everyLayer)

/// A field of some kind that takes one of a few words.
private struct Choice: CustomTestStringConvertible, Sendable {
  enum Step: Sendable { case member(String), element, key }

  let kind: Kind
  var steps: [Step] = []
  var words: [String] = []

  var testDescription: String { "\(kind.name) \(path)" }

  var path: FieldPath {
    steps.reduce(FieldPath()) { path, step in
      switch step {
      case .member(let name): path[name]
      case .element: path[0]
      case .key: path[key: "key"]
      }
    }
  }

  /// An object that has nothing but this field.
  func object(with word: String) -> Value {
    steps.reversed().reduce(.string(word)) { value, step in
      switch step {
      case .member(let name): .object(Members([(name, value)]))
      case .element: [value]
      case .key: ["key": value]
      }
    }
  }

  /// All of them in what users write; a status is written by controllers.
  static let all = cluster.scheme.kinds.flatMap { kind in
    kind.schema == nil ? Choice(kind: kind).choices(in: kind.type, outside: []).filter { !$0.isStatus } : []
  }

  private var isStatus: Bool {
    guard case .member("status") = steps.first else { return false }
    return true
  }

  private func choices(in type: any Structure.Type, outside: [String]) -> [Choice] {
    guard !outside.contains(type.schemaName) else { return [] }
    return cluster.scheme.schema(of: type).fields.flatMap { field in
      adding(.member(field.name)).choices(of: field.type, outside: outside + [type.schemaName])
    }
  }

  private func choices(of type: FieldType, outside: [String]) -> [Choice] {
    switch type {
    case .enumeration(let words): [with(words)]
    case .structure(let type): choices(in: type, outside: outside)
    case .array(let element): adding(.element).choices(of: element, outside: outside)
    case .map(let element): adding(.key).choices(of: element, outside: outside)
    default: []
    }
  }

  private func adding(_ step: Step) -> Choice { Choice(kind: kind, steps: steps + [step], words: words) }
  private func with(_ words: [String]) -> Choice { Choice(kind: kind, steps: steps, words: words) }
}

@Suite struct EnumerationTests {
  @Test func everyFieldWithFewWordsRefusesOthers() {
    #expect(Choice.all.count > 100)
    for choice in Choice.all {
      let found = errors(choice, "Bogus")
      #expect(found.contains(.notSupported(choice.path, "Bogus", supported: choice.words)), "\(choice.testDescription)")
      // What is wrong is not missing.
      #expect(
        !found.contains { $0.path == choice.path && $0.reason == .required }, "\(choice.testDescription)")
    }
  }

  @Test func everyFieldWithFewWordsTakesEachOfThem() {
    for choice in Choice.all {
      for word in choice.words {
        #expect(
          !errors(choice, word).contains(.notSupported(choice.path, .string(word), supported: choice.words)),
          "\(choice.testDescription)")
      }
    }
  }

  private func errors(_ choice: Choice, _ word: String) -> [FieldError] {
    var object = choice.object(with: word)
    choice.kind.prepareForCreate(&object)
    cluster.scheme.applyDefaults(to: &object, of: choice.kind)
    return cluster.scheme.validate(object, replacing: nil, of: choice.kind).filter { !choice.kind.forgives($0, object) }
  }

  @Test(arguments: [
    ("/apis/apps/v1/namespaces/default/deployments", "spec.strategy.type", #""Recreate", "RollingUpdate""#),
    ("/apis/apps/v1/namespaces/default/statefulsets", "spec.updateStrategy.type", #""OnDelete", "RollingUpdate""#),
    ("/apis/apps/v1/namespaces/default/daemonsets", "spec.updateStrategy.type", #""OnDelete", "RollingUpdate""#),
    ("/api/v1/namespaces/default/pods", "spec.restartPolicy", #""Always", "Never", "OnFailure""#),
    ("/api/v1/namespaces/default/services", "spec.internalTrafficPolicy", #""Cluster", "Local""#),
    ("/api/v1/namespaces/default/services", "spec.type", #""ClusterIP", "ExternalName", "LoadBalancer", "NodePort""#),
    ("/apis/batch/v1/namespaces/default/cronjobs", "spec.concurrencyPolicy", #""Allow", "Forbid", "Replace""#),
    ("/api/v1/persistentvolumes", "spec.persistentVolumeReclaimPolicy", #""Delete", "Retain""#),
  ])
  func theAnswerNamesTheWordAndTheOthers(collection: String, field: String, words: String) async throws {
    let server = try TestServer(everyLayer)
    _ = await server.send("POST", "/api/v1/namespaces", Namespace(name: "default").json)
    var object: Value = "Bogus"
    for name in field.split(separator: ".").reversed() { object = .object(Members([(String(name), object)])) }
    object["metadata"] = ["name": "a"]
    let answer = await server.send("POST", collection, object)
    #expect(answer.status == 422)
    #expect(answer.message.contains(#"\#(field): Unsupported value: "Bogus": supported values: \#(words)"#))
  }
}
