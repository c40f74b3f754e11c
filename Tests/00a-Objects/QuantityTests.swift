import Objects
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("0", "0"), ("0Gi", "0"), ("-0", "0"), ("1", "1"), ("+1", "1"), ("-1", "-1"), ("1.5", "1500m"), ("0.1", "100m"),
    (".5", "500m"), ("1.", "1"), ("100m", "100m"), ("1000m", "1"), ("1500m", "1500m"), ("0.001", "1m"), ("1u", "1u"),
    ("1n", "1n"), ("0.5n", "1n"), ("-0.5n", "-1n"), ("0.0000000001", "1n"), ("1.0000000001", "1000000001n"),
    ("1k", "1k"), ("1000", "1k"), ("1024", "1024"), ("12345", "12345"), ("10000000", "10M"), ("1M", "1M"), ("1G", "1G"),
    ("1T", "1T"), ("1P", "1P"), ("1E", "1E"), ("1000E", "1e21"), ("1Ki", "1Ki"), ("1024Ki", "1Mi"), ("1Mi", "1Mi"),
    ("1Gi", "1Gi"), ("1.5Gi", "1536Mi"), ("1Ti", "1Ti"), ("1Pi", "1Pi"), ("1Ei", "1Ei"), ("0.5Ki", "512"),
    ("1000Ki", "1000Ki"), ("1.1Gi", "1181116006400m"), ("8Ei", "9223372036854775807"),
    ("-8Ei", "-9223372036854775807"), ("12e6", "12e6"), ("12E6", "12e6"), ("1e3", "1e3"), ("1e4", "10e3"), ("1e0", "1"),
    ("1e-3", "1e-3"), ("1.2e-2", "12e-3"), ("1e+6", "1e6"), ("0e999", "0"), ("1e-999", "1e-9"),
    ("9223372036854775807", "9223372036854775807"), ("18446744073709551616", "18446744073709551616"),
    ("00012", "12"), ("1.0000000000000000000000000001Ei", "1152921504606846976000000001n"),
  ])
  func writesTheCanonicalForm(text: String, canonical: String) throws {
    let quantity = try Quantity(text)
    #expect(quantity.description == canonical)
    #expect(try Quantity(canonical) == quantity)
  }

  @Test(arguments: [
    "", "-", "+", ".", "Gi", "abc", "1 Gi", " 1", "1.1.M", "1+1.0M", "0.1am", "--1", "1Gi ", "1e1.5", "1e--3", "１",
  ])
  func refusesWhatIsNotANumberWithASuffix(text: String) {
    #expect(throws: QuantityError.format) { try Quantity(text) }
  }

  @Test(arguments: ["1i", "1e", "0.1mi", "1Mm", "1Kii", "1KiKi", "1mm", "1m3", "1ki", "-3.01e-"])
  func refusesUnknownSuffixes(text: String) {
    #expect(throws: QuantityError.suffix) { try Quantity(text) }
  }

  @Test(arguments: ["1e30", "1e99999", "1000000000000E", String(repeating: "9", count: 50)])
  func refusesWhatIsTooLarge(text: String) {
    #expect(throws: QuantityError.number) { try Quantity(text) }
  }

  @Test func explainsInKubernetesWords() {
    #expect(
      QuantityError.format.description
        == "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  }

  @Test func comparesAmountsHoweverWritten() throws {
    #expect(try Quantity("1") == Quantity("1000m"))
    #expect(try Quantity("1Gi") == Quantity("1073741824"))
    #expect(try Quantity("1Gi") > Quantity("1G"))
    #expect(try Quantity("-1") < Quantity("1n"))
    #expect(try Set([Quantity("1k"), Quantity("1e3"), Quantity("1000")]).count == 1)
  }

  @Test func addsExactly() throws {
    let tenth = try Quantity("0.1")
    #expect((0..<1000).reduce(Quantity.zero) { sum, _ in sum + tenth } == Quantity(100))
    #expect(try (Quantity("1Gi") + Quantity("512Mi")).description == "1536Mi")
    #expect(try (Quantity.zero + Quantity("1Gi")).description == "1Gi")
    #expect(try (Quantity("1Gi") - Quantity("1Gi")).description == "0")
    #expect(try (Quantity("1") - Quantity("1500m")).description == "-500m")
    let most = try Quantity("1e29")
    #expect(most + most > most && -most - most < -most)
  }

  @Test func roundsAwayFromZero() throws {
    for (text, value, milli) in [
      ("1.5", 2, 1500), ("-1.5", -2, -1500), ("1n", 1, 1), ("100m", 1, 100), ("2", 2, 2000), ("1Ki", 1024, 1_024_000),
      ("1500u", 1, 2), ("0", 0, 0),
    ] as [(String, Int64, Int64)] {
      #expect(try Quantity(text).value == value)
      #expect(try Quantity(text).milliValue == milli)
    }
    #expect(try Quantity("1e29").value == .max)
  }

  @Test func comesBackEqualWhateverItIs() throws {
    var random = SeededGenerator(seed: 5)
    let suffixes = ["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-4", "E5"]
    for _ in 0..<20_000 {
      let number = Int64.random(in: -99_999_999...99_999_999, using: &random)
      let fraction = Int.random(in: 0...999, using: &random)
      let text = "\(number).\(fraction)\(suffixes.randomElement(using: &random) ?? "")"
      let quantity = try Quantity(text)
      #expect(try Quantity(quantity.description) == quantity)
      #expect(try Quantity(quantity.description).description == quantity.description)
      #expect(quantity - quantity == .zero)
    }
  }

  @Test func isReadFromStringsAndNumbers() throws {
    #expect(Quantity(Value.string("1Gi"))?.description == "1Gi")
    #expect(Quantity(Value.integer(2))?.description == "2")
    #expect(Quantity(Value.double(0.5))?.description == "500m")
    #expect(Quantity(Value.double(1e21))?.description == "1e21")
    #expect(Quantity(Value.bool(true)) == nil)
  }
}

@Suite struct IntOrStringTests {
  @Test func readsAndWritesBoth() {
    #expect(IntOrString(Value.integer(3)) == .integer(3))
    #expect(IntOrString(Value.string("25%")) == .string("25%"))
    #expect(IntOrString(Value.bool(true)) == nil)
    #expect(IntOrString.integer(3).asValue == 3)
    #expect(IntOrString.string("http").asValue == "http")
  }

  @Test func scalesPercentagesExactly() {
    for total in 0...200 {
      for percentage in 0...200 {
        let value = IntOrString.string("\(percentage)%")
        #expect(value.scaled(of: total, roundingUp: false) == percentage * total / 100)
        #expect(value.scaled(of: total, roundingUp: true) == (percentage * total + 99) / 100)
      }
    }
    #expect(IntOrString.integer(7).scaled(of: 10, roundingUp: true) == 7)
    #expect(IntOrString.string("9223372036854775807%").scaled(of: .max, roundingUp: true) == .max)
  }

  @Test func knowsWhatIsNotAPercentage() {
    for text in ["half", "x%", "%", "-25%", "25", "2 5%", ""] {
      #expect(IntOrString.string(text).percentage == nil)
      #expect(IntOrString.string(text).scaled(of: 10, roundingUp: true) == nil)
    }
    #expect(IntOrString.string("25%").percentage == 25)
    #expect(IntOrString.integer(25).percentage == nil)
  }
}
