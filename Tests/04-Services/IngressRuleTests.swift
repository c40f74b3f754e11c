import ControlLoop
import Objects
import Pods
import Services
import Simulation
import Testing

/// What an ingress is before anybody serves it: its rules, its class, its table.
@Suite struct IngressRuleTests {
  private static let subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
  private static let service = #""backend":{"service":{"name":"web","port":{"number":80}}}"#

  /// The JSON of a spec, and what is said about it; nil where it is accepted.
  @Test(
    arguments: [
      (#"{}"#, "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"),
      (#"{"rules":[{"host":"web.example.com"}]}"#, nil),
      (#"{"defaultBackend":{"service":{"name":"web","port":{"name":"http"}}}}"#, nil),
      (
        #"{"rules":[{"host":"10.0.0.1"}]}"#,
        #"spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an"#
      ),
      (#"{"rules":[{"host":"Web"}]}"#, #"spec.rules[0].host: Invalid value: "Web": \#(subdomain)"#),
      (#"{"rules":[{"host":"*.example.com"}]}"#, nil),
      (
        #"{"rules":[{"host":"web.*.com"}]}"#,
        #"host: Invalid value: "web.*.com": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "#
          + "subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
          + "alphanumeric character (e.g. '*.example.com', regex used for validation is "
          + #"'\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
      ),
      (#"{"rules":[{"host":"*"}]}"#, "a wildcard DNS-1123 subdomain must start with '*.'"),
      (#"{"rules":[{"http":{"paths":[]}}]}"#, "spec.rules[0].http.paths: Required value"),
      (
        #"{"rules":[{"http":{"paths":[{"path":"/",\#(service)}]}}]}"#,
        "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"
      ),
      (
        paths("", "Sometimes"),
        #"pathType: Unsupported value: "Sometimes": supported values: "Exact", "ImplementationSpecific", "Prefix""#
      ),
      (paths("", "Prefix"), #"http.paths[0].path: Invalid value: "": must be an absolute path"#),
      (paths("web", "Exact"), #"path: Invalid value: "web": must be an absolute path"#),
      (paths("web", "ImplementationSpecific"), #"path: Invalid value: "web": must be an absolute path"#),
      (paths("", "ImplementationSpecific"), nil),
      (paths("/a//b/../%2f", "Prefix"), "path: Invalid value: \"/a//b/../%2f\": must not contain '//', "),
      (paths("/a//b/../%2f", "Prefix"), "must not contain '/../'"),
      (paths("/a//b/../%2f", "Prefix"), "must not contain '%2f'"),
      (paths("/a/.", "Exact"), "cannot end with '/.'"), (paths("/a/..", "Exact"), "cannot end with '/..'"),
      (paths("/a//..", "ImplementationSpecific"), nil),
      (#"{"defaultBackend":{}}"#, #"spec.defaultBackend: Invalid value: "": resource or service backend is required"#),
      (
        #"{"defaultBackend":{"service":{"name":"w","port":{"number":1}},"resource":{"kind":"K","name":"n"}}}"#,
        #"spec.defaultBackend: Invalid value: "": cannot set both resource and service backends"#
      ),
      (#"{"defaultBackend":{"resource":{"apiGroup":"acme.io","kind":"Bucket","name":"n"}}}"#, nil),
      (#"{"defaultBackend":{"resource":{"kind":"Bucket"}}}"#, "spec.defaultBackend.resource.name: Required value"),
      (port(#"{"port":{"number":80}}"#), "spec.defaultBackend.service.name: Required value"),
      (
        port(#"{"name":"Web","port":{"number":80}}"#),
        #"spec.defaultBackend.service.name: Invalid value: "Web": a DNS-1035 label must consist of"#
      ),
      (port(#"{"name":"web"}"#), "spec.defaultBackend: Required value: port name or number is required"),
      (
        port(#"{"name":"web","port":{"number":80,"name":"http"}}"#),
        #"spec.defaultBackend: Invalid value: "": cannot set both port name & port number"#
      ),
      (
        port(#"{"name":"web","port":{"number":70000}}"#),
        "service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive"
      ),
      (port(#"{"name":"web","port":{"number":65535}}"#), nil), (port(#"{"name":"web","port":{"number":1}}"#), nil),
      (
        port(#"{"name":"web","port":{"name":"http--x"}}"#),
        #"service.port.name: Invalid value: "http--x": must not contain consecutive hyphens"#
      ),
      (
        #"{"rules":[{}],"tls":[{"hosts":["a_b"],"secretName":"S"}]}"#,
        #"spec.tls[0].hosts[0]: Invalid value: "a_b": \#(subdomain)"#
      ),
      (#"{"rules":[{}],"tls":[{"hosts":["*.b"],"secretName":"S"}]}"#, #"spec.tls[0].secretName: Invalid value: "S": "#),
      (#"{"rules":[{}],"tls":[{"hosts":["*.b"]}]}"#, nil),
      (#"{"rules":[{}],"ingressClassName":"A"}"#, #"spec.ingressClassName: Invalid value: "A": \#(subdomain)"#),
    ] as [(String, String?)])
  func whatCannotWorkIsRefused(_ json: String, _ message: String?) throws {
    var ingress = Ingress(name: "web", namespace: "default")
    ingress.json["spec"] = try Value(parsing: json)
    try expect(ingress, message)
  }

  private static func paths(_ path: String, _ type: String) -> String {
    #"{"rules":[{"http":{"paths":[{"path":"\#(path)","pathType":"\#(type)",\#(service)}]}}]}"#
  }

  private static func port(_ service: String) -> String { #"{"defaultBackend":{"service":\#(service)}}"# }

  @Test(
    arguments: [
      (#"{}"#, "spec.controller: Required value"),
      (#"{"controller":"acme"}"#, #"must be a domain-prefixed path (such as "acme.io/foo")"#),
      (#"{"controller":"acme.io/"}"#, "must be a domain-prefixed path"),
      (#"{"controller":"/a"}"#, "must be a domain-prefixed path"),
      (#"{"controller":"Acme/a"}"#, #"spec.controller: Invalid value: "Acme": \#(subdomain)"#),
      (#"{"controller":"acme.io/\#(String(repeating: "a", count: 243))"}"#, "Too long: may not be more than 250 bytes"),
      (#"{"controller":"acme.io/\#(String(repeating: "a", count: 242))"}"#, nil),
      (#"{"controller":"acme.io/a/b"}"#, nil),
      (
        parameters(#""scope":"Namespace""#),
        "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"
      ),
      (parameters(#""namespace":"n""#), "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"),
      (parameters(#""scope":"Namespace","namespace":"N""#), #"spec.parameters.namespace: Invalid value: "N": a lower"#),
      (parameters(#""scope":"World""#), #"Unsupported value: "World": supported values: "Cluster", "Namespace""#),
      (parameters(#""scope":"Namespace","namespace":"n""#), nil),
      (#"{"controller":"a.io/b","parameters":{"kind":"K"}}"#, "spec.parameters.name: Required value"),
    ] as [(String, String?)])
  func aClassNamesItsController(_ json: String, _ message: String?) throws {
    var ingressClass = IngressClass(name: "acme")
    ingressClass.json["spec"] = try Value(parsing: json)
    try expect(ingressClass, message)
  }

  private static func parameters(_ fields: String) -> String {
    #"{"controller":"acme.io/a","parameters":{"kind":"K","name":"n",\#(fields)}}"#
  }

  private func expect(_ object: some Resource, _ message: String?) throws {
    let refusals = try World(layers: ingressLayers, seed: 1).perform([.create(object.json)]).map(\.message)
    if let message {
      #expect(refusals.first?.contains(message) == true, "\(refusals)")
    } else {
      #expect(refusals == [])
    }
  }

  @Test func theControllerOfAClassCannotChange() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    var swiftlet = try #require(world.view.object(IngressClass.self, "swiftlet"))
    #expect(swiftlet.isDefault && swiftlet.spec.controller == IngressController.identifier)
    swiftlet.spec.controller = "acme.io/other"
    #expect(
      world.perform([.update(swiftlet.json)]).first?.message.contains(
        "spec.controller: Invalid value: \"acme.io/other\": field is immutable") == true)
  }

  @Test func theFieldAndTheAnnotationMayNotContradictEachOther() throws {
    let world = try World(layers: ingressLayers, seed: 1)
    var contradicting = ingress("web", rule("a", path("/", to: "a")))
    contradicting.metadata.annotations = ["kubernetes.io/ingress.class": "other"]
    #expect(
      world.perform([.create(contradicting.json)]).first?.message.contains(
        #"annotations.kubernetes.io/ingress.class: Invalid value: "other": must match `ingressClassName` when both are"#
      )
        == true)
    contradicting.metadata.annotations = ["kubernetes.io/ingress.class": "swiftlet"]
    #expect(world.perform([.create(contradicting.json)]).isEmpty)
  }

  @Test func theTablesSayWhatIsThere() throws {
    let web = ingress("web", age: 300, rule("a", path("/", to: "a")))
    func cells(_ change: (inout Ingress) -> Void) -> [Value] {
      var changed = web
      change(&changed)
      return Ingress.kind.table.map { $0.cell(changed.json, World.epoch) }
    }
    #expect(Ingress.kind.table.map(\.name) == ["Name", "Class", "Hosts", "Address", "Ports", "Age"])
    #expect(cells { _ in } == ["web", "swiftlet", "a", "", "80", "5m"])
    let full = cells {
      $0.spec.ingressClassName = nil
      $0.spec.rules = ["a", nil, "b", "c", "d"].map { rule($0, path("/", to: "a")) }
      $0.spec.tls = [IngressTLS()]
      $0.status.loadBalancer.ingress = [
        IngressLoadBalancerIngress { $0.ip = "127.0.0.1" }, IngressLoadBalancerIngress { $0.hostname = "web.test" },
      ]
    }
    #expect(full == ["web", "<none>", "a,b,c + 2 more...", "127.0.0.1,web.test", "80, 443", "5m"])
    #expect(cells { $0.spec.rules = [rule(nil, path("/", to: "a"))] }[2] == "*")
    #expect(cells { $0.spec.rules = ["a", nil, "b", "c"].map { rule($0, path("/", to: "a")) } }[2] == "a,b,c")

    var acme = ingressClass("acme", controller: "acme.io/a")
    func classCells() -> [Value] { IngressClass.kind.table.dropLast().map { $0.cell(acme.json, World.epoch) } }
    #expect(IngressClass.kind.table.map(\.name) == ["Name", "Controller", "Parameters", "Age"])
    #expect(classCells() == ["acme", "acme.io/a", "<none>"])
    acme.spec.parameters = IngressClassParametersReference {
      $0.apiGroup = "acme.io"
      $0.kind = "Settings"
      $0.name = "fast"
    }
    #expect(classCells() == ["acme", "acme.io/a", "Settings.acme.io/fast"])
  }
}
