import Foundation
import Objects

extension Demo {
  static let objects = Demo(chapter: "0a", title: "a value survives a program that knows less") {
    let document = try Document()
    return Play(
      stage: document,
      steps: [
        Step(
          "A user stores a flock. It wants three sheep, and says two things more.",
          note: "The number in acres has more digits than a Double holds. Somebody will need them."),
        Step(
          "A program of ours knows one field, size. It sets it to 4 and writes the flock back.",
          ask: "What has become of the fields that it does not know?",
          answer:
            "They are there. Its Flock is a view of the JSON and not a copy: what it does not know, it never touches.",
          note:
            "This is chapter 0a's idea. A cluster is full of programs of different ages that write the same objects."
        ) { document.writeThroughView(size: 4) },
        Step(
          "Now something breaks. A program copies the flock into a struct of its own, with one property, and writes that back.",
          ask: "What does the flock look like now?",
          answer: "Two fields are gone. No line of that program deletes anything, and no error was reported.",
          note:
            "Decodable reads what the struct declares and drops the rest. Most people have written this program once."
        ) { try document.writeThroughStruct() },
        Step(
          "The fields are put back. A program in a language whose every number is a double reads the flock and writes it.",
          ask: "Every field is known to it. What is different afterwards?",
          answer: "9007199254740993 has become 9007199254740992. Half of all odd numbers of this size have no double.",
          note: "JavaScript does this. Our codec tells integers from fractions and keeps all 64 bits."
        ) { try document.writeThroughDoubles() },
      ])
  }
}

/// One object, as its writers leave it.
private final class Document: Stage {
  private let original: Value
  private var value: Value
  private var previous: Value

  init() throws {
    original = try Value(parsing: #"{"size": 3, "shade": "oak", "acres": 9007199254740993}"#)
    value = original
    previous = original
  }

  let legend: [(symbol: Character, meaning: String)] = [
    ("●", "as it was written"), ("◐", "changed"), ("✕", "lost"),
  ]
  let unit = "one step"

  var scene: Scene {
    let members = original.members?.names ?? []
    return Scene(boxes: [
      Scene.Box(
        title: "flock a",
        lines: members.map { name in
          Scene.Line(symbol(of: name), "\(name): \(value[name]?.encodedString ?? "no longer there")")
        })
    ])
  }

  var column: [(name: String, symbol: Character)] {
    (original.members?.names ?? []).map { ($0, symbol(of: $0)) }
  }

  func pass() {}

  private func symbol(of name: String) -> Character {
    guard let now = value[name] else { return "✕" }
    return now == previous[name] ? "●" : "◐"
  }

  func writeThroughView(size: Int) {
    previous = value
    var flock = Flock(json: value)
    flock.size = size
    value = flock.json
  }

  func writeThroughStruct() throws {
    struct Copy: Codable { var size: Int }
    previous = value
    let copy = try JSONDecoder().decode(Copy.self, from: Data(value.encoded()))
    value = try Value(parsing: JSONEncoder().encode(copy))
  }

  func writeThroughDoubles() throws {
    value = previous
    for (name, member) in value.members.map({ members in members.names.map { ($0, members[$0]) } }) ?? [] {
      guard let integer = member?.integer else { continue }
      value[name] = .integer(Int64(Double(integer)))
    }
  }
}
