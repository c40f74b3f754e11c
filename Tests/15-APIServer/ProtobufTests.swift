import ControlLoop
import Deployments
import Foundation
import Objects
import Pods
import ReplicaSets
import Testing

@testable import APIServer

private let scheme = Cluster(layers: [.pods, .replicaSets, .deployments]).scheme

/// Bodies as kubectl 1.36 sent them.
private enum Captured {
  static let deployment =
    "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er0BCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEosBCAMSDAoKCgNhcHASA3dlYhpx"
    + "ChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViElESMwoFbmdpbngSCm5naW54OjEuMjcqADIKCgAQABhQIgAqAEIAagByAIABAIgBAJABAKIB"
    + "ABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA=="
  static let noReplicas =
    "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er4BCiEKBG5vbmUSABoAIgAqADIAOABCAFoLCgNhcHASBG5vbmUSigEIABINCgsKA2FwcBIEbm9u"
    + "ZRpvCh0KABIAGgAiACoAMgA4AEIAWgsKA2FwcBIEbm9uZRJOEjAKB2J1c3lib3gSB2J1c3lib3gaBXNsZWVwGgExKgBCAGoAcgCAAQCIAQCQAQCi"
    + "AQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA="
  static let namespace = "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhwKFAoEdGVhbRIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA=="
  /// kubectl debug with a copy of a pod.
  static let pod =
    "azhzAAoJCgJ2MRIDUG9kEo4BChgKAXESABoHZGVmYXVsdCIAKgAyADgAQgASYBIaCgFjEgFpKgBCAGoAcgCAAQCIAQCQAQCiAQASJgoDZGJnEgdi"
    + "dXN5Ym94KgBCAGoAcgCAAQCIAQCQAQCiAQRGaWxlGgAyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBABoQCgAaACIAKgAyAEoAWgByABoAIgA="
  static let configMap = "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhwKEgoCY20SABoAIgAqADIAOABCABIGCgFhEgFiGgAiAA=="
  static let deleteOptions = "azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxIAGgAiAA=="
}

private func bytes(_ text: String) -> [UInt8] { Data(base64Encoded: text).map(Array.init) ?? [] }

@Suite struct ProtobufBodies {
  let decoder = ProtobufDecoder(scheme: scheme)

