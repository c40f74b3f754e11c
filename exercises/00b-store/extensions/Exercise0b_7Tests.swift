import Objects
import Testing

@testable import Store

@Suite struct Exercise0b_7Tests {
  let store: Store

  init() throws { store = try Store(storage: MemoryStorage()) }

  private func found(_ value: String) -> [String] {
    store.snapshot.records("pods", index: "label", equals: value).map(\.key.name)
  }

  @Test("A label is found by its name alone, whatever its value")
  func byNameAlone() throws {
    try store.put(pod("a", labels: ["app": "web"]))
    try store.put(pod("b", labels: ["app": "api", "tier": "back"]))
    try store.put(pod("c", labels: ["tier": ""]))
    #expect(found("app") == ["a", "b"], "two pods have a label app")
    #expect(found("tier") == ["b", "c"], "a label without text is a label")
    #expect(found("web") == [], "a value is no name")
    #expect(found("app=web") == ["a"], "name and value together are asked for as before")
  }

  @Test("The index follows the label's coming and going, and stays when only the value changes")
  func comingAndGoing() throws {
    try store.put(pod("a", labels: ["app": "web"]))
    try store.put(pod("a", labels: ["app": "api"]))
    #expect(found("app") == ["a"], "the value is another one, the label is there")
    try store.put(pod("a"))
    #expect(found("app") == [], "the label has been taken away")
  }
}
