// What a container's process enters before its program begins: the pod's network, a host name, a file system.

import Pods

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct Surroundings {
  private let namespaces: Launch.Namespaces
  /// In which this user is root.
  private let users: Descriptor
  private let network: Descriptor?

  /// Nil where the container lives in the machine's own. Throws when the pod's network is gone.
  init?(_ launch: Launch) throws {
    guard let namespaces = launch.namespaces else { return nil }
    #if os(Linux)
      let request = namespaces.podUID.map { "enter \($0)" } ?? "enter"
      let files = try HolderConnection(to: namespaces.holder).ask(request).files
      guard let users = files.first, files.count == (namespaces.podUID == nil ? 1 : 2) else {
        throw SystemError("receive the pod's namespaces", code: EPROTO)
      }
      self.namespaces = namespaces
      self.users = users
      network = files.dropFirst().first
    #else
      throw SystemError("enter namespaces", code: ENOTSUP)
    #endif
  }

  /// Moves this process, which has a single thread and will be the container's, to where the container lives.
  func enter(_ calls: HiddenCalls) throws(SystemError) {
    guard let network else { return }
    try calls.enter(users, .users)
    try calls.enter(network, .network)
    #if os(Linux)
      try calls.leave(.hostname)
      guard sethostname(namespaces.hostname, namespaces.hostname.utf8.count) == 0 else {
        throw SystemError("sethostname")
      }
    #endif
  }
}
