// An open file is an object that closes itself, and that no program started from here inherits: every one is opened
// close-on-exec. What a child process shall have, it is given on purpose.

import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A failed system call: what was tried, and the error number.
struct SystemError: Error, CustomStringConvertible {
  let attempt: String
  let code: Int32

  init(_ attempt: String, code: Int32 = errno) {
    self.attempt = attempt
    self.code = code
  }

  var description: String { "\(attempt): \(String(cString: strerror(code)))" }
}

/// Repeats a system call that a signal has interrupted.
@discardableResult
func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

final class Descriptor: Sendable {
  let number: Int32
  private let isOpen = Atomic<Bool>(true)

  init(owning number: Int32) { self.number = number }

  convenience init(opening path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
    let number = uninterrupted { open(path, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw SystemError("open \(path)") }
    self.init(owning: number)
  }

  /// A second descriptor for what `number` refers to.
  convenience init(duplicating number: Int32) throws(SystemError) {
    let duplicate = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard duplicate >= 0 else { throw SystemError("dup") }
    self.init(owning: duplicate)
  }

  deinit { close() }

  /// Closes it before its time: the other side of a pipe sees the end only when nobody can write any more.
  func close() {
    if isOpen.exchange(false, ordering: .relaxed) { systemClose(number) }
  }

  static func pipe() throws(SystemError) -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard systemPipe(&ends) == 0 else { throw SystemError("pipe") }
    // Not in one step, as pipe2 would: a shim closes what it has inherited by mischance.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  func doNotBlock() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }

  enum Reading { case bytes(Int), end, nothingYet }

  /// Fills the buffer from its beginning. An error reads as the end.
  func read(into buffer: inout [UInt8]) -> Reading {
    let number = number
    let count = buffer.withUnsafeMutableBytes { bytes in
      uninterrupted { systemRead(number, bytes.baseAddress, bytes.count) }
    }
    if count > 0 { return .bytes(count) }
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? .nothingYet : .end
  }

  /// Reads away what is there. False when the other side is gone.
  func drain() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 256)
    while true {
      switch read(into: &buffer) {
      case .bytes: continue
      case .nothingYet: return true
      case .end: return false
      }
    }
  }

  /// Writes everything, or says how it failed. What a full disk or pipe has already taken stays written.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        uninterrupted { systemWrite(number, all.baseAddress?.advanced(by: written), all.count - written) }
      }
      guard count >= 0 else { throw SystemError("write") }
      written += count
    }
  }
}

// Inside a type with methods of the same names, the plain names mean the methods.
private func systemPipe(_ ends: inout [Int32]) -> Int32 { pipe(&ends) }

private func systemClose(_ number: Int32) { close(number) }

private func systemRead(_ number: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(number, bytes, count)
}

private func systemWrite(_ number: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(number, bytes, count)
}

/// Waits until one of the descriptors has something to read or has lost its other side: one flag for each. Negative
/// numbers are passed over. A timeout, in milliseconds, of -1 waits for ever.
func waitForInput(_ numbers: [Int32], timeout: Int32) -> [Bool] {
  var entries = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  guard poll(&entries, nfds_t(entries.count), timeout) > 0 else { return numbers.map { _ in false } }
  return entries.map { $0.revents != 0 }
}
