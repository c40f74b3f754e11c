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

  @Test(arguments: [
    ("1.5", "1500m"), ("0.1", "100m"), ("-0.5", "-500m"), ("0.0000015", "1500n"), ("1.0001k", "1000100m"),
  ])
  func anAmountIsWrittenWithoutAFraction(text: String, canonical: String) throws {
    #expect(
      try Quantity(text).description == canonical, "no fraction: the unit becomes small enough for a whole number")
  }

  @Test(arguments: [
    ("1000m", "1"), ("1000", "1k"), ("12345", "12345"), ("10000000", "10M"), ("1000000n", "1m"), ("7E", "7E"),
  ])
  func theLargestUnitWithAWholeNumberIsTaken(text: String, canonical: String) throws {
    #expect(try Quantity(text).description == canonical, "of all units that leave a whole number, the largest")
  }

  @Test func powersOf1024StaySoWhereTheyCan() throws {
    for (text, canonical) in [("1024Ki", "1Mi"), ("1.5Gi", "1536Mi"), ("1000Ki", "1000Ki"), ("1Ei", "1Ei")] {
      #expect(try Quantity(text).description == canonical, "it was written in powers of 1024, and can be again")
    }
    for (text, canonical) in [("0.5Ki", "512"), ("1000m", "1"), ("0.0005Ki", "512m"), ("1.1Gi", "1181116006400m")] {
      #expect(try Quantity(text).description == canonical, "below 1024, or with a fraction, powers of ten are left")
    }
  }

  @Test func anExponentStaysAMultipleOfThree() throws {
    for (text, canonical) in [("12e6", "12e6"), ("1e4", "10e3"), ("1.2e-2", "12e-3"), ("1e0", "1"), ("0.5e1", "5")] {
      #expect(try Quantity(text).description == canonical, "an exponent stays one, and a multiple of three")
    }
    #expect(try Quantity("1000E").description == "1e21", "there is no letter beyond E")
  }

  @Test func zeroHasNoUnit() throws {
    for text in ["0", "0Gi", "-0", "0e999"] {
      #expect(try Quantity(text).description == "0", "zero has no unit")
    }
  }

  @Test func whatIsTooFineIsRoundedAwayFromZero() throws {
    #expect(try Quantity("0.5n") == Quantity("1n"), "who asks for a little gets a little, and not nothing")
    #expect(try Quantity("-0.5n") == Quantity("-1n"), "away from zero, on either side")
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
        guard value.scaled(of: total, roundingUp: false) == percentage * total / 100,
          value.scaled(of: total, roundingUp: true) == (percentage * total + 99) / 100
        else {
          Issue.record("\(percentage)% of \(total) is not exact, or not rounded as asked")
          return
        }
      }
    }
    #expect(IntOrString.integer(7).scaled(of: 10, roundingUp: true) == 7)
    #expect(IntOrString.string("9223372036854775807%").scaled(of: .max, roundingUp: true) == .max)
  }

  @Test func aNumberIsNotScaled() {
    for roundingUp in [true, false] {
      #expect(IntOrString.integer(3).scaled(of: 10, roundingUp: roundingUp) == 3, "3 means three, of whatever total")
      #expect(IntOrString.integer(0).scaled(of: 10, roundingUp: roundingUp) == 0)
    }
  }

  @Test func theCallerSaysWhichWayIsRounded() {
    let quarter = IntOrString.string("25%")
    #expect(quarter.scaled(of: 10, roundingUp: false) == 2, "25% of 10 is 2.5, and 2 when it is rounded down")
    #expect(quarter.scaled(of: 10, roundingUp: true) == 3, "25% of 10 is 2.5, and 3 when it is rounded up")
    #expect(quarter.scaled(of: 1, roundingUp: true) == 1, "a quarter of one pod, rounded up, is a pod")
    for roundingUp in [true, false] {
      #expect(quarter.scaled(of: 8, roundingUp: roundingUp) == 2, "25% of 8 is 2: there is nothing to round")
    }
  }

  @Test func aPercentageMayBeAbsurd() {
    #expect(IntOrString.string("300%").scaled(of: 5, roundingUp: false) == 15, "more than all is allowed")
    let most = IntOrString.string("\(Int.max)%").scaled(of: .max, roundingUp: true)
    #expect(most == .max, "the product has more than 64 bits: it may stop at the largest number, and must not trap")
  }

  @Test func aWordHasNoSize() {
    for word in ["http", "%", "-25%", "2.5%"] {
      #expect(IntOrString.string(word).scaled(of: 10, roundingUp: true) == nil, "\(word) is no percentage")
    }
  }

  @Test func knowsWhatIsNotAPercentage() {
    for text in ["half", "x%", "%", "-25%", "25", "2 5%", ""] { #expect(IntOrString.string(text).percentage == nil) }
    #expect(IntOrString.string("25%").percentage == 25)
    #expect(IntOrString.integer(25).percentage == nil)
  }
}
