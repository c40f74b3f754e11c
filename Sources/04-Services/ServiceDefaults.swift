import Objects
import Pods

// What a service's spec says when its author does not, and what becomes of it when it changes.

extension ServiceSpec {
  /// Whether anybody outside of the cluster can reach it.
  var isExternal: Bool {
    switch self.type {
    case .nodePort, .loadBalancer: true
    case .clusterIP, nil: !self.externalIPs.isEmpty
    case .externalName: false
    }
  }

  var isHeadless: Bool { self.clusterIP == "None" }
  var needsClusterIP: Bool { self.type != .externalName }
  var needsHealthCheckPort: Bool { self.type == .loadBalancer && self.externalTrafficPolicy == .local }

  /// Whether its ports must have node ports; a load balancer's may have some all the same.
  var needsNodePorts: Bool {
    self.type == .nodePort || self.type == .loadBalancer && self.allocateLoadBalancerNodePorts != false
  }

  mutating func fillIn() {
    self.ports = self.ports.map { port in
      var port = port
      if [nil, .integer(0), .string("")].contains(port.targetPort) {
        port.targetPort = port.port.map(IntOrString.integer)
      }
      return port
    }
    if self.sessionAffinity == SessionAffinity.none { self.sessionAffinityConfig = nil }
    if self.sessionAffinity == .clientIP, self.sessionAffinityConfig?.clientIP?.timeoutSeconds == nil {
      self.sessionAffinityConfig = SessionAffinityConfig {
        $0.clientIP = ClientIPConfig { $0.timeoutSeconds = 10_800 }
      }
    }
    if self.type == .loadBalancer {
      self.allocateLoadBalancerNodePorts = self.allocateLoadBalancerNodePorts ?? true
    }
    if isExternal, lacks("externalTrafficPolicy") { self.externalTrafficPolicy = .cluster }
    guard needsClusterIP else { return }
    if lacks("internalTrafficPolicy") { self.internalTrafficPolicy = .cluster }
    if lacks("ipFamilyPolicy") { self.ipFamilyPolicy = .single }
    if lacks("ipFamilies") { self.ipFamilies = [.v4] }
  }

  /// `clusterIP` and the first of `clusterIPs` are one thing said twice: who says it once means both.
  mutating func reconcileClusterIPs(with old: ServiceSpec?) {
    let single = self.clusterIP ?? ""
    guard let old else {
      if !single.isEmpty, self.clusterIPs.isEmpty { self.clusterIPs = [single] }
      return
    }
    if single != old.clusterIP ?? "", self.clusterIPs == old.clusterIPs {
      self.clusterIPs = single.isEmpty ? [] : [single]
    } else if self.clusterIPs.isEmpty, !old.clusterIPs.isEmpty, single == old.clusterIP {
      self.clusterIPs = old.clusterIPs
    }
  }

  /// Whoever replaces a service without its address and node ports means those it has.
  mutating func keepAllocations(of old: ServiceSpec) {
    if needsClusterIP, old.needsClusterIP, (self.clusterIP ?? "").isEmpty, self.clusterIPs.isEmpty {
      self.clusterIP = old.clusterIP
      self.clusterIPs = old.clusterIPs
    }
    if self.type != .clusterIP, self.type != .externalName {
      let taken = Set(self.ports.compactMap(\.nodePort))
      self.ports = self.ports.map { port in
        var port = port
        if port.nodePort ?? 0 == 0,
          let same = old.ports.first(where: { $0.port == port.port && $0.protocol == port.protocol })?.nodePort,
          !taken.contains(same)
        {
          port.nodePort = same
        }
        return port
      }
    }
    if needsHealthCheckPort, old.needsHealthCheckPort, self.healthCheckNodePort ?? 0 == 0 {
      self.healthCheckNodePort = old.healthCheckNodePort
    }
  }

  /// Takes away what the new type cannot have, unless its author has just written it: then it is an error to tell.
  mutating func dropWhatTheTypeCannotHave(_ old: ServiceSpec) {
    if !needsClusterIP, old.needsClusterIP {
      if self.clusterIP == old.clusterIP { self.clusterIP = nil }
      if self.clusterIPs == old.clusterIPs { self.clusterIPs = [] }
      if self.ipFamilies == old.ipFamilies { self.ipFamilies = [] }
      if self.ipFamilyPolicy == old.ipFamilyPolicy { self.ipFamilyPolicy = nil }
      if self.internalTrafficPolicy == old.internalTrafficPolicy { self.internalTrafficPolicy = nil }
    }
    if self.type == .clusterIP || self.type == .externalName, old.type == .nodePort || old.type == .loadBalancer {
      if self.ports.map(\.nodePort) == old.ports.map(\.nodePort) {
        self.ports = self.ports.map { port in
          var port = port
          port.nodePort = nil
          return port
        }
      }
    }
    if !needsHealthCheckPort, self.healthCheckNodePort == old.healthCheckNodePort { self.healthCheckNodePort = nil }
    if self.type != .loadBalancer, old.type == .loadBalancer {
      if self.allocateLoadBalancerNodePorts == old.allocateLoadBalancerNodePorts {
        self.allocateLoadBalancerNodePorts = nil
      }
      if self.loadBalancerClass == old.loadBalancerClass { self.loadBalancerClass = nil }
    }
    if !isExternal, old.isExternal, self.externalTrafficPolicy == old.externalTrafficPolicy {
      self.externalTrafficPolicy = nil
    }
  }
}
