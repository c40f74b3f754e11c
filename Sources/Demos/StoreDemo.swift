import ControlLoop
import Objects
import Store

extension Demo {
  static let store = Demo(chapter: "0b", title: "two writers, and a conflict") {
    let desk = try Desk()
    return Play(
      stage: desk,
      steps: [
        Step(
          "A flock that wants three sheep is stored. Anna and Bert both read it.",
          note: "The store gave it a revision. Both of them hold a copy, and each copy says of which revision it is."
        ) {
          desk.store(size: 3)
          desk.read("anna")
          desk.read("bert")
        },
        Step(
          "Anna asks for four. She says which revision she has seen.",
          note: "From this moment Bert holds something old. Nobody tells him."
        ) { desk.write("anna", adding: 1) },
        Step(
          "Bert asks for two more than he has read: five. He says which revision he has seen, too.",
          ask: "What does the store do?",
          answer: "It refuses. What Bert has seen is not what is there. Anna's four stands.",
          note: "No lock was taken and nobody waited. This is what a conflict is: 409, the object has been modified."
        ) { desk.write("bert", adding: 2) },
        Step(
          "Bert reads again, and adds his two to what is there now.",
          note:
            "Four and two are six: both wishes count. To read again and decide again is all that a conflict asks for."
        ) {
          desk.read("bert")
          desk.write("bert", adding: 2)
        },
        Step(
          "Now something breaks. Anna adds one to the four that she remembers, and does not say what she has seen.",
          ask: "How many sheep will be wanted, and who notices?",
          answer: "Five, and nobody. Bert's two are gone, and both writers were told that all is well.",
          note:
            "A lost update. An API that lets you leave out the resourceVersion lets you do this; kubectl replace does."
        ) { desk.write("anna", adding: 1, blindly: true) },
        Step(
          "Who has watched from the beginning is handed every version, once and in order.",
          note:
            "The store remembers what happened, and the update that got lost is in there. Chapter 0c's controllers live on this."
        ) { try desk.showHistory() },
      ])
  }
}

/// A store with one object, and two people who hold a copy of it.
private final class Desk: Stage {
  private let store: Store
  private let watcher: Watcher
  private let key = Flock.key("a", in: "farm")
  private var copies: [(who: String, record: Record?, mark: Character?)] = [("anna", nil, nil), ("bert", nil, nil)]
  private var history: [String] = []

  init() throws {
    store = try Store(storage: MemoryStorage())
    watcher = try store.watch(key.resource, after: store.snapshot.revision)
  }

  let legend: [(symbol: Character, meaning: String)] = [
    ("●", "has the latest"), ("◐", "has something old"), ("✓", "wrote"), ("✕", "was refused"),
  ]
  let unit = "one step"

  private var current: Record? { store.snapshot.record(key) }

  var scene: Scene {
    var boxes = [Scene.Box(title: "store", lines: [Scene.Line(nil, current.map(describe) ?? "nothing")])]
    boxes += copies.map { copy in
      Scene.Box(title: copy.who, lines: copy.record.map { [Scene.Line(symbol(of: copy.who), describe($0))] } ?? [])
    }
    if !history.isEmpty { boxes.append(Scene.Box(title: "a watcher", lines: history.map { Scene.Line(nil, $0) })) }
    return Scene(boxes: boxes)
  }

  var column: [(name: String, symbol: Character)] {
    [("size", Character("\(min(9, max(0, current.map(size) ?? 0)))"))] + copies.map { ($0.who, symbol(of: $0.who)) }
  }

  // What somebody just did is shown once.
  func pass() {}

  private func symbol(of who: String) -> Character {
    guard let copy = copies.first(where: { $0.who == who }) else { return " " }
    return copy.mark ?? (copy.record?.revision == current?.revision ? "●" : "◐")
  }

  private func size(_ record: Record) -> Int { Flock(json: record.value).size ?? 0 }

  private func describe(_ record: Record) -> String { "flock a  size \(size(record))  revision \(record.revision)" }

  private func change(_ who: String, _ change: (inout (who: String, record: Record?, mark: Character?)) -> Void) {
    for index in copies.indices { copies[index].mark = nil }
    if let index = copies.firstIndex(where: { $0.who == who }) { change(&copies[index]) }
  }

  func store(size: Int) {
    let flock = Flock(name: key.name, namespace: key.namespace) { $0.size = size }
    _ = store.commit([Write(key, .put(flock.json), expecting: .absent)])
  }

  func read(_ who: String) {
    let record = current
    change(who) { $0.record = record }
  }

  func write(_ who: String, adding more: Int, blindly: Bool = false) {
    let store = store
    change(who) { copy in
      guard let seen = copy.record else { return }
      var flock = Flock(json: seen.value)
      flock.size = (flock.size ?? 0) + more
      let expectation: Write.Expectation = blindly ? .anything : .revision(seen.revision)
      switch store.commit([Write(seen.key, .put(flock.json), expecting: expectation)])[0] {
      case .success(let record):
        copy.record = record
        copy.mark = "✓"
      case .failure: copy.mark = "✕"
      }
    }
  }

  func showHistory() throws {
    for index in copies.indices { copies[index].mark = nil }
    history = try watcher.next().map { "revision \($0.revision)  size \(size($0.record))" }
  }
}