  @Test func whatKubectlSendsIsWhatItWouldHaveWritten() throws {
    let spec: Value = ["containers": [["name": "nginx", "image": "nginx:1.27", "ports": [["containerPort": 80]]]]]
    let deployment: Value = [
      "kind": "Deployment", "apiVersion": "apps/v1", "metadata": ["name": "web", "labels": ["app": "web"]],
      "spec": [
        "replicas": 3, "selector": ["matchLabels": ["app": "web"]],
        "template": ["metadata": ["labels": ["app": "web"]], "spec": spec],
      ],
    ]
    #expect(try decoder.value(of: bytes(Captured.deployment)) == deployment)
    let namespace: Value = ["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": "team"]]
    #expect(try decoder.value(of: bytes(Captured.namespace)) == namespace)
    let pod: Value = [
      "kind": "Pod", "apiVersion": "v1", "metadata": ["name": "q", "namespace": "default"],
      "spec": [
        "containers": [
          ["name": "c", "image": "i"],
          ["name": "dbg", "image": "busybox", "terminationMessagePolicy": "File"],
        ]
      ],
    ]
    #expect(try decoder.value(of: bytes(Captured.pod)) == pod)
    let options: Value = ["kind": "DeleteOptions", "apiVersion": "v1"]
    #expect(try decoder.value(of: bytes(Captured.deleteOptions)) == options)
  }

  @Test func aZeroThatWasMeantStays() throws {
    #expect(try decoder.value(of: bytes(Captured.noReplicas))["spec"]?["replicas"] == 0)
  }

  @Test func aBodyCreatesAnObject() async throws {
    let server = try TestServer([.pods, .replicaSets, .deployments])
    let answer = await server.send(
      "POST", "/api/v1/namespaces", bytes: bytes(Captured.namespace), type: ProtobufDecoder.mediaType,
      accept: "application/vnd.kubernetes.protobuf,application/json")
    #expect(answer.status == 201)
    #expect(answer.json["metadata"]?["name"] == "team")
    await server.create("a", in: "team")
    let deletion = await server.send(
      "DELETE", "/apis/test.io/v1/namespaces/team/widgets/a", bytes: bytes(Captured.deleteOptions),
      type: ProtobufDecoder.mediaType)
    #expect(deletion.status == 200)
  }

  @Test func whatIsNoMessageIsAnErrorInWords() async throws {
    let server = try TestServer([.pods])
    func message(_ body: [UInt8]) async -> String {
      let answer = await server.send("POST", "/api/v1/namespaces", bytes: body, type: ProtobufDecoder.mediaType)
      #expect(answer.status == 400)
      return answer.message
    }
    #expect(await message(Array("{}".utf8)).hasSuffix("the body does not begin with \"k8s\" and a zero"))
    #expect(await message(bytes(Captured.namespace).dropLast(3)).hasSuffix("the message ends in the middle of a field"))
    #expect(await message(bytes(Captured.configMap)).contains("no kind \"ConfigMap\" is served in version \"v1\""))
    let endless = [0x6B, 0x38, 0x73, 0, 0x08] + [UInt8](repeating: 0xFF, count: 11)
    #expect(await message(endless).hasSuffix("a number is longer than 64 bits"))
  }

  @Test func brokenBytesAreRefusedOrRead() throws {
    var random = SeededGenerator(seed: 7)
    let whole = bytes(Captured.deployment)
    for length in whole.indices { _ = try? decoder.value(of: Array(whole[..<length])) }
    for _ in 0..<2000 {
      var broken = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        broken[Int.random(in: 4..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? decoder.value(of: broken)
    }
  }
}

// MARK: - Every type of field

private enum Word: String, Enumeration { case one, two }

/// A kind with a field of every type.
private struct Sample: Resource {
  static let schemaName = "test.v1.Sample"
  static let documentation = "A field of every type."
  static let kind = Kind(Sample.self, group: "test.io", name: "Sample", resource: "samples")
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let flag = Field<Bool>(2, "True or false.")
    let small = Field<Int>(3, "32 bits.")
    let large = Field<Int64>(4, "64 bits.")
    let text = Field<String>(5, "Text.")
    let word = Field<Word>(6, "A word.")
    let time = Field<Time>(7, "A moment.")
    let micro = Field<MicroTime>(8, "A moment, exactly.")
    let amount = Field<Quantity>(9, "An amount.")
    let port = Field<IntOrString>(10, "A number or a word.")
    let tree = Field<Value>(11, "Anything.")
    let part = Field<WidgetPart>(12, "A structure.")
    let parts = List<WidgetPart>(13, "Structures.")
    let numbers = List<Int>(14, "Numbers.")
    let names = Map<String>(15, "Texts by name.")
    let amounts = Map<Quantity>(16, "Amounts by name.")
    let named = Map<WidgetPart>(17, "Structures by name.")
    let inner = Field<String>(1, "In a message of its own.", .inlined(in: 18))
    let other = Field<WidgetPart>(2, "In the same message.", .inlined(in: 18))
  }
}

@Suite struct ProtobufTypes {
  let scheme = Scheme(kinds: [Sample.kind])

  @Test(arguments: [false, true])
  func everyValueComesBack(isPacked: Bool) throws {
    let decoder = ProtobufDecoder(scheme: scheme)
    var sampler = Sampler(scheme: scheme)
    for _ in 0..<300 {
      var sample = sampler.structure(Sample.self, depth: 0)
      sample["kind"] = "Sample"
      sample["apiVersion"] = "test.io/v1"
      let body = ProtobufEncoder(scheme: scheme, isPacked: isPacked).body(sample, as: Sample.self)
      let back = try decoder.value(of: body)
      #expect(back == sample)
      if back != sample { return }
    }
  }

  @Test func messagesMayNotBeNestedForEver() throws {
    var part: Value = ["name": "p"]
    for _ in 0..<100 { part = ["parts": [part]] }
    let sample: Value = ["kind": "Sample", "apiVersion": "test.io/v1", "part": part]
    let body = ProtobufEncoder(scheme: scheme, isPacked: false).body(sample, as: Sample.self)
    #expect(throws: ProtobufError.self) { try ProtobufDecoder(scheme: scheme).value(of: body) }
  }

  @Test func unknownFieldsAreLeftOut() throws {
    let sample: Value = ["kind": "Sample", "apiVersion": "test.io/v1", "text": "t"]
    let encoder = ProtobufEncoder(scheme: scheme, isPacked: false)
    let extra: [UInt8] = [0xF8, 0x01, 0x05, 0xFD, 0x01, 1, 2, 3, 4, 0xF9, 0x01, 1, 2, 3, 4, 5, 6, 7, 8]
    let body = encoder.envelope(sample, encoder.message(sample, as: Sample.self) + extra)
    #expect(try ProtobufDecoder(scheme: scheme).value(of: body) == sample)
  }
}

/// Random values that a schema allows, written as clients write them: nothing empty.
private struct Sampler {
  let scheme: Scheme
  var random = SeededGenerator(seed: 1)

