// The built-in image `web`: a server for experiments, which says which pod answers and which version of the image it
// runs.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Serves until it is asked to end; answers with its exit code.
func runWebImage(version: String) -> Int32 {
  let pod = variable("HOSTNAME") ?? "web"
  let server = SmallServer { request in
    SmallResponse(status: "200 OK", body: "Hello from \(pod)\nversion: \(version)\npath: \(request.target)\n")
  }
  return serve(server, as: "web", defaultPort: 8080) { "\(pod) listens on port \($0), version \(version)" }
}

/// Opens the port that `PORT` names and serves on it.
func serve(
  _ server: SmallServer, as name: String, defaultPort: UInt16, greeting: (_ port: UInt16) -> String
) -> Int32 {
  let wanted = variable("PORT")
  guard let number = wanted.map(UInt16.init) ?? defaultPort else {
    return complain("\(name): PORT is \"\(wanted ?? "")\", not a port number")
  }
  // Where pods share the machine's addresses, each listens on its own. A pod with a network of its own has them all.
  let address = variable("POD_IP").flatMap { $0.hasPrefix("127.") ? $0 : nil }
  do {
    let listener: Descriptor
    do { listener = try listen(on: number, address: address) } catch  where error.code == EADDRINUSE && wanted == nil {
      server.say("port \(number) is taken by another program of this machine")
      listener = try listen(on: 0, address: address)
    }
    server.say(greeting(port(of: listener)))
    return server.run(on: listener)
  } catch {
    let hint = error.code == EADDRINUSE ? ": another program on this machine uses it; set PORT to a free one" : ""
    return complain("\(name): cannot listen on port \(number)\(hint) (\(error))")
  }
}
