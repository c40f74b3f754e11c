// Why a command did not succeed, in the words of kubectl: scripts read them.

import HTTP
import Objects
import YAMLCoding

/// What a command that fails says on standard error, complete, and the code with which it exits.
struct Failure: Error, Equatable {
  var text: String
  var exitCode: Int32 = 1

  /// "error: …"
  static func error(_ message: String) -> Failure { Failure(text: "error: " + message) }

  /// A command that was called with the wrong arguments.
  static func usage(_ message: String, of command: String) -> Failure {
    Failure(text: "error: \(message)\nSee 'kubectl \(command) -h' for help and examples")
  }

  /// A flag that nobody knows, or whose value is missing or wrong.
  static func flag(_ message: String, of command: String) -> Failure {
    Failure(text: "Error: \(message)\nSee 'kubectl \(command) --help' for usage.")
  }

  /// A command that ends unsuccessfully without a word of its own.
  static func silent(_ exitCode: Int32) -> Failure { Failure(text: "", exitCode: exitCode) }
}

/// The `Status` with which a server refused a request.
struct ServerError: Error {
  let code: Int
  let status: Value
  /// What was being done: `error when creating "web.yaml": `.
  var context = ""

  var reason: String { status["reason"]?.string ?? "" }
  var message: String { context + (status["message"]?.string ?? "the server answered with code \(code)") }
  var isNotFound: Bool { code == 404 }
  var isConflict: Bool { code == 409 }

  func when(_ doing: String) -> ServerError {
    var error = self
    error.context = "error when \(doing): " + context
    return error
  }

  /// kubectl names the resource when a server does not serve it.
  func whenListing(_ resource: Resource) -> ServerError {
    guard isNotFound else { return self }
    var error = self
    error.context = "Unable to list \"\(resource.group)/\(resource.version), Resource=\(resource.name)\": "
    return error
  }

  var text: String {
    switch reason {
    case "Invalid": invalidText
    case "Unauthorized": "error: You must be logged in to the server (\(message))"
    case "": "Error from server: \(message)"
    default: "Error from server (\(reason)): \(message)"
    }
  }

  private var invalidText: String {
    guard let details = status["details"] else { return "The request is invalid: \(message)" }
    let (kind, name) = (details["kind"]?.string ?? "", details["name"]?.string ?? "")
    var causes: [String] = []
    for cause in details["causes"]?.array ?? [] {
      let line = "\(cause["field"]?.string ?? ""): \(cause["message"]?.string ?? "")"
      if !causes.contains(line) { causes.append(line) }
    }
    guard !kind.isEmpty || !name.isEmpty else {
      return "The request is invalid: " + (causes.isEmpty ? message : causes.joined(separator: ", "))
    }
    let subject = "The \(kind) \"\(name)\" is invalid"
    return switch causes.count {
    case 0: subject
    case 1: "\(subject): \(causes[0])"
    default: "\(subject): \n" + causes.map { "* " + $0 }.joined(separator: "\n")
    }
  }
}

/// Several failures of one command, each of which is said.
struct Failures: Error {
  var all: [any Error]
}

extension Failure {
  /// Any error as what is printed for it.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as ServerError: self.init(text: error.text)
    case let error as HTTPClientError: self.init(text: Self.text(of: error))
    case let errors as Failures:
      self.init(text: errors.all.map { Failure($0).text }.filter { !$0.isEmpty }.joined(separator: "\n"))
    case let error as YAMLError: self = .error("\(error)")
    case is CancellationError: self = .silent(130)
    default: self = .error("\(error)")
    }
  }

  private static func text(of error: HTTPClientError) -> String {
    switch error.reason {
    case .refused:
      "The connection to the server \(error.address) was refused - did you specify the right host or port?"
    case .unknownHost:
      "Unable to connect to the server: dial tcp: lookup \(error.address): no such host"
    case .timedOut:
      "Unable to connect to the server: net/http: TLS handshake timeout or no answer from \(error.address)"
    case .tls(let what): "Unable to connect to the server: tls: \(what)"
    default: "Unable to connect to the server: \(error)"
    }
  }
}

/// Goes on after a failure, and fails at the end with everything that went wrong.
func collectingFailures<Element>(_ elements: [Element], _ body: (Element) async throws -> Void) async throws {
  var failures: [any Error] = []
  for element in elements {
    do { try await body(element) } catch let error as HTTPClientError {
      throw error
    } catch {
      failures.append(error)
    }
  }
  if let first = failures.first { throw failures.count == 1 ? first : Failures(all: failures) }
}
