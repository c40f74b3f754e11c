/// Addresses that are the same in every cluster.
public enum ClusterAddresses {
  /// Cluster IPs come from here.
  public static let services = CIDR(base: IPv4Address(10, 96, 0, 0), length: 12)
  /// Pods' addresses come from here, a part of it for each node.
  public static let pods = CIDR(base: IPv4Address(10, 244, 0, 0), length: 16)
  /// The API, which is the service `kubernetes` in the namespace `default`.
  public static let api = IPv4Address(10, 96, 0, 1)
  /// The DNS server. Its port is 53.
  public static let dns = IPv4Address(10, 96, 0, 10)
  /// Load balancers' addresses come from here. They are the machine's own, so that programs beside the cluster reach
  /// them without anybody's permission.
  public static let loadBalancers = CIDR(base: IPv4Address(127, 0, 96, 0), length: 24)
  public static let nodePorts = 30_000...32_767
  /// The end of all names of the cluster.
  public static let domain = "cluster.local"
}
