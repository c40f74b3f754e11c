import ControlLoop
import Objects
import Services
import Simulation
import Store
import Testing

/// Which of an ingress's rules takes a request.
@Suite struct IngressRouteTests {
  /// The table of the Kubernetes documentation: a rule, a request's path, and whether they match.
  @Test(
    arguments: [
      (.prefix, "/", "/any/path", true), (.prefix, "/", "", true),
      (.exact, "/foo", "/foo", true), (.exact, "/foo", "/bar", false), (.exact, "/foo", "/foo/", false),
      (.exact, "/foo/", "/foo", false),
      (.prefix, "/foo", "/foo", true), (.prefix, "/foo", "/foo/", true), (.prefix, "/foo/", "/foo", true),
      (.prefix, "/foo/", "/foo/", true), (.prefix, "/aaa/bb", "/aaa/bbb", false),
      (.prefix, "/aaa/bbb", "/aaa/bbb", true), (.prefix, "/aaa/bbb/", "/aaa/bbb", true),
      (.prefix, "/aaa/bbb", "/aaa/bbb/", true), (.prefix, "/aaa/bbb", "/aaa/bbb/ccc", true),
      (.prefix, "/aaa/bbb", "/aaa/bbbxyz", false), (.prefix, "/Foo", "/foo", false),
      (.implementationSpecific, "/foo", "/foo/bar", true), (.implementationSpecific, "", "/foo", true),
    ] as [(PathType, String, String, Bool)])
  func aPathIsComparedElementByElement(_ type: PathType, _ text: String, _ request: String, _ matches: Bool) throws {
    let routes = try makeRoutes(ingress("web", rule(nil, path(text, type, to: "web"))))
    #expect(
      (routes.service("anything", request) == "web") == matches, "what lies between two slashes counts as a whole")
  }

  @Test(
    arguments: [
      ("web.example.com", "web.example.com", true), ("web.example.com", "WEB.Example.com:8080", true),
      ("web.example.com", "web.example.com.", true), ("web.example.com", "example.com", false),
      ("*.example.com", "web.example.com", true), ("*.example.com", "a.web.example.com", false),
      ("*.example.com", "example.com", false), ("web", "web:80", true),
    ])
  func aWildcardStandsForOneLabel(_ host: String, _ request: String, _ matches: Bool) throws {
    let routes = try makeRoutes(ingress("web", rule(host, path("/", to: "web"))))
    #expect((routes.service(request, "/") == "web") == matches)
  }

  @Test func theMostSpecificRuleTakesTheRequest() throws {
    let routes = try makeRoutes(
      ingress(
        "web", rule(nil, path("/", to: "any"), path("/a/b/c", .exact, to: "any-exact")),
        rule("*.example.com", path("/", to: "wild")),
        rule(
          "web.example.com", path("/a", to: "a"), path("/a/b", to: "b"), path("/a/b", .exact, to: "b-exact"),
          path("/a/b/c", to: "c"))))
    #expect(routes.service("web.example.com", "/a/b") == "b-exact")
    #expect(routes.service("web.example.com", "/a/b/") == "b")
    #expect(routes.service("web.example.com", "/a/b/c") == "c", "the host counts before the path")
    #expect(routes.service("web.example.com", "/a/x") == "a")
    #expect(routes.service("web.example.com", "/x") == "wild", "no path of the host itself matches")
    #expect(routes.service("other.example.com", "/a") == "wild")
    #expect(routes.service("10.0.0.1:8080", "/a") == "any")
    #expect(routes.service("", "/a/b/c") == "any-exact")
  }

  @Test func whatNoRuleTakesGoesToTheDefaultBackend() throws {
    let shop = ingress("shop", rule("shop.example.com", path("/cart", to: "cart"))) {
      $0.spec.defaultBackend = backend("shop")
    }
    let site = ingress("site") { $0.spec.defaultBackend = backend("site") }
    let both = try makeRoutes(shop, site)
    #expect(both.service("shop.example.com", "/cart") == "cart")
    #expect(both.service("shop.example.com", "/") == "shop", "an ingress answers for its own hosts")
    #expect(both.service("other.example.com", "/") == "site")
    #expect(try makeRoutes(shop).service("other.example.com", "/") == nil)
  }

  @Test func theOlderOfTwoIngressesHasItsWay() throws {
    let first = ingress("z", in: "one", age: 60, rule("web.example.com", path("/", to: "first")))
    let second = ingress("a", in: "two", age: 5, rule("web.example.com", path("/", to: "second"))) {
      $0.spec.defaultBackend = backend("second")
    }
    let routes = try makeRoutes(second, first)
    #expect(routes.service("web.example.com", "/") == "first")
    #expect(routes.destination(host: "web.example.com", path: "/")?.ingress == first.key)
    let sameAge = try makeRoutes(
      ingress("b", rule(nil, path("/", to: "b"))), ingress("a", rule(nil, path("/", to: "a"))))
    #expect(sameAge.service("", "/") == "a", "who comes first must not depend on chance")
  }

  @Test func onlyIngressesOfOurClassesCount() throws {
    let view = try ingressView([
      ingressClass("ours"), ingressClass("theirs", controller: "acme.io/ingress"),
      ingress("a", rule("a", path("/", to: "a"))) { $0.spec.ingressClassName = "ours" },
      ingress("b", rule("b", path("/", to: "b"))) { $0.spec.ingressClassName = "theirs" },
      ingress("c", rule("c", path("/", to: "c"))) { $0.spec.ingressClassName = nil },
      ingress("d", rule("d", path("/", to: "d"))) {
        $0.spec.ingressClassName = nil
        $0.metadata.annotations = ["kubernetes.io/ingress.class": "ours"]
      },
      ingress("e", rule("e", path("/", to: "e"))) { $0.spec.ingressClassName = "gone" },
    ])
    let routes = IngressRoutes(in: view)
    #expect(["a", "b", "c", "d", "e"].map { routes.service($0, "/") } == ["a", nil, nil, "d", nil])
  }

  @Test func aCertificateIsFoundByTheNameThatTheClientAsksFor() throws {
    func tls(_ secret: String, _ hosts: String...) -> IngressTLS {
      IngressTLS {
        $0.secretName = secret
        $0.hosts = hosts
      }
    }
    let own = ingress("own") {
      $0.spec.tls = [tls("web", "web.example.com"), tls("all", "*.example.com"), tls("", "x")]
    }
    let routes = try makeRoutes(own)
    #expect(routes.secret(for: "WEB.example.com")?.name == "web")
    #expect(routes.secret(for: "other.example.com")?.name == "all")
    #expect(
      routes.secret(for: "a.b.example.com") == nil && routes.secret(for: nil) == nil && routes.secret(for: "x") == nil)
    #expect(routes.secrets.map(\.name).sorted() == ["all", "web"])
    let other = ingress("other", in: "two") { $0.spec.tls = [tls("any")] }
    let both = try makeRoutes(own, other)
    #expect(both.secret(for: nil)?.description.contains("two") == true, "a secret is looked for beside its ingress")
    #expect(both.secret(for: "web.example.com")?.name == "web")
  }

  @Test func behindADestinationArePodsOrAReason() throws {
    func slice(_ name: String, _ addresses: [String], port: Int, ready: Bool = true) -> EndpointSlice {
      EndpointSlice(name: "\(name)-x", namespace: "default") {
        $0.metadata.labels = ["kubernetes.io/service-name": name]
        $0.addressType = .v4
        $0.ports = [
          EndpointPort {
            $0.name = "http"
            $0.port = port
          }
        ]
        $0.endpoints = addresses.map { address in
          Endpoint {
            $0.addresses = [address]
            $0.conditions.ready = ready
          }
        }
      }
    }
    func service(_ name: String, headless: Bool = false) -> Service {
      Service(name: name, namespace: "default") {
        if headless { $0.spec.clusterIP = "None" }
        $0.spec.ports = [
          ServicePort {
            $0.name = "http"
            $0.port = 80
          }
        ]
      }
    }
    func entry(_ text: String, to name: String, port: IntOrString) -> HTTPIngressPath {
      var entry = path(text, to: name)
      entry.backend.service?.port.json = [:]
      switch port {
      case .integer(let number): entry.backend.service?.port.number = number
      case .string(let name): entry.backend.service?.port.name = name
      }
      return entry
    }
    let all = ingress(
      "all",
      rule(
        nil, entry("/number", to: "web", port: .integer(80)), entry("/name", to: "web", port: .string("http")),
        entry("/headless", to: "headless", port: .integer(80)), entry("/wrong", to: "web", port: .integer(81)),
        entry("/unnamed", to: "web", port: .string("https")), entry("/gone", to: "gone", port: .integer(80)),
        entry("/empty", to: "empty", port: .integer(80)))
    ) {
      $0.spec.defaultBackend = IngressBackend { $0.resource = TypedLocalObjectReference() }
    }
    let view = try ingressView([
      all, ingressClass(), service("web"), slice("web", ["10.244.1.2", "10.244.1.3"], port: 8080),
      service("headless", headless: true), slice("headless", ["10.244.1.4"], port: 8080),
      service("empty"), slice("empty", ["10.244.1.5"], port: 8080, ready: false),
    ])
    let routes = IngressRoutes(in: view)
    func backends(_ path: String) -> String {
      do {
        return try routes.destination(host: "", path: path)?.backends(in: view).map { "\($0.address):\($0.port)" }
          .joined(separator: " ") ?? "nothing"
      } catch {
        return "\(error)"
      }
    }
    #expect(backends("/number") == "10.244.1.2:8080 10.244.1.3:8080")
    #expect(backends("/name") == backends("/number"))
    #expect(backends("/headless") == "10.244.1.4:8080", "a service without an address has pods all the same")
    #expect(backends("/wrong") == #"service "default/web" has no port 81"#)
    #expect(backends("/unnamed") == #"service "default/web" has no port "https""#)
    #expect(backends("/gone") == #"service "default/gone" is not there"#)
    #expect(backends("/empty") == #"service "default/empty" has no endpoints"#)
    #expect(backends("/else") == "the backend is not a service")
  }

  /// Against a search through all rules, one after the other, in a small world where most things collide.
  @Test func theTableSaysWhatASearchThroughAllRulesSays() throws {
    var random = SeededGenerator(seed: 4)
    let hosts = ["", "a.b", "*.b", "b", "a.a.b"]
    let paths = ["/", "/x", "/x/", "/x/y", "/x/y/z", "/xy", "/y"]
    for round in 0..<40 {
      let ingresses = (0..<3).map { number in
        ingress("i\(number)", age: Int.random(in: 0..<3, using: &random)) { ingress in
          ingress.spec.rules = (0..<2).map { _ in
            let entries = (0..<2).map { _ in
              path(
                paths.randomElement(using: &random) ?? "", random.next() % 3 == 0 ? .exact : .prefix,
                to: "s\(random.next() % 9)")
            }
            return IngressRule {
              $0.host = hosts.randomElement(using: &random)
              $0.http = HTTPIngressRuleValue { $0.paths = entries }
            }
          }
        }
      }
      let routes = IngressRoutes(in: try ingressView(ingresses + [ingressClass()]))
      for host in ["a.b", "b", "c.b", "a.a.b", "q"] {
        for request in paths + ["", "/x/y/z/w", "/xyz"] {
          let expected = Search(ingresses, host, request).best
          #expect(routes.service(host, request) == expected, "round \(round): \(host) \(request)")
        }
      }
    }
  }

  /// The rules that match, in the order of the documentation's sentences.
  private struct Search {
    let best: String?

    init(_ ingresses: [Ingress], _ host: String, _ path: String) {
      var candidates: [(rank: [Int], service: String?)] = []
      let ordered = ingresses.sorted {
        let ages = ($0.metadata.creationTimestamp ?? World.epoch, $1.metadata.creationTimestamp ?? World.epoch)
        return ages.0 == ages.1 ? $0.name < $1.name : ages.0 < ages.1
      }
      for rule in ordered.flatMap(\.spec.rules) {
        guard let hostRank = Self.rank(of: rule.host ?? "", for: host) else { continue }
        for entry in rule.http?.paths ?? [] {
          guard let pathRank = Self.rank(of: entry, for: path) else { continue }
          candidates.append(([hostRank, pathRank, -candidates.count], entry.backend.service?.name))
        }
      }
      best = candidates.max { $0.rank.lexicographicallyPrecedes($1.rank) }?.service ?? nil
    }

    private static func rank(of rule: String, for host: String) -> Int? {
      if rule.isEmpty { return 0 }
      if rule == host { return 2 }
      let labels = (rule: rule.split(separator: "."), host: host.split(separator: "."))
      return labels.rule.first == "*" && labels.rule.dropFirst() == labels.host.dropFirst()
        && labels.rule.count == labels.host.count ? 1 : nil
    }

    private static func rank(of entry: HTTPIngressPath, for path: String) -> Int? {
      let text = entry.path ?? ""
      if entry.pathType == .exact { return text == path ? 1_000 : nil }
      let elements = text.split(separator: "/")
      return path.split(separator: "/").starts(with: elements) ? elements.count : nil
    }
  }
}
