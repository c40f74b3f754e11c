import Objects
import Testing

private struct Bulb: Structure {
  static let schemaName = "test.v1.Bulb"
  static let documentation = "A bulb."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let watts = Field<Int>(1, "How bright.", .default(5))
  }
}

private struct Lamp: Structure {
  static let schemaName = "test.v1.Lamp"
  static let documentation = "A lamp."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let color = Field<String>(1, "Its color.", .default("White"))
    let isOn = Field<Bool>(2, "Whether it is on.", .default(true))
    let note = Field<String>(3, "Anything.")
    let main = Part<Bulb>(4, "The bulb in the middle.")
    let others = List<Bulb>(5, "The bulbs around it.")
    let spares = Map<Bulb>(6, "More bulbs, by their shelf.")
    let shade = Field<String>(7, "Its shade: the lamp's color, unless it says otherwise.")

    static func applyDefaults(to structure: inout Value) {
      if structure["shade"] == nil { structure["shade"] = structure["color"] }
    }
  }
}

@Suite struct DefaultsTests {
  let bare: Value = ["color": "White", "isOn": true, "shade": "White"]

  private func completed(_ value: Value) -> Value {
    var value = value
    scheme.applyDefaults(to: &value, as: Lamp.self)
    return value
  }

  @Test func whatIsLeftOpenIsFilledIn() {
    #expect(completed([:]) == bare, "each field with a default gets it, and no other field comes about")
  }

  @Test func whatIsGivenStays() {
    #expect(completed(["isOn": false])["isOn"] == false, "false was given: it is a value, and not a gap")
    #expect(completed(["main": ["watts": 0]])["main"]?["watts"] == 0, "0 was given: it is a value, and not a gap")
    #expect(completed(["color": "Red"])["color"] == "Red")
    #expect(completed(["nobody": 1])["nobody"] == 1, "what no field declares stays as it is")
  }

  @Test func nullAndAnEmptyWordCountAsLeftOpen() {
    #expect(completed(["color": nil]) == bare, "null means that nothing was given")
    #expect(completed(["color": ""]) == bare, "an empty word means that nothing was given")
    #expect(completed(["note": ""])["note"] == "", "without a default there is nothing to put in its place")
  }

  @Test func structuresInPartsListsAndMapsAreCompleted() {
    let lamp = completed(["main": [:], "others": [["watts": 3], [:]], "spares": ["top": [:], "low": ["watts": 1]]])
    #expect(lamp["main"] == ["watts": 5], "a structure that is there gets its own defaults")
    #expect(lamp["others"] == [["watts": 3], ["watts": 5]], "so does every element of a list")
    #expect(lamp["spares"] == ["top": ["watts": 5], "low": ["watts": 1]], "and every value of a map")
  }

  @Test func aStructureThatIsNotThereIsNotMade() {
    #expect(completed([:])["main"] == nil, "nobody asked for a bulb, so none comes about because it has defaults")
  }

  @Test func aDefaultThatDependsOnAnotherFindsItThere() {
    #expect(completed([:])["shade"] == "White", "constants come first, then what the facets make of them")
    #expect(completed(["color": "Red"])["shade"] == "Red")
    #expect(completed(["shade": "Blue"])["shade"] == "Blue")
  }
}
