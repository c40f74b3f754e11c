// A socket between processes of this machine that keeps messages apart and can carry open files beside them. A file that
// has been handed over works on, whatever the receiver could have opened itself: that is how sockets of the pods'
// network reach processes outside it.

#if os(Linux)
  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  struct LocalSocket {
    let descriptor: Descriptor

    /// A message is no longer than this, in bytes.
    static let messageLimit = 4096
    /// Nor does it carry more files.
    private static let fileLimit = 4

    private static func open() throws(SystemError) -> LocalSocket {
      let number = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard number >= 0 else { throw SystemError("socket") }
      return LocalSocket(descriptor: Descriptor(owning: number))
    }

    /// Listens under this name in a directory, which may have a path of any length.
    static func listening(at name: String, in directory: String) throws(SystemError) -> LocalSocket {
      let result = try open()
      let place = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
      let path = "/proc/self/fd/\(place.number)/\(name)"
      unlink(path)
      guard bind(result.descriptor.number, path) == 0, listen(result.descriptor.number, 64) == 0 else {
        throw SystemError("listen in \(directory)")
      }
      return result
    }

    static func connected(to name: String, in directory: String) throws(SystemError) -> LocalSocket {
      let result = try open()
      let place = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
      guard connect(result.descriptor.number, "/proc/self/fd/\(place.number)/\(name)") == 0 else {
        throw SystemError("connect to \(directory)/\(name)")
      }
      return result
    }

    func accept() -> LocalSocket? {
      let number = systemAccept(descriptor.number)
      guard number >= 0 else { return nil }
      _ = fcntl(number, F_SETFD, FD_CLOEXEC)
      return LocalSocket(descriptor: Descriptor(owning: number))
    }

    func send(_ text: String, with files: [Descriptor] = []) throws(SystemError) {
      var bytes = Array(text.utf8)
      // What the kernel calls a control message: length, level, type, then the descriptors.
      let length = 16 + 4 * files.count
      var control = [UInt64](repeating: 0, count: 2 + (files.count + 1) / 2)
      control.withUnsafeMutableBytes { place in
        place.storeBytes(of: UInt64(length), as: UInt64.self)
        place.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
        place.storeBytes(of: rights, toByteOffset: 12, as: Int32.self)
        for (position, file) in files.enumerated() {
          place.storeBytes(of: file.number, toByteOffset: 16 + 4 * position, as: Int32.self)
        }
      }
      let count = withHeader(&bytes, &control) { header in
        if files.isEmpty { header.msg_controllen = 0 }
        return sendmsg(descriptor.number, &header, noSignal)
      }
      guard count >= 0 else { throw SystemError("send a message") }
    }

    /// The next message; nil at the end.
    func receive() throws(SystemError) -> (text: String, files: [Descriptor])? {
      var bytes = [UInt8](repeating: 0, count: Self.messageLimit)
      var control = [UInt64](repeating: 0, count: 2 + Self.fileLimit / 2)
      var controlLength = 0
      let count = withHeader(&bytes, &control) { header in
        defer { controlLength = Int(header.msg_controllen) }
        return recvmsg(descriptor.number, &header, closeOnExec)
      }
      guard count >= 0 else { throw SystemError("receive a message") }
      let files =
        controlLength < 16
        ? []
        : control.withUnsafeBytes { place -> [Descriptor] in
          let length = min(Int(place.load(as: UInt64.self)), place.count)
          return stride(from: 16, to: length - 3, by: 4).map {
            Descriptor(owning: place.load(fromByteOffset: $0, as: Int32.self))
          }
        }
      return count == 0 ? nil : (String(decoding: bytes.prefix(count), as: UTF8.self), files)
    }

    /// Calls with a header that names both, again while signals interrupt.
    private func withHeader(
      _ bytes: inout [UInt8], _ control: inout [UInt64], _ call: (inout msghdr) -> Int
    ) -> Int {
      bytes.withUnsafeMutableBytes { bytes in
        control.withUnsafeMutableBytes { control in
          var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
          return withUnsafeMutablePointer(to: &vector) { vector in
            uninterrupted {
              var header = msghdr()
              header.msg_iov = vector
              header.msg_iovlen = 1
              header.msg_control = control.baseAddress
              header.msg_controllen = .init(control.count)
              return call(&header)
            }
          }
        }
      }
    }
  }

  // The C library's own names for these are enumerations, or missing.
  private let rights: Int32 = 1
  private let noSignal: Int32 = 0x4000
  private let closeOnExec: Int32 = 0x4000_0000

  // Inside a type with a method of that name, the plain name means the method.
  private func systemAccept(_ number: Int32) -> Int32 { accept(number, nil, nil) }

  private func bind(_ socket: Int32, _ path: String) -> Int32 {
    withLocalAddress(path) { bind(socket, $0, $1) }
  }

  private func connect(_ socket: Int32, _ path: String) -> Int32 {
    withLocalAddress(path) { connect(socket, $0, $1) }
  }

  private func withLocalAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
      // The last byte stays the zero that ends the path.
      guard path.utf8.count < place.count else { return false }
      place.copyBytes(from: path.utf8)
      return true
    }
    guard fits else {
      errno = ENAMETOOLONG
      return -1
    }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
#endif
