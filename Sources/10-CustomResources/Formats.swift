import Objects
import Services

/// What a string with a format has to look like. A format that is not here says nothing, as in Kubernetes.
///
/// Specified by the Kubernetes documentation ("Validation": supported formats) and the RFCs that it names.
enum Formats {
  static let checks: [String: @Sendable (String) -> Bool] = [
    "date-time": { Time($0) != nil },
    "datetime": { Time($0) != nil },
    "date": { $0.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil && Time($0 + "T00:00:00Z") != nil },
    "duration": { $0.wholeMatch(of: /-?(?:[0-9]+(?:\.[0-9]*)? ?(?:ns|us|µs|ms|s|m|h|d|w))+|0/) != nil },
    "byte": { $0.utf8.count % 4 == 0 && $0.wholeMatch(of: /[A-Za-z0-9+\/]*={0,2}/) != nil },
    "uuid": { $0.wholeMatch(of: /(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/) != nil },
    "ipv4": { IPv4Address($0) != nil },
    "ipv6": { IPAddress.version6($0) != nil },
    "cidr": { IPBlock($0) != nil },
    "email": { $0.wholeMatch(of: /[^\s@]+@[^\s@]+/) != nil },
    "hostname": { $0.utf8.count <= 253 && Names.subdomainProblems($0.lowercased()).isEmpty },
    "uri": { $0.wholeMatch(of: /(?:[A-Za-z][A-Za-z0-9+.\-]*:\S+|\/\S*)/) != nil },
    "mac": { $0.wholeMatch(of: /(?i)[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}/) != nil },
    "hexcolor": { $0.wholeMatch(of: /(?i)#?(?:[0-9a-f]{3}|[0-9a-f]{6})/) != nil },
  ]
}
