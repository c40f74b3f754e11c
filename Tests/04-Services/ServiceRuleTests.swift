import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Services

/// What a service may say, and what it says when its author does not.
@Suite struct ServiceRuleTests {
  let world: World

  init() throws { world = try .quiet() }

  private func problem(_ change: (inout ServiceSpec) -> Void) -> String? {
    world.refusal(of: makeService { change(&$0.spec) })?.replacing("Service \"web\" is invalid: ", with: "")
  }

  @Test func aServiceThatSaysLittleIsCompleted() throws {
    #expect(world.refusal(of: makeService()) == nil)
    let spec = try #require(world.service()).spec
    #expect(spec.type == .clusterIP)
    #expect(spec.ports[0].protocol == .tcp)
    #expect(spec.ports[0].targetPort == .integer(80))
    #expect(spec.sessionAffinity == SessionAffinity.none)
    #expect(spec.internalTrafficPolicy == .cluster)
    #expect(spec.externalTrafficPolicy == nil)
    #expect(spec.ipFamilies == [.v4])
    #expect(spec.ipFamilyPolicy == .single)
    #expect(spec.clusterIPs == [spec.clusterIP])
    #expect(spec.allocateLoadBalancerNodePorts == nil)
  }

  @Test func aServiceForOutsideIsCompletedFurther() throws {
    #expect(
      problem {
        $0.type = .loadBalancer
        $0.externalTrafficPolicy = .local
        $0.sessionAffinity = .clientIP
      } == nil)
    let spec = try #require(world.service()).spec
    #expect(spec.allocateLoadBalancerNodePorts == true)
    #expect(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds == 10_800)
    #expect(ClusterAddresses.nodePorts.contains(spec.healthCheckNodePort ?? 0))
    #expect(spec.healthCheckNodePort != spec.ports[0].nodePort)
  }

  @Test func portsAreCheckedInKubernetesWords() {
    #expect(problem { $0.ports = [] } == "spec.ports: Required value")
    #expect(
      problem { $0.ports = [servicePort(80), servicePort(81, "b")] } == "spec.ports[0].name: Required value")
    #expect(
      problem { $0.ports = [servicePort(80, "a"), servicePort(81, "a")] }
        == "spec.ports[1].name: Duplicate value: \"a\"")
    #expect(
      problem { $0.ports = [servicePort(80, "a"), servicePort(80, "b")] }
        == "spec.ports[1]: Duplicate value: {\"port\":80,\"protocol\":\"TCP\"}")
    #expect(problem { $0.ports = [servicePort(80, "a"), servicePort(80, "b", .udp)] } == nil)
    #expect(
      problem { $0.ports = [servicePort(0)] }
        == "[spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, "
        + "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive]")
    #expect(
      problem { $0.ports = [servicePort(80, target: .string("no good"))] }?.hasPrefix(
        "spec.ports[0].targetPort: Invalid value: \"no good\": must contain only alpha-numeric") == true)
    #expect(
      problem { $0.ports = [servicePort(80, node: 30_000)] }
        == "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")
    #expect(
      problem { $0.json["ports"] = [["port": 80, "protocol": "ICMP"]] }
        == "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")
  }

  @Test func namesAreLabelsThatBeginWithALetter() {
    let refusal = world.refusal(of: makeService("4web"))
    #expect(refusal?.contains("metadata.name: Invalid value: \"4web\": a DNS-1035 label must consist of") == true)
  }

  @Test func aNameForSomethingOutsideHasNothingElse() throws {
    #expect(
      problem {
        $0.type = .externalName
        $0.externalName = "example.org."
        $0.ports = []
      } == nil)
    #expect(world.service()?.spec.clusterIP == nil)
    #expect(
      problem {
        $0.type = .externalName
        $0.clusterIP = "10.96.0.9"
        $0.ipFamilies = [.v4]
      }
        == "[spec.clusterIPs: Forbidden: may not be set for ExternalName services, "
        + "spec.ipFamilies: Forbidden: may not be set for ExternalName services, spec.externalName: Required value]")
  }

  @Test func whatBelongsToATypeIsRefusedForOthers() {
    #expect(
      problem { $0.loadBalancerClass = "a/b" }
        == "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")
    #expect(
      problem { $0.externalTrafficPolicy = .local }
        == "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")
    #expect(
      problem { $0.healthCheckNodePort = 30_001 }
        == "spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and "
        + "`externalTrafficPolicy` is 'Local'")
    #expect(
      problem {
        $0.type = .nodePort
        $0.clusterIP = "None"
      } == "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")
    #expect(
      problem {
        $0.type = .loadBalancer
        $0.loadBalancerSourceRanges = ["10.0.0.0"]
      }
        == "spec.loadBalancerSourceRanges[0]: Invalid value: \"10.0.0.0\": must be a valid CIDR value, "
        + "(e.g. 10.9.8.0/24 or 2001:db8::/64)")
  }

  @Test func addressesAndPoliciesAreChecked() {
    #expect(
      problem { $0.externalIPs = ["10.0.0", "169.254.1.1"] }
        == "[spec.externalIPs[0]: Invalid value: \"10.0.0\": must be a valid IP address, "
        + "(e.g. 10.9.8.7 or 2001:db8::ffff), spec.externalIPs[1]: Invalid value: \"169.254.1.1\": "
        + "may not be in the link-local range (169.254.0.0/16, fe80::/10)]")
    #expect(
      problem { $0.ipFamilies = [.v6] } == "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster"
    )
    #expect(
      problem { $0.trafficDistribution = "Nearby" }
        == "spec.trafficDistribution: Unsupported value: \"Nearby\": supported values: \"PreferClose\", "
        + "\"PreferSameNode\", \"PreferSameZone\"")
    #expect(
      problem {
        $0.sessionAffinity = .clientIP
        $0.sessionAffinityConfig = SessionAffinityConfig {
          $0.clientIP = ClientIPConfig { $0.timeoutSeconds = 86_401 }
        }
      }
        == "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: "
        + "must be greater than 0 and less than 86400")
  }

  @Test func slicesAndEndpointsAreChecked() {
    let slice = makeSlice(makeEndpoint("10.0.0.256"))
    #expect(
      world.refusal(of: slice)
        == "EndpointSlice.discovery.k8s.io \"web-1\" is invalid: endpoints[0].addresses[0]: Invalid value: "
        + "\"10.0.0.256\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
    let endpoints = Endpoints(name: "web", namespace: "default") { $0.subsets = [EndpointSubset()] }
    #expect(
      world.refusal(of: endpoints)
        == "Endpoints \"web\" is invalid: subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")
  }

  @Test func aTableShowsWhatPeopleLookFor() throws {
    func row(_ service: Service) -> [String] {
      Service.kind.table.filter { $0.name != "Age" }.map { $0.cell(service.json, World.epoch).string ?? "" }
    }
    #expect(row(storedService()) == ["web", "ClusterIP", "10.96.1.1", "<none>", "80/TCP", "app=web"])
    let balanced = storedService {
      $0.spec.type = .loadBalancer
      $0.spec.ports = [servicePort(80, "http", node: 30_080), servicePort(53, "dns", .udp)]
    }
    #expect(row(balanced)[3] == "<pending>")
    #expect(row(balanced)[4] == "80:30080/TCP,53/UDP")
    let slice = makeSlice(
      makeEndpoint("10.0.0.1"), makeEndpoint("10.0.0.2"), makeEndpoint("10.0.0.3"), makeEndpoint("10.0.0.4"))
    let cells = EndpointSlice.kind.table.map { $0.cell(slice.json, World.epoch).string ?? "" }
    #expect(cells[1...3] == ["IPv4", "8080", "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more..."])
  }
}
