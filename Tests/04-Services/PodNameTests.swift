import ControlLoop
import Objects
import Pods
import Simulation
import Store
import Testing

@testable import Services

/// What a pod's containers are told of services and of themselves.
@Suite struct PodNameTests {
  private func variables(_ pod: Pod, _ services: Service...) throws -> [String] {
    let store = try makeStore(services)
    return ServiceEnvironment.variables(for: pod, in: store.view).map { "\($0.name)=\($0.value)" }
  }

  @Test func servicesAreEnvironmentVariables() throws {
    let service = storedService("my-web") {
      $0.spec.ports = [servicePort(80, "http-main"), servicePort(53, "dns", .udp)]
    }
    #expect(
      try variables(runningPod("a", ip: "10.244.1.1"), service) == [
        "MY_WEB_SERVICE_HOST=10.96.1.1", "MY_WEB_SERVICE_PORT=80", "MY_WEB_SERVICE_PORT_HTTP_MAIN=80",
        "MY_WEB_SERVICE_PORT_DNS=53", "MY_WEB_PORT=tcp://10.96.1.1:80", "MY_WEB_PORT_80_TCP=tcp://10.96.1.1:80",
        "MY_WEB_PORT_80_TCP_PROTO=tcp", "MY_WEB_PORT_80_TCP_PORT=80", "MY_WEB_PORT_80_TCP_ADDR=10.96.1.1",
        "MY_WEB_PORT_53_UDP=udp://10.96.1.1:53", "MY_WEB_PORT_53_UDP_PROTO=udp", "MY_WEB_PORT_53_UDP_PORT=53",
        "MY_WEB_PORT_53_UDP_ADDR=10.96.1.1",
      ])
  }

  @Test func onlyTheAPIIsToldToThoseWhoWantNoServices() throws {
    let api = storedService("kubernetes", ip: "10.96.0.1") { $0.spec.ports = [servicePort(443, "https")] }
    let quiet = runningPod("a", ip: "10.244.1.1") { $0.spec.enableServiceLinks = false }
    let names = try variables(quiet, api, storedService()).map { $0.prefix { $0 != "_" } }
    #expect(Set(names) == ["KUBERNETES"])
    let elsewhere = runningPod("a", ip: "10.244.1.1") { $0.metadata.namespace = "other" }
    #expect(try variables(elsewhere, api, storedService()).first == "KUBERNETES_SERVICE_HOST=10.96.0.1")
    #expect(try variables(runningPod("a", ip: ""), storedService(ip: "None")).isEmpty)
  }

  @Test func theResolverLooksInTheClusterFirst() {
    func text(_ change: (inout PodSpec) -> Void = { _ in }) -> String? {
      runningPod("a", ip: "") { change(&$0.spec) }.resolverConfiguration
    }
    let cluster = """
      search default.svc.cluster.local svc.cluster.local cluster.local
      nameserver 10.96.0.10
      options ndots:5

      """
    #expect(text() == cluster)
    #expect(text { $0.hostNetwork = true } == nil)
    #expect(
      text {
        $0.hostNetwork = true
        $0.dnsPolicy = .clusterFirstWithHostNet
      } == cluster)
    #expect(text { $0.dnsPolicy = .default } == nil)
    let config = PodDNSConfig {
      $0.nameservers = ["1.1.1.1"]
      $0.searches = ["example.org"]
      $0.options = [
        PodDNSConfigOption {
          $0.name = "ndots"
          $0.value = "2"
        }, PodDNSConfigOption { $0.name = "edns0" },
      ]
    }
    #expect(
      text {
        $0.dnsPolicy = DNSPolicy.none
        $0.dnsConfig = config
      } == "search example.org\nnameserver 1.1.1.1\noptions ndots:2 edns0\n")
    #expect(
      text { $0.dnsConfig = config } == """
        search default.svc.cluster.local svc.cluster.local cluster.local example.org
        nameserver 10.96.0.10
        nameserver 1.1.1.1
        options ndots:2 edns0

        """)
  }

  @Test func hostsNameThePodAndItsAliases() {
    let pod = runningPod("a", ip: "") {
      $0.spec.hostname = "db-0"
      $0.spec.subdomain = "db"
      $0.spec.hostAliases = [
        HostAlias {
          $0.ip = "1.2.3.4"
          $0.hostnames = ["foo", "foo.local"]
        }
      ]
    }
    let lines = pod.hosts(addresses: ["10.244.1.1"]).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.contains("127.0.0.1\tlocalhost"))
    #expect(lines.contains("10.244.1.1\tdb-0.db.default.svc.cluster.local\tdb-0"))
    #expect(lines.suffix(3) == ["# Entries added by HostAliases.", "1.2.3.4\tfoo\tfoo.local", ""])
  }

  @Test func aContainerIsToldWhenItStarts() throws {
    let world = try World.quiet()
    _ = world.refusal(of: makeService())
    let pod = runningPod("a", ip: "") {
      $0.spec.subdomain = "web"
      $0.spec.setHostnameAsFQDN = true
    }
    var configuration = ContainerConfiguration(
      id: ContainerID(podUID: pod.uid, name: "main", attempt: 0),
      pod: PodIdentity(namespace: "default", name: "a", uid: pod.uid), image: "pause")
    configuration.environment = [.init(name: "HOSTNAME", value: "a"), .init(name: "WEB_SERVICE_HOST", value: "mine")]
    let observed = ObservedPod(identity: configuration.pod, addresses: ["10.244.1.1"])
    ServiceNamesStage().complete(&configuration, for: pod, observed: observed, in: world.view)
    #expect(configuration.hostname == "a.web.default.svc.cluster.local")
    #expect(configuration.environment.last == .init(name: "WEB_SERVICE_HOST", value: "mine"))
    #expect(configuration.environment.contains { $0.name == "WEB_SERVICE_PORT" && $0.value == "80" })
    #expect(configuration.extensions["resolvConf"]?.string?.hasPrefix("search default.svc") == true)
    #expect(
      configuration.extensions["hosts"]?.string?.contains("10.244.1.1\ta.web.default.svc.cluster.local\ta") == true)
  }

  @Test func namesAndResolversAreChecked() throws {
    let world = try World.quiet()
    func problem(_ change: (inout PodSpec) -> Void) -> String? {
      var pod = Pod(name: "a", namespace: "default") {
        $0.spec.containers = [
          Container {
            $0.name = "main"
            $0.image = "pause"
          }
        ]
      }
      change(&pod.spec)
      return world.refusal(of: pod)?.replacing("Pod \"a\" is invalid: ", with: "")
    }
    #expect(
      problem { $0.dnsPolicy = DNSPolicy.none }
        == "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"
    )
    #expect(problem { $0.subdomain = "Not.A.Label" }?.hasPrefix("spec.subdomain: Invalid value") == true)
    #expect(
      problem { $0.dnsConfig = PodDNSConfig { $0.nameservers = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] } }?
        .hasSuffix("must not have more than 3 nameservers") == true)
    #expect(problem { $0.hostAliases = [HostAlias { $0.ip = "1.2.3" }] }?.contains("spec.hostAliases[0].ip") == true)
  }
}
