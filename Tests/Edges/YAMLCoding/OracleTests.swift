import Foundation
import Objects
import Testing
import YAMLCoding

/// Compares with the real kubectl, where there is one: it reads a file and writes it again without any server.
@Suite(.enabled(if: Kubectl.path != nil)) struct OracleTests {
  @Test func stringsAreWrittenAsKubectlWritesThem() throws {
    var random = SeededGenerator(seed: 1)
    var members = Members()
    for index in 0..<3_000 {
      members[String(index)] = .string(Self.text(&random))
    }
    try compare(["texts": .object(members)])
  }

  @Test func keysAreWrittenAsKubectlWritesThem() throws {
    var random = SeededGenerator(seed: 2)
    // A list of small mappings: kubectl's order is not one for every three keys.
    let elements = (0..<1_500).map { _ in
      let pair = [Self.text(&random), Self.text(&random)]
      return Value.object(Members(pair.map { ($0, .integer(1)) }))
    }
    try compare(["keys": .array(elements)])
  }

  @Test func shapesAreWrittenAsKubectlWritesThem() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20 { try compare(["value": Self.value(&random, depth: 5)]) }
  }

  @Test func plainScalarsAreReadAsKubectlReadsThem() throws {
    var random = SeededGenerator(seed: 4)
    let scalars = Self.scalars + (0..<2_000).map { _ in Self.number(&random) }
    let lines = scalars.map { "- " + $0 }.joined(separator: "\n")
    let text = "apiVersion: v1\nkind: Any\nmetadata:\n  name: a\nlist:\n\(lines)\n"
    let theirs = try Value(parsing: try Kubectl.rewrite(text, as: "json"))
    let ours = try #require(try YAML.documents(in: text).first).value
    for (index, scalar) in scalars.enumerated() {
      let (our, their) = (ours["list"]?[index], theirs["list"]?[index])
      #expect(our?.asDouble == their?.asDouble, "\(scalar)")
    }
  }

  private func compare(_ content: Value) throws {
    var object: Value = ["apiVersion": "v1", "kind": "Any", "metadata": ["annotations": ["x": "y"], "name": "a"]]
    object["content"] = content
    let theirs = try Kubectl.rewrite(object.encodedString.inASCII, as: "yaml")
    let ours = YAML.text(object)
    let (our, their) = (ours.split(separator: "\n"), theirs.split(separator: "\n"))
    let differences = zip(our, their).filter { $0.0 != $0.1 }.prefix(5).map { "ours \($0.0), theirs \($0.1)" }
    #expect(our.count == their.count && differences.isEmpty, "\(differences)")
    #expect(ours.utf8.count == theirs.utf8.count)
    // And what was written is read as what it was.
    let again = try YAML.documents(in: ours).map { YAML.text($0.value) }
    #expect(again.map { $0 == ours } == [true])
  }

  private static let scalars = [
    "0", "-0", "+1", "08", "0777", "0o17", "0x1F", "-0x1f", "0b11", "-0b11", "1_000", "0x", "0b", "1.", ".5", "-.5",
    "1e3", "1E+3", "1e-3", "1.5e300", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1:30",
    "y", "Y", "n", "yes", "Yes", "YES", "yEs", "on", "Off", "true", "TRUE", "tRUE", "null", "Null", "~", "nil", "",
    "2001-01-01", "2001-1-1T1:2:3Z", "2001-13-01", "2001-01-01 01:02:03", "2001-01-01T01:02:03+01:00", "1__0", "1_",
    "+", "-x", ".", "..", "...x", "1e", "e1", "1.2.3", "0.0", "1.0", "100000000000000000000", "'1'", "\"1\"", "1 2",
  ]

  private static func number(_ random: inout SeededGenerator) -> String {
    let characters = ["0", "1", "7", "9", ".", "e", "+", "-", "_", "x", "b", "o", "a"]
    return (0..<Int.random(in: 1...6, using: &random)).map { _ in characters.randomElement(using: &random) ?? "" }
      .joined().replacing("- ", with: "")
  }

  private static func text(_ random: inout SeededGenerator) -> String {
    let parts = [
      "a", "b", "Z", "0", "1", "10", "9", " ", "  ", "\n", "\n\n", "\t", ":", ": ", " #", "#", "-", "- ", "?", ",", "'",
      "\"", "\\", "*", "&", "!", "|", ">", "%", "@", "`", "[", "]", "{", "}", "---", "...", ".", "_", "/", "ü", "é",
      "日本", "😀", "\u{a0}", "\u{7}", "yes", "null", "1e3", "2001-01-01", "12:30",
      "word and ", "a longer sentence, with words: ", "supercalifragilistic",
    ]
    let count = Int.random(in: 0...(Int.random(in: 0...3, using: &random) == 0 ? 40 : 4), using: &random)
    return (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
  }

  private static func value(_ random: inout SeededGenerator, depth: Int) -> Value {
    switch Int.random(in: 0...(depth > 0 ? 9 : 5), using: &random) {
    case 0: return .null
    case 1: return .bool(true)
    case 2: return .integer(Int64.random(in: -1000...1000, using: &random))
    case 3: return .double(Double(Int.random(in: -100_000_000...100_000_000, using: &random)) / 1024)
    case 4, 5: return .string(text(&random))
    case 6, 7:
      return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth - 1) })
    default:
      let names = ["a", "b", "c", "d", "long key: \(String(repeating: "x", count: 130))"]
      let count = Int.random(in: 0...names.count, using: &random)
      return .object(Members(names.prefix(count).map { ($0, value(&random, depth: depth - 1)) }))
    }
  }
}

enum Kubectl {
  static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/kubectl" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What kubectl makes of a manifest, without asking a server.
  static func rewrite(_ manifest: String, as format: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "yaml-\(UUID().uuidString).yaml")
    try Data(manifest.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = ["annotate", "--local", "-f", file.path, "x=y", "-o", format]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Value {
  /// Kubernetes' tools print a large number with an exponent or without; what counts is the number.
  fileprivate var asDouble: Value {
    if case .integer(let number) = self { .double(Double(number)) } else { self }
  }
}

extension String {
  /// JSON in which every character that a YAML reader might not like is escaped.
  fileprivate var inASCII: String {
    utf16.map { unit in
      guard unit > 0x7e else { return String(UnicodeScalar(UInt8(unit))) }
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
