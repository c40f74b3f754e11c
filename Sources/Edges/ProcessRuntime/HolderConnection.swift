// The other side of NetworkHolder: finds the process that holds the pods' network of a directory, or starts one.

#if os(Linux)
  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  struct HolderConnection {
    private let socket: LocalSocket

    /// Throws when nobody answers there.
    init(to directory: String) throws(SystemError) {
      socket = try LocalSocket.connected(to: NetworkHolder.socketName, in: directory)
    }

    /// Throws what the holder says against it.
    @discardableResult
    func ask(_ request: String) throws -> (text: String, files: [Descriptor]) {
      try socket.send(request)
      guard let answer = try socket.receive() else { throw SystemError("hear from the pods' network", code: EPIPE) }
      guard !answer.text.hasPrefix("error ") else { throw HolderError(description: String(answer.text.dropFirst(6))) }
      return answer
    }

    /// Starts a holder for this directory, and returns when it can be asked. Throws why there can be none.
    static func start(_ executable: String, directory: String) throws {
      try Files.makeDirectory(directory)
      let words = try Descriptor.pipe()
      let process = try spawn([executable, "network", directory], output: words.write, errors: words.write)
      words.write.close()
      var said: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1024)
      while case .bytes(let count) = words.read.read(into: &buffer) {
        said += buffer.prefix(count)
      }
      let text = String(decoding: said, as: UTF8.self)
      guard text == NetworkHolder.ready else {
        uninterrupted { waitpid(process, nil, 0) }
        throw HolderError(description: text.isEmpty ? "it ended without a word" : String(text.dropLast()))
      }
      // It outlives this process as a rule. Should it not, it is taken from the list of processes by a thread that waits.
      try? HostThread { uninterrupted { waitpid(process, nil, 0) } }.detach()
    }
  }

  struct HolderError: Error, CustomStringConvertible {
    let description: String
  }
#endif
