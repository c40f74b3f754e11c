import Objects
import Testing

struct Wheel: Structure {
  static let schemaName = "test.v1.Wheel"
  static let documentation = "A wheel."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let spokes = Field<Int>(1, "How many spokes.", .default(32), .atLeast(3))
    let name = Field<String>(2, "Front or back.", .required)
  }
}

struct Bicycle: Resource {
  static let kind = Kind(Bicycle.self, group: "test", name: "Bicycle", resource: "bicycles")
  static let schemaName = "test.v1.Bicycle"
  static let documentation = "A bicycle."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let wheels = List<Wheel>(1, "Its wheels.", .keyed(by: ["name"]), .required)
    let frame = Part<Frame>(2, "Its frame.")
    let tags = Map<String>(3, "Anything.")
    let number = Field<Int>(4, "On the frame.", .immutable)
  }
}

struct Frame: Structure {
  static let schemaName = "test.v1.Frame"
  static let documentation = "A frame."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let color = Field<Color>(1, "Its color.")
  }
}

enum Color: String, Enumeration {
  case red = "Red"
  case blue = "Blue"
}

/// What a later chapter adds.
struct Lights: Facet {
  static let all = named()

  let light = Field<Bool>(2, "Whether there is a light.", .default(false))
}

extension Frame {
  subscript<D: Declaration>(dynamicMember path: KeyPath<Lights, D>) -> D.Reading {
    get { Lights.all[keyPath: path].read(from: json) }
    set { Lights.all[keyPath: path].write(newValue, to: &json) }
  }
}

let scheme = Scheme(kinds: [Bicycle.kind], extensions: [FacetExtension(of: Frame.self, with: Lights.self)])

@Suite struct StructureTests {
  @Test func aFieldReadsAndWritesTheJSONUnderIt() {
    var bicycle = Bicycle(name: "a", namespace: "b")
    #expect(bicycle.wheels.isEmpty)
    bicycle.frame.color = .red
    bicycle.frame.light = true
    bicycle.wheels = [Wheel { $0.name = "front" }]
    bicycle.tags["old"] = "yes"
    #expect(
      bicycle.json == [
        "apiVersion": "test/v1", "kind": "Bicycle", "metadata": ["name": "a", "namespace": "b"],
        "frame": ["color": "Red", "light": true], "wheels": [["name": "front"]], "tags": ["old": "yes"],
      ])
    bicycle.frame.light = nil
    bicycle.tags = [:]
    #expect(bicycle.json["frame"] == ["color": "Red"])
    #expect(bicycle.json["tags"] == nil)
  }

  @Test func membersThatNobodyDeclaresAreKept() {
    var frame = Frame(json: ["unknown": 1])
    frame.color = .blue
    #expect(frame.json == ["unknown": 1, "color": "Blue"])
  }

  @Test func aWordThatIsNoneIsGivenAllTheSame() {
    for (color, isLacking) in [(nil, true), (.null, true), ("", true), ("Green", false), ("Red", false)]
      as [(Value?, Bool)]
    {
      var frame = Frame()
      frame.json["color"] = color
      #expect(frame.lacks("color") == isLacking)
    }
  }

  @Test func aFieldMayHaveANameThatIsNoneInSwift() {
    struct Link: Structure {
      static let schemaName = "test.v1.Link"
      static let documentation = "A link."
      var json: Value
      init(json: Value) { self.json = json }

      struct Fields: Facet {
        static let all = named()

        let target = Field<String>(1, "Where it leads.", .named("$ref"))
      }
    }
    #expect(Link { $0.target = "there" }.json == ["$ref": "there"])
    #expect(Link.Fields.fields.map(\.name) == ["$ref"])
  }

  @Test func defaultsReachIntoListsAndFacetsOfLaterChapters() {
    var value = Bicycle(json: ["wheels": [["name": "front"], ["name": "back", "spokes": 16]], "frame": [:]]).json
    scheme.applyDefaults(to: &value, as: Bicycle.self)
    #expect(
      value == [
        "wheels": [["name": "front", "spokes": 32], ["name": "back", "spokes": 16]], "frame": ["light": false],
      ])
  }

  @Test(
    arguments: [
      (["wheels": []], ["wheels: Required value"]),
      (["wheels": [["name": "a"], ["name": "a"]]], ["wheels[1].name: Duplicate value: \"a\""]),
      (
        ["wheels": [["name": "a", "spokes": 2]]],
        ["wheels[0].spokes: Invalid value: 2: must be greater than or equal to 3"]
      ),
      (["wheels": [["spokes": 4]]], ["wheels[0].name: Required value"]),
      (["wheels": 3], ["wheels: Invalid value: 3: must be an array"]),
      (
        ["wheels": [["name": "a"]], "frame": ["color": "Green"]],
        ["frame.color: Unsupported value: \"Green\": supported values: \"Blue\", \"Red\""]
      ),
      (["wheels": [["name": "a"]], "number": 2], ["number: Invalid value: 2: field is immutable"]),
      (["wheels": [["name": "a"]], "number": 1, "tags": ["a": 1]], ["tags[a]: Invalid value: 1: must be a string"]),
    ] as [(Value, [String])])
  func validationNamesTheFieldAndTheReason(_ value: Value, _ errors: [String]) {
    let old: Value? = value["number"] == nil ? nil : ["number": 1]
    #expect(scheme.validate(value, replacing: old, as: Bicycle.self).map(\.description) == errors)
  }

  @Test func unknownFieldsAreNamedAndPruned() {
    let value: Value = ["wheels": [["name": "a", "tyre": 1]], "frame": ["light": true], "bell": 1]
    #expect(scheme.unknownFields(in: value, as: Bicycle.self).map(\.description) == ["wheels[0].tyre", "bell"])
    #expect(scheme.pruned(value, as: Bicycle.self) == ["wheels": [["name": "a"]], "frame": ["light": true]])
  }

  @Test func theSchemaKnowsEveryField() {
    let names = scheme.schema(of: Frame.self).fields.map(\.name)
    #expect(names == ["color", "light"])
    #expect(
      scheme.schema(of: Bicycle.self).fields.map(\.name).prefix(4) == ["apiVersion", "kind", "metadata", "wheels"])
    #expect(scheme.allStructures.map(\.name).contains("test.v1.Wheel"))
  }
}
