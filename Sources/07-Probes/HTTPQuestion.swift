public import Foundation
import Objects

/// Where an HTTP request goes, and what its answer says about the container that gave it.
public struct HTTPQuestion: Sendable, Hashable {
  public let url: URL

  /// Nil when the path is none.
  public init?(_ get: HTTPGetAction, at address: String) {
    guard case .integer(let port) = get.port else { return nil }
    let host = get.host.flatMap { $0.isEmpty ? nil : $0 } ?? address
    let path = get.path ?? "/"
    let scheme = (get.scheme ?? .http).rawValue.lowercased()
    let name = host.contains(":") ? "[\(host)]" : host
    guard let url = URL(string: "\(scheme)://\(name):\(port)\(path.hasPrefix("/") ? "" : "/")\(path)") else {
      return nil
    }
    self.url = url
  }

  private init(url: URL) { self.url = url }

  /// What follows from an answer.
  public enum Verdict: Sendable, Hashable {
    case ends(CheckResult.Outcome, String)
    case goesOn(HTTPQuestion)
  }

  /// 200 to 399 is success. A redirect to the same host is followed; one to another host says that the container is
  /// there, and is told, because nobody looks at what it points to.
  /// - Parameter redirects: how many have been followed so far.
  public func verdict(status: Int, location: String?, body: String, redirects: Int) -> Verdict {
    if [301, 302, 303, 307, 308].contains(status), let location,
      let next = URL(string: location, relativeTo: url)?.absoluteURL, next.host() == url.host()
    {
      return redirects < Self.mostRedirects
        ? .goesOn(HTTPQuestion(url: next))
        : .ends(.failure, "Get \"\(next.absoluteString)\": stopped after \(Self.mostRedirects) redirects")
    }
    return switch status {
    case 200..<300: .ends(.success, body)
    case 300..<400: .ends(.warning, "Probe terminated redirects, Response body: \(body)")
    default: .ends(.failure, "HTTP probe failed with statuscode: \(status)")
    }
  }

  private static let mostRedirects = 10
}
