import Foundation
import Objects
import Pods
import Probes
import Testing

@Suite struct HTTPQuestionTests {
  private func question(_ change: (inout HTTPGetAction) -> Void = { _ in }) throws -> HTTPQuestion {
    let get = HTTPGetAction {
      $0.port = .integer(8_080)
      change(&$0)
    }
    return try #require(HTTPQuestion(get, at: "10.0.0.2"))
  }

  @Test func theQuestionGoesToThePodUnlessItSaysOtherwise() throws {
    #expect(try question().url.absoluteString == "http://10.0.0.2:8080/")
    let other = try question {
      $0.host = "example.com"
      $0.scheme = .https
      $0.path = "healthz?deep=1"
    }
    #expect(other.url.absoluteString == "https://example.com:8080/healthz?deep=1")
    #expect(HTTPQuestion(HTTPGetAction { $0.port = .string("http") }, at: "10.0.0.2") == nil)
    let six = try #require(HTTPQuestion(HTTPGetAction { $0.port = .integer(80) }, at: "fd00::2"))
    #expect(six.url.absoluteString == "http://[fd00::2]:80/")
  }

  @Test(arguments: 100...599)
  func theStatusDecides(_ status: Int) throws {
    let verdict = try question().verdict(status: status, location: nil, body: "hello", redirects: 0)
    switch status {
    case 200...299: #expect(verdict == .ends(.success, "hello"))
    case 300...399: #expect(verdict == .ends(.warning, "Probe terminated redirects, Response body: hello"))
    default: #expect(verdict == .ends(.failure, "HTTP probe failed with statuscode: \(status)"))
    }
  }

  @Test(arguments: [
    ("/login", "http://10.0.0.2:8080/login"), ("deep", "http://10.0.0.2:8080/deep"),
    ("https://10.0.0.2/", "https://10.0.0.2/"), ("//10.0.0.2:9090/x", "http://10.0.0.2:9090/x"),
  ])
  func aRedirectToTheSameHostIsFollowed(_ location: String, _ expected: String) throws {
    guard case .goesOn(let next) = try question().verdict(status: 302, location: location, body: "", redirects: 0)
    else {
      Issue.record("not followed")
      return
    }
    #expect(next.url.absoluteString == expected)
  }

  @Test func aRedirectToAnotherHostIsAWarning() throws {
    let verdict = try question().verdict(status: 301, location: "http://example.com/", body: "moved", redirects: 0)
    #expect(
      verdict == .ends(.warning, "Probe terminated redirects, Response body: moved"),
      "a program that redirects is there, and whoever it points to is another program")
  }

  @Test func aCircleOfRedirectsEnds() throws {
    let question = try question()
    guard case .goesOn = question.verdict(status: 302, location: "/", body: "", redirects: 9) else {
      Issue.record("not followed")
      return
    }
    #expect(
      question.verdict(status: 302, location: "/", body: "", redirects: 10)
        == .ends(.failure, "Get \"http://10.0.0.2:8080/\": stopped after 10 redirects"))
  }
}
