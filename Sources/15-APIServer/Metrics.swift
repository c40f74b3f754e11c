import ControlLoop
import Objects
import Store
import Synchronization

/// What the server counts about itself: two additions and a look-up for each request.
/// Names as in Kubernetes; the form is Prometheus' text format 0.0.4.
final class Metrics: Sendable {
  fileprivate struct Series: Hashable, Comparable {
    var verb: String
    var resource: String
    var subresource: String
    var code: Int

    static func < (left: Series, right: Series) -> Bool {
      (left.resource, left.subresource, left.verb, left.code)
        < (right.resource, right.subresource, right.verb, right.code)
    }
  }

  private struct Tally {
    var count = 0
    var microseconds: Int64 = 0
    /// How many took at most this long, each bucket by itself.
    var buckets = [Int](repeating: 0, count: bounds.count)

    mutating func add(_ duration: Int64) {
      count += 1
      microseconds += duration
      if let bucket = bounds.firstIndex(where: { duration <= $0 }) { buckets[bucket] += 1 }
    }
  }

  /// In microseconds.
  private static let bounds: [Int64] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]

  private let tallies = Mutex<[Series: Tally]>([:])
  private let watches = Mutex<[String: Int]>([:])

  func count(_ call: Call, code: Int, microseconds: Int64) {
    let series = Series(
      verb: call.verb.rawValue, resource: call.target.kind.groupResource,
      subresource: call.target.subresource ?? "", code: code)
    tallies.withLock { tallies in
      tallies[series, default: Tally()].add(microseconds)
    }
  }

  /// A watch begins (1) or ends (-1).
  func countWatch(of resource: String, by change: Int) {
    watches.withLock { $0[resource, default: 0] += change }
  }
}

extension Metrics {
  fileprivate func text(of server: APIServer) -> String {
    let tallies = tallies.withLock { $0 }.sorted { $0.key < $1.key }
    let snapshot = server.store.snapshot
    var page = Page()
    page.describe("apiserver_request_total", "counter", "Requests, by what they did and how they ended.")
    for (series, tally) in tallies { page.add("apiserver_request_total", series.labels, tally.count) }
    let duration = "apiserver_request_duration_seconds"
    page.describe(duration, "histogram", "How long requests took; of a watch, until its stream began.")
    for (series, tally) in tallies {
      var total = 0
      for (bound, count) in zip(Self.bounds, tally.buckets) {
        total += count
        page.add("\(duration)_bucket", series.labels + [("le", "\(Double(bound) / 1e6)")], total)
      }
      page.add("\(duration)_bucket", series.labels + [("le", "+Inf")], tally.count)
      page.add("\(duration)_sum", series.labels, Double(tally.microseconds) / 1e6)
      page.add("\(duration)_count", series.labels, tally.count)
    }
    page.describe("apiserver_longrunning_requests", "gauge", "Watches under way.")
    for (resource, count) in watches.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      page.add("apiserver_longrunning_requests", [("verb", "WATCH"), ("resource", resource)], count)
    }
    page.describe("apiserver_storage_objects", "gauge", "Objects that exist.")
    for resource in snapshot.resources {
      page.add("apiserver_storage_objects", [("resource", resource)], snapshot.count(resource))
    }
    page.describe("apiserver_storage_revision", "gauge", "The newest revision.")
    page.add("apiserver_storage_revision", [], snapshot.revision)
    return page.text
  }

  private struct Page {
    var text = ""

    mutating func describe(_ name: String, _ type: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func add(_ name: String, _ labels: [(name: String, value: String)], _ value: some CustomStringConvertible)
    {
      let list = labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
      text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
    }
  }
}

extension Metrics.Series {
  fileprivate var labels: [(name: String, value: String)] {
    [("verb", verb), ("resource", resource), ("subresource", subresource), ("code", String(code))]
  }
}

extension Endpoint {
  static let metrics = Endpoint("/metrics") { server, _ in
    var response = Response.text(server.metrics.text(of: server))
    response.headers = [Response.uncached, ("Content-Type", "text/plain; version=0.0.4; charset=utf-8")]
    return response
  }
}
