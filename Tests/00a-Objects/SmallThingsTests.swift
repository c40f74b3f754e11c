import Testing

@testable import Objects

// Sentences of this chapter that are too short for a file of their own.

private struct Gear: Structure {
  static let schemaName = "test.v1.Gear"
  static let documentation = "A gear."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let teeth = Field<Int>(1, "How many teeth.", .range(8...60))
    let weight = Field<Quantity>(2, "How heavy.")
    let color = Field<Color>(3, "Its color.")
    let spares = Map<Gear>(4, "Others like it, by their shelf.")
  }
}

@Suite struct SmallRuleTests {
  private func errors(_ gear: Value) -> [String] { scheme.validate(gear, as: Gear.self).map(\.description) }

  @Test func bothEndsOfARangeBelongToIt() {
    for teeth in [8, 60] as [Value] { #expect(errors(["teeth": teeth]) == []) }
    for teeth in [7, 61] {
      #expect(
        errors(["teeth": .integer(Int64(teeth))]) == [
          "teeth: Invalid value: \(teeth): must be between 8 and 60, inclusive"
        ])
    }
  }

  @Test func anAmountHasToBeOne() {
    for weight in ["500m", 2, 0.5] as [Value] { #expect(errors(["weight": weight]) == []) }
    #expect(
      errors(["weight": "heavy"]) == ["weight: Invalid value: \"heavy\": must be a quantity such as 500m or 1Gi"])
  }

  @Test func aWordOfTheListIsFineAndSoIsNone() {
    for color in ["Red", "Blue", ""] as [Value] { #expect(errors(["color": color]) == []) }
    #expect(errors(["color": "Green"]).count == 1)
  }

  @Test func unknownFieldsAreFoundInMapsToo() {
    let gear: Value = ["spares": ["top": ["teeth": 8, "tooth": 1]]]
    #expect(scheme.unknownFields(in: gear, as: Gear.self).map(\.description) == ["spares[top].tooth"])
  }
}

@Suite struct KindTests {
  @Test func aSchemeFindsItsKinds() {
    #expect(scheme.kind(apiVersion: "test/v1", name: "Bicycle")?.resource == "bicycles")
    #expect(scheme.kind(apiVersion: "v1", name: "Bicycle") == nil)
    #expect(scheme.kind(resource: "bicycles.test")?.name == "Bicycle")
  }

  @Test func aKindThatSaysLittleIsCalledAndRemovedAsUsual() {
    #expect(Bicycle.kind.apiVersion == "test/v1")
    #expect(Bicycle.kind.listName == "BicycleList")
    #expect(Bicycle(name: "a").kindName == "Bicycle")
    #expect(!Bicycle.kind.blocksRemoval([:]))
    #expect(Bicycle.kind.gracePeriod([:]) == nil)
  }
}

@Suite struct ValueTests {
  @Test func aValueGivesWhatItIsAndNothingElse() {
    let values: [Value] = ["a", 1, true, [1], ["a": 1], nil]
    #expect(values.map(\.string) == ["a", nil, nil, nil, nil, nil])
    #expect(values.map(\.integer) == [nil, 1, nil, nil, nil, nil])
    #expect(values.map(\.bool) == [nil, nil, true, nil, nil, nil])
    #expect(values.map(\.array) == [nil, nil, nil, [1], nil, nil])
    #expect(values.map(\.members) == [nil, nil, nil, nil, ["a": 1], nil].map { (value: Value?) in value?.members })
  }

  @Test func namesLeadToAValue() {
    let value: Value = ["a": ["b": ["c": 1]]]
    #expect(value.at(["a", "b", "c"]) == 1)
    #expect(value.at([]) == value)
    #expect(value.at(["a", "x", "c"]) == nil)
  }

  @Test func theOrderOfMembersDoesNotMakeAnotherValue() {
    let values: Set<Value> = [["a": 1, "b": 2], ["b": 2, "a": 1], ["a": 2, "b": 1]]
    #expect(values.count == 2)
  }
}

@Suite struct SmallReadingTests {
  @Test func whatIsClosedDoesNotCountAsDepth() throws {
    let limits = JSONLimits(depth: 2)
    for text in ["[[],[],{},{},[]]", #"{"a":{},"b":[],"c":{}}"#] { _ = try Value(parsing: text, limits: limits) }
    for text in ["[[],[[]]]", #"{"a":{},"b":{"c":{}}}"#, "[{},[[]]]"] {
      #expect(throws: JSONError.self, "\(text) is three deep") { try Value(parsing: text, limits: limits) }
    }
  }

  @Test func anUnprintableByteIsNamedByItsNumber() {
    #expect(throws: JSONError(offset: 0, reason: "expected a value, found the byte 0x1F")) {
      try Value(parsing: "\u{1F}")
    }
  }

  @Test func aNameThatWasLearnedIsFound() {
    var table = NameTable()
    let spelled = Array("aNameOfMoreThanFifteenBytes".utf8)[...]
    #expect(table.name(spelled: spelled) == nil)
    table.learn("aNameOfMoreThanFifteenBytes", spelled: spelled)
    #expect(table.name(spelled: spelled) == "aNameOfMoreThanFifteenBytes")
    #expect(table.name(spelled: spelled.dropLast()) == nil)
  }

  @Test func aPrefixIsCutAsSoonAsTheNameWouldBeTooLong() {
    var random = SeededGenerator(seed: 1)
    for (length, count) in [(57, 62), (58, 63), (59, 63), (63, 63)] {
      #expect(Names.unique(prefix: String(repeating: "a", count: length), using: &random).count == count)
    }
  }

  @Test func aYearOfFiveDigitsIsWrittenWhole() {
    #expect(Time(microseconds: 253_402_300_800_000_000).rfc3339 == "10000-01-01T00:00:00Z")
  }
}
