import ControlLoop
import Objects
import Testing

@testable import Configuration

/// ConfigMaps and Secrets as objects: what is taken, what is refused and how it is said, what is shown.
@Suite struct ConfigMapTests {
  let lab: Lab
  init() throws { lab = try Lab() }

  private static let form =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    + "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

  @Test(arguments: [
    ("app.conf", []), ("..", ["must not be '..'"]), (".", ["must not be '.'"]),
    ("..data", ["must not start with '..'"]),
    (".hidden", []), ("a/b", [form]), ("", [form]), ("größe", [form]), ("A_1-b.c", []),
    (String(repeating: "k", count: 253), []),
    (String(repeating: "k", count: 254), ["must be no more than 253 characters"]),
  ])
  func aKeyIsFitToBeTheNameOfAFile(key: String, problems: [String]) {
    let map = configMap([key: "value"])
    #expect(
      lab.refusals(map) == problems.map { "data[\(key)]: Invalid value: \(Value.string(key).encodedString): \($0)" })
  }

  @Test func aKeyIsTextOrBytesAndNotBoth() {
    var map = configMap(["logo": "text"])
    map.binaryData["logo"] = Base64Text(bytes: [0xFF])
    #expect(
      lab.refusals(map) == [#"data[logo]: Invalid value: "logo": duplicate of key present in binaryData"#])
  }

  @Test func anObjectHoldsAMebibyteAndNotAByteMore() throws {
    let half = String(repeating: "a", count: 1 << 19)
    var map = configMap(["one": half])
    map.binaryData["two"] = Base64Text(bytes: half.utf8)
    try lab.create(map)
    map.metadata.name = "larger"
    map.data["three"] = "a"
    #expect(lab.refusals(map) == ["[]: Too long: may not be more than 1048576 bytes"])
    #expect(lab.refusals(secret(["one": half, "two": half])) == [])
    #expect(
      lab.refusals(secret("larger", ["one": half, "two": half + "a"]))
        == ["data: Too long: may not be more than 1048576 bytes"])
  }

  @Test(arguments: [("QUJD", nil), ("QU\nJD", nil), ("", nil), ("QU!D", 2), ("QUJDR", 4), ("QUJ", 0)])
  func whatIsNoBase64IsRefusedAndNotShown(text: String, flaw: Int?) {
    let map = Secret(name: "app", namespace: "default") { $0.json["data"] = ["key": .string(text)] }
    let sentence = flaw.map { "data[key]: Invalid value: illegal base64 data at input byte \($0)" }
    #expect(lab.refusals(map) == [sentence].compactMap(\.self))
  }

  @Test func whatIsImmutableCannotChangeNorBecomeMutable() throws {
    let map = ConfigMap(name: "app", namespace: "default") {
      $0.data = ["color": "blue"]
      $0.immutable = true
    }
    try lab.create(map)
    var changed = try #require(lab.view.all(ConfigMap.self).first)
    changed.data["color"] = "red"
    changed.immutable = nil
    let rule = "Forbidden: field is immutable when `immutable` is set"
    #expect(
      lab.refusals(.update(changed.json)) == ["immutable: \(rule)", "data: \(rule)"],
      "neither the content changes nor the word that it does not")
    try lab.update(map) { $0.metadata.labels["tier"] = "front" }
    try lab.delete(map)
    try lab.create(configMap(["color": "red"]))
  }

  @Test func stringDataBecomesDataAndIsNeverRead() throws {
    let mixed = Secret(name: "app", namespace: "default") {
      $0.data = ["user": Base64Text(bytes: "old".utf8), "kept": Base64Text(bytes: "as it is".utf8)]
      $0.stringData = ["user": "müller", "password": "p"]
    }
    try lab.create(mixed)
    let stored = try #require(lab.view.all(Secret.self).first)
    #expect(stored.json["stringData"] == nil, "stringData is for writers and is not stored")
    #expect(stored.type == "Opaque")
    #expect(stored.data["user"]?.bytes == Array("müller".utf8))
    #expect(stored.data["kept"]?.text == "YXMgaXQgaXM=")
    try lab.update(mixed) { $0.stringData = ["password": "q"] }
    #expect(lab.view.all(Secret.self).first?.data["password"]?.text == "cQ==")
    let wrong = Secret(name: "wrong", namespace: "default") { $0.json["stringData"] = ["port": 8080] }
    #expect(
      lab.refusals(wrong) == ["stringData[port]: Invalid value: 8080: must be a string"],
      "what is no text stays, to be complained about")
  }

  @Test(
    arguments: [
      ("kubernetes.io/tls", ["tls.crt": "c"], ["data[tls.key]: Required value"]),
      ("kubernetes.io/tls", ["tls.crt": "", "tls.key": ""], []),
      ("kubernetes.io/dockerconfigjson", [:], ["data[.dockerconfigjson]: Required value"]),
      (
        "kubernetes.io/dockerconfigjson", [".dockerconfigjson": "hunter2"],
        [#"data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be a JSON object"#]
      ),
      ("kubernetes.io/dockercfg", [".dockercfg": "{}"], []),
      ("kubernetes.io/basic-auth", [:], ["data[username]: Required value", "data[password]: Required value"]),
      ("kubernetes.io/basic-auth", ["password": ""], []),
      ("kubernetes.io/ssh-auth", ["ssh-privatekey": ""], ["data[ssh-privatekey]: Required value"]),
      (
        "kubernetes.io/service-account-token", [:],
        ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]
      ),
      ("bootstrap.kubernetes.io/token", [:], []), ("example.com/anything", [:], []),
    ] as [(String, [String: String], [String])])
  func aTypeSaysWhichKeysThereMustBe(type: String, data: [String: String], problems: [String]) {
    let members = data.sorted { $0.key < $1.key }.map { ($0.key, $0.value.asValue) }
    #expect(
      lab.refusals(secret(type: type, Mapping(members: Members(members)))) == problems,
      "a type says which keys there must be; no refusal shows what they hold")
  }

  @Test func aSecretKeepsItsType() throws {
    let plain = secret(["a": "b"])
    try lab.create(plain)
    var changed = try #require(lab.view.all(Secret.self).first)
    changed.type = "example.com/other"
    #expect(lab.refusals(.update(changed.json)) == [#"type: Invalid value: "example.com/other": field is immutable"#])
  }

  @Test func tablesCountKeys() {
    var map = configMap(["a": "1", "b": "2"])
    map.binaryData["c"] = Base64Text(bytes: [1])
    let rows = [(ConfigMap.kind, map.json), (Secret.kind, secret(type: "kubernetes.io/tls", ["a": "1"]).json)]
    let cells = rows.map { kind, value in
      kind.table.map { "\($0.name): \($0.cell(value, lab.now).encodedString)" }
    }
    #expect(cells[0] == [#"Name: "app""#, "Data: 3", #"Age: "<unknown>""#])
    #expect(cells[1] == [#"Name: "app""#, #"Type: "kubernetes.io/tls""#, "Data: 0", #"Age: "<unknown>""#])
  }
}
