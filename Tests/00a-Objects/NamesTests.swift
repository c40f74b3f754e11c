import Objects
import Testing

@Suite struct NamesTests {
  static let label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    + "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  static let subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  static let key =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  static func long(_ count: Int) -> String { String(repeating: "a", count: count) }

  @Test func labels() {
    for name in ["a", "web", "web-1", "1", "0-0", Self.long(63)] { #expect(Names.labelProblems(name) == []) }
    for name in ["", "-a", "a-", "A", "a_b", "é", "a b", "a..b"] { #expect(Names.labelProblems(name) == [Self.label]) }
    #expect(Names.labelProblems("a.b") == ["must not contain dots"])
    #expect(Names.labelProblems(Self.long(64)) == ["must be no more than 63 characters"])
  }

  @Test func subdomains() {
    for name in ["a", "a.b", "web-1.example.com", Self.long(253)] { #expect(Names.subdomainProblems(name) == []) }
    for name in ["", ".", "a.", ".a", "a..b", "a.-b", "A.b", "a/b"] {
      #expect(Names.subdomainProblems(name) == [Self.subdomain])
    }
    #expect(Names.subdomainProblems(Self.long(254)) == ["must be no more than 253 characters"])
  }

  @Test func servicesStartWithALetter() {
    #expect(Names.serviceProblems("web-1") == [])
    for name in ["", "1web", "-a", "a-", "A"] { #expect(Names.serviceProblems(name).count == 1) }
    #expect(Names.serviceProblems("1web")[0].hasPrefix("a DNS-1035 label must consist of"))
  }

  @Test func qualifiedNames() {
    for name in ["app", "App_1.x", "example.com/App", Self.long(63)] {
      #expect(Names.qualifiedNameProblems(name) == [])
    }
    #expect(Names.qualifiedNameProblems("") == ["name part must be non-empty", "name part \(Self.key)"])
    #expect(Names.qualifiedNameProblems("a b") == ["name part \(Self.key)"])
    #expect(Names.qualifiedNameProblems("/a") == ["prefix part must be non-empty"])
    #expect(Names.qualifiedNameProblems("A/a") == ["prefix part \(Self.subdomain)"])
    #expect(Names.qualifiedNameProblems(Self.long(64)) == ["name part must be no more than 63 bytes"])
    #expect(Names.qualifiedNameProblems("a/b/c")[0].hasPrefix("a valid label key must consist of"))
  }

  @Test func labelValues() {
    for value in ["", "a", "A.b_c-1", Self.long(63)] { #expect(Names.labelValueProblems(value) == []) }
    for value in ["-a", "a b", "é", "a/b"] {
      #expect(Names.labelValueProblems(value).first?.hasPrefix("a valid label must be an empty string or") == true)
    }
    #expect(Names.labelValueProblems(Self.long(64)) == ["must be no more than 63 bytes"])
  }

  @Test func ports() {
    #expect(Names.portProblems("http-1") == [])
    #expect(Names.portProblems("80") == ["must contain at least one letter (a-z)"])
    #expect(
      Names.portProblems("-a--b") == ["must not contain consecutive hyphens", "must not begin or end with a hyphen"])
    #expect(Names.portProblems(Self.long(16)) == ["must be no more than 15 characters"])
    #expect(Names.portProblems("").count == 2)
  }

  @Test func newNamesAreValidAndRepeatable() {
    var random = SeededGenerator(seed: 1)
    var again = SeededGenerator(seed: 1)
    var names: Set<String> = []
    for _ in 0..<1000 {
      let name = Names.unique(prefix: "web-", using: &random)
      #expect(name == Names.unique(prefix: "web-", using: &again))
      #expect(name.count == 9 && name.hasPrefix("web-") && Names.labelProblems(name).isEmpty)
      names.insert(name)
    }
    #expect(names.count > 990)
    #expect(Names.unique(prefix: Self.long(80), using: &random).count == 63)
  }

  @Test func identifiersAreVersion4() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<1000 {
      let uid = Names.uid(using: &random)
      #expect(uid.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
      #expect(uid.split(separator: "-")[2].first == "4")
      #expect("89ab".contains(uid.split(separator: "-")[3].first ?? "x"))
    }
  }

  @Test func hashesInNamesUseTheSameAlphabet() {
    #expect(Names.safe("0123456789") == "456789bcdf")
    #expect(Names.labelProblems(Names.safe("Ü /")) == [])
  }

  /// The reference values of SplitMix64 for seed 0.
  @Test func theGeneratorIsTheOneItSays() {
    var random = SeededGenerator(seed: 0)
    #expect(random.next() == 0xE220_A839_7B1D_CDAF)
    #expect(random.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(random.next() == 0x06C4_5D18_8009_454F)
  }
}
