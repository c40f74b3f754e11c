import APIServer

/// A request that never reaches the API: what is wrong with it, as the transport sees it.
///
/// The answer is a `Status` object, because that is what clients of the API can read.
struct Refusal: Error {
  let status: Int
  let reason: String
  let message: String

  static func badRequest(_ message: String) -> Refusal {
    Refusal(status: 400, reason: "BadRequest", message: message)
  }

  static let headersTooLarge = Refusal(
    status: 431, reason: "RequestHeaderFieldsTooLarge", message: "Request header fields too large")

  static let tooSlow = Refusal(
    status: 408, reason: "Timeout", message: "Timeout: the request was not sent completely in time")

  static let tooManyBodies = Refusal(
    status: 429, reason: "TooManyRequests", message: "Too many requests, please try again later.")

  static let unknownExpectation = Refusal(
    status: 417, reason: "ExpectationFailed", message: "the only expectation that can be met is 100-continue")

  static let unknownVersion = Refusal(
    status: 505, reason: "HTTPVersionNotSupported", message: "HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here")

  static func bodyTooLarge(limit: Int) -> Refusal {
    Refusal(
      status: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: limit is \(limit)")
  }

  /// Messages are our own words and hold nothing that JSON would have to escape.
  var response: Response {
    let body = """
      {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
      "message":"\(message)","reason":"\(reason)","code":\(status)}

      """
    var headers = [(name: "content-type", value: "application/json")]
    if status == 429 { headers.append((name: "retry-after", value: "1")) }
    return Response(status: status, headers: headers, body: .pieces([Array(body.utf8)]))
  }
}
