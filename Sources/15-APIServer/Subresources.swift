import ControlLoop
import Objects
import Store

// Parts of an object with a path of their own, because somebody else writes them (status), because they look the same
// for many kinds (scale), or because they are no data at all (log).

extension APIServer {
  func work(for subresource: String, _ call: Call) throws(StatusError) -> Work {
    let kind = call.target.kind
    switch subresource {
    case "status" where kind.hasStatus: return try status(call)
    case "scale": if let paths = kind.scale { return try scale(call, paths) }
    case "log" where kind.serves("log"): return try log(call)
    case "exec", "attach", "portforward": if kind.groupResource == "pods" { throw .notServedYet(subresource) }
    default:
      if let other = kind.subresources.first(where: { $0.name == subresource }) { return try change(other, call) }
    }
    throw .unknownPath
  }

  private func status(_ call: Call) throws(StatusError) -> Work {
    switch call.verb {
    case .get: return .now(try get(call))
    case .update: return .later { [self] () throws(StatusError) in try await update(call, .remarkedStatus) }
    case .patch: return .later { [self] () throws(StatusError) in try await patch(call, .remarkedStatus) }
    default: throw .methodNotAllowed
    }
  }

  /// A subresource whose writes change the object in a way that its kind knows: pods/binding, namespaces/finalize.
  private func change(_ subresource: Subresource, _ call: Call) throws(StatusError) -> Work {
    let verbs = [Verb.create: "create", .update: "update"]
    guard subresource.change != nil, let verb = verbs[call.verb], subresource.verbs.contains(verb) else {
      throw .methodNotAllowed
    }
    return .later { [self] () throws(StatusError) in
      let options = try WriteOptions(call.request, call.verb == .create ? "CreateOptions" : "UpdateOptions")
      let form = try Form(call.request)
      let body = try bodies.object(of: call, as: subresource.body)
      let isDryRun = options.isDryRun || body.json.at(["deleteOptions", "dryRun"])?.array?.isEmpty == false
      let outcome = try await write(isDryRun: isDryRun) { (view, now) throws(StatusError) in
        try cluster.registry.write(body.json, to: subresource.name, of: call.target.key, in: view, at: now)
      }
      if call.verb == .update { return answer(outcome, call, form) }
      return .json(.success(code: 201), status: 201)
    }
  }
}

extension Kind {
  fileprivate func serves(_ subresource: String) -> Bool { subresources.contains { $0.name == subresource } }
}

extension StatusError {
  fileprivate static func notServedYet(_ subresource: String) -> StatusError {
    StatusError("NotImplemented", code: 501, "pods/\(subresource) is not served by this cluster yet")
  }
}
