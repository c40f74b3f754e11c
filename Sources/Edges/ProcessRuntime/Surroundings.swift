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
  private let directory: ContainerDirectory
  /// In which this user is root.
  private let users: Descriptor
  private let network: Descriptor?

  /// Nil where the container lives in the machine's own. Throws when the pod's network is gone.
  init?(_ launch: Launch, _ directory: ContainerDirectory) throws {
    guard let namespaces = launch.namespaces else { return nil }
    #if os(Linux)
      let request = namespaces.podUID.map { "enter \($0)" } ?? "enter"
      let files = try HolderConnection(to: namespaces.holder).ask(request).files
      guard let users = files.first, files.count == (namespaces.podUID == nil ? 1 : 2) else {
        throw SystemError("receive the pod's namespaces", code: EPROTO)
      }
      self.namespaces = namespaces
      self.directory = directory
      self.users = users
      network = files.dropFirst().first
    #else
      throw SystemError("enter namespaces", code: ENOTSUP)
    #endif
  }

  /// Moves this process, which has a single thread and will be the container's, to where the container lives.
  func enter(_ calls: HiddenCalls, workingDirectory: String) throws(SystemError) {
    #if os(Linux)
      if let network {
        try calls.enter(users, .users)
        try calls.enter(network, .network)
        try calls.leave([.hostname, .mounts])
        guard sethostname(namespaces.hostname, namespaces.hostname.utf8.count) == 0 else {
          throw SystemError("sethostname")
        }
      } else if (try? calls.leave(.mounts)) == nil {
        // Whoever may not mount here can where it is root.
        try calls.enter(users, .users)
        try calls.leave(.mounts)
      }
      var files = ContainerFiles(directory, calls)
      try files.enter(namespaces.mounts)
      if !Files.exists(workingDirectory) { try files.makeDirectory(workingDirectory) }
    #endif
  }
}
