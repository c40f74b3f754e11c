import Objects
import Pods

// The same rules for the kernel: a text that `nft -f` loads in one transaction. What differs from service to service is
// in maps, which are cheap to change; chains depend on the number of backends alone.

public enum NFTables {
  /// A table that does what the rules say on a node.
  /// - Parameter pods: addresses of pods, whose connections keep their source.
  public static func text(
    for rules: [ServiceRules], table: String = "swiftlet", pods: CIDR = ClusterAddresses.pods
  ) -> String {
    var ruleset = Ruleset(pods: pods)
    for frontend in rules.sorted(by: { $0.service < $1.service }).flatMap(\.frontends) { ruleset.add(frontend) }
    return """
      table ip \(table)
      delete table ip \(table)
      table ip \(table) {
      \(ruleset.text)
      }

      """
  }
}

/// The elements of the maps, as they are collected.
private struct Ruleset {
  let pods: CIDR
  private var elements: [String: [String]] = [:]
  private var chains: [String: String] = [:]

  init(pods: CIDR) { self.pods = pods }

  mutating func add(_ frontend: Frontend) {
    // A node port has no address of its own: it has maps without one.
    let maps = frontend.address == nil ? "node-" : ""
    let transport = frontend.transport.rawValue.lowercased()
    let place = ([frontend.address] + [transport, String(frontend.port)]).compactMap(\.self).joined(separator: " . ")
    if let address = frontend.address { elements["addresses", default: []].append(address) }
    if !frontend.sources.isEmpty {
      elements["guarded", default: []].append(place)
      elements["allowed", default: []] += frontend.sources.map { "\(place) . \($0)" }
    }
    if frontend.backends.isEmpty {
      let isForAll = frontend.backendsInside.isEmpty
      let verdict = frontend.isSilentWhenEmpty ? (isForAll ? "drop" : "goto drop-outside") : "goto refuse"
      elements["\(maps)dead", default: []].append("\(place) : \(verdict)")
      if isForAll { return }
    }
    elements["\(maps)services", default: []].append("\(place) : goto \(chain(for: frontend, maps))")
    for (offset, backends) in [(0, frontend.backends), (Self.inside, frontend.backendsInside)] {
      if offset > 0, !frontend.keepsSource { continue }
      for (index, backend) in backends.enumerated() {
        let target = "\(backend.address) . \(backend.port)"
        elements["\(maps)backends", default: []].append("\(place) . \(offset + index) : \(target)")
        elements["hairpin", default: []].append("\(backend.address) . \(backend.address)")
      }
    }
  }

  /// Where the numbers of the backends begin that are for the cluster's own pods.
  private static let inside = 4_096

  private mutating func chain(for frontend: Frontend, _ maps: String) -> String {
    let key = maps.isEmpty ? "ip daddr . meta l4proto . th dport" : "meta l4proto . th dport"
    let way = frontend.affinity == nil ? "numgen random" : "jhash ip saddr"
    func lead(_ count: Int, from offset: Int) -> String {
      guard count > 0 else { return "drop;" }
      return "meta mark set \(way) mod \(count) offset \(offset); "
        + "dnat ip to \(key) . meta mark map @\(maps)backends;"
    }
    let hash = frontend.affinity == nil ? "" : "-sticky"
    let all = "\(maps)to-\(frontend.backends.count)\(hash)"
    guard frontend.keepsSource else {
      let isOuter = frontend.address.flatMap { IPv4Address($0) }.map(ClusterAddresses.services.contains) != true
      let name = isOuter ? "outer-\(all)" : all
      let masquerade = isOuter ? "ct mark set 0x4000;" : "ip saddr != \(pods) ct mark set 0x4000;"
      chains[name] = "\(masquerade) \(lead(frontend.backends.count, from: 0))"
      return name
    }
    let own = "\(maps)inside-\(frontend.backendsInside.count)\(hash)"
    chains[own] = lead(frontend.backendsInside.count, from: Self.inside)
    let name = "local-\(all)-\(own)"
    chains[name] = "ip saddr \(pods) goto \(own); \(lead(frontend.backends.count, from: 0))"
    return name
  }

  var text: String {
    let place = "ipv4_addr . inet_proto . inet_service"
    let nodePlace = "inet_proto . inet_service"
    var lines = chains.sorted { $0.key < $1.key }.filter { !$0.key.hasPrefix("local-") }.map { "chain \($0) { \($1) }" }
    lines += chains.sorted { $0.key < $1.key }.filter { $0.key.hasPrefix("local-") }.map { "chain \($0) { \($1) }" }
    lines =
      [
        declared("map", "backends", "\(place) . mark : ipv4_addr . inet_service"),
        declared("map", "node-backends", "\(nodePlace) . mark : ipv4_addr . inet_service"),
        declared("set", "addresses", "ipv4_addr"), declared("set", "hairpin", "ipv4_addr . ipv4_addr"),
        declared("set", "guarded", place),
        declared("set", "allowed", "\(place) . ipv4_addr", flags: "flags interval; "),
        "chain refuse { meta l4proto tcp reject with tcp reset; reject; }",
        "chain drop-outside { ip saddr \(pods) return; drop; }",
      ] + lines
    lines += [
      declared("map", "services", "\(place) : verdict"), declared("map", "node-services", "\(nodePlace) : verdict"),
      declared("map", "dead", "\(place) : verdict"), declared("map", "node-dead", "\(nodePlace) : verdict"),
    ]
    return (lines + hooks).map { "  \($0)" }.joined(separator: "\n")
  }

  private func declared(_ form: String, _ name: String, _ type: String, flags: String = "") -> String {
    var seen: Set<String> = []
    let all = (elements[name] ?? []).filter { seen.insert($0).inserted }
    let list = all.isEmpty ? "" : "elements = { \(all.joined(separator: ", ")) }; "
    return "\(form) \(name) { type \(type); \(flags)\(list)}"
  }

  private var hooks: [String] {
    let place = "ip daddr . meta l4proto . th dport"
    return [
      """
      chain lead { \(place) @guarded \(place) . ip saddr != @allowed drop; \(place) vmap @services; \
      ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @node-services; }
      """,
      """
      chain check { \(place) vmap @dead; fib daddr type local meta l4proto . th dport vmap @node-dead; }
      """,
      "chain prerouting { type nat hook prerouting priority dstnat; jump lead; }",
      "chain output { type nat hook output priority -100; jump lead; }",
      """
      chain postrouting { type nat hook postrouting priority srcnat; \
      ip saddr . ip daddr @hairpin masquerade fully-random; ct mark 0x4000 masquerade fully-random; }
      """,
      "chain check-input { type filter hook input priority -110; ct state new jump check; }",
      """
      chain check-forward { type filter hook forward priority -110; ct state new jump check; \
      ct state new ip daddr @addresses goto refuse; }
      """,
      "chain check-output { type filter hook output priority -110; ct state new jump check; }",
      // After the addresses have been replaced, or a node could not reach any service.
      "chain check-late { type filter hook output priority -90; ct state new ip daddr @addresses goto refuse; }",
    ]
  }
}