  mutating func structure(_ type: any Structure.Type, depth: Int) -> Value {
    var value = Value.emptyObject
    for field in scheme.schema(of: type).fields where field.number > 0 && Bool.random(using: &random) {
      let sample = sample(field.type, depth: depth)
      if sample != [], sample != [:] { value[field.name] = sample }
    }
    return value
  }

  private mutating func sample(_ type: FieldType, depth: Int) -> Value {
    switch type {
    case .boolean: return .bool(Bool.random(using: &random))
    case .int32: return .integer(Int64(Int32.random(in: .min ... .max, using: &random)))
    case .int64: return .integer(Int64.random(in: .min ... .max, using: &random))
    case .double: return .double(Double.random(in: -1...1, using: &random))
    case .string, .bytes: return .string(["ä", "web", "a\"b", "🚂"].randomElement(using: &random) ?? "")
    case .enumeration(let words): return .string(words.randomElement(using: &random) ?? "")
    case .time: return Time(microseconds: Int64.random(in: 1...4_000_000_000, using: &random) * 1_000_000).asValue
    case .microTime: return MicroTime(Time(microseconds: Int64.random(in: 1...1 << 51, using: &random))).asValue
    case .quantity: return .string("\(Int.random(in: 0...900, using: &random))m")
    case .intOrString: return Bool.random(using: &random) ? .integer(-8) : "25%"
    case .any: return ["f:spec": [:], "list": [1, 2.5, nil]]
    case .structure(let type): return depth > 3 ? [:] : structure(type, depth: depth + 1)
    case .array(let element):
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in sample(element, depth: depth + 1) })
    case .map(let element):
      let names = ["a", "b", ""].filter { _ in Bool.random(using: &random) }
      return .object(Members(names.map { ($0, sample(element, depth: depth + 1)) }))
    }
  }
}

/// Writes what the decoder reads.
private struct ProtobufEncoder {
  let scheme: Scheme
  let isPacked: Bool

  func body(_ value: Value, as type: any Structure.Type) -> [UInt8] { envelope(value, message(value, as: type)) }

  func envelope(_ value: Value, _ message: [UInt8]) -> [UInt8] {
    let type = [("apiVersion", 1), ("kind", 2)].flatMap { name, number in
      bytes(number, Array((value[name]?.string ?? "").utf8))
    }
    return [0x6B, 0x38, 0x73, 0] + bytes(1, type) + bytes(2, message) + bytes(3, []) + bytes(4, [])
  }

  func message(_ value: Value, as type: any Structure.Type) -> [UInt8] {
    var outer: [UInt8] = []
    var inlined: [Int: [UInt8]] = [:]
    for field in scheme.schema(of: type).fields where field.number > 0 {
      guard let member = value[field.name] else { continue }
      let encoded = self.field(field.number, field.type, member)
      if let number = field.inlined { inlined[number, default: []] += encoded } else { outer += encoded }
    }
    return outer + inlined.sorted { $0.key < $1.key }.flatMap { bytes($0.key, $0.value) }
  }

  private func field(_ number: Int, _ type: FieldType, _ value: Value) -> [UInt8] {
    switch type {
    case .boolean: return varint(number << 3) + [value == true ? 1 : 0]
    case .int32, .int64: return varint(number << 3) + varint(Int(value.integer ?? 0))
    case .double: return []
    case .string, .enumeration, .bytes: return bytes(number, Array((value.string ?? "").utf8))
    case .time, .microTime:
      let time = Time(value)?.microseconds ?? 0
      return bytes(number, [0x08] + varint(Int(time / 1_000_000)) + [0x10] + varint(Int(time % 1_000_000 * 1000)))
    case .quantity: return bytes(number, bytes(1, Array((value.string ?? "").utf8)))
    case .intOrString:
      if let integer = value.integer { return bytes(number, [8, 0, 16] + varint(Int(integer)) + bytes(3, [])) }
      return bytes(number, [8, 1, 16, 0] + bytes(3, Array((value.string ?? "").utf8)))
    case .any: return bytes(number, bytes(1, value.encoded()))
    case .structure(let type): return bytes(number, message(value, as: type))
    case .array(.int32) where isPacked:
      return bytes(number, value.array?.flatMap { varint(Int($0.integer ?? 0)) } ?? [])
    case .array(let element): return value.array?.flatMap { field(number, element, $0) } ?? []
    case .map(let element):
      return value.members?.flatMap { bytes(number, bytes(1, Array($0.name.utf8)) + field(2, element, $0.value)) } ?? []
    }
  }

  private func bytes(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(bytes.count) + bytes
  }

  private func varint(_ number: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(number))
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(truncatingIfNeeded: rest)]
  }
}
