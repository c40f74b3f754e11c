import Objects

extension Value {
  /// The value after a merge patch: members of the patch replace members of the same name, null removes them, and
  /// whatever is not an object is replaced as a whole. Specified by RFC 7386.
  func merged(with patch: Value) -> Value {
    guard case .object(let changes) = patch else { return patch }
    var result = members == nil ? .emptyObject : self
    for (name, change) in changes {
      if change == .null {
        result[name] = nil
      } else {
        result[name] = (result[name] ?? .null).merged(with: change)
      }
    }
    return result
  }
}
