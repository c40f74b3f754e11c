// Some calls are kept from Swift: fork because it is dangerous beside other threads, prctl and syscall because they take
// a variable number of arguments, the namespaces' own because they are Linux' alone. A shim has one thread, and needs
// them: what a container's process must have before its program begins (a signal for the case that the shim dies, a wait
// until its record is written, namespaces) cannot be said in posix_spawn's terms.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct HiddenCalls {
  /// Only for a process with a single thread.
  let fork: @convention(c) () -> pid_t
  private let setProcessOption: (@convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32)?
  private let setNamespace: (@convention(c) (Int32, Int32) -> Int32)?
  private let unshare: (@convention(c) (Int32) -> Int32)?
  private let systemCall: (@convention(c) (Int, Int, Int, Int, Int) -> Int)?

  init() throws(SystemError) {
    let program = dlopen(nil, RTLD_NOW)
    func find<Call>(_ name: String, as type: Call.Type) -> Call? {
      dlsym(program, name).map { unsafeBitCast($0, to: type) }
    }
    guard let fork = find("fork", as: (@convention(c) () -> pid_t).self) else {
      throw SystemError("dlsym fork", code: ENOSYS)
    }
    self.fork = fork
    #if os(Linux)
      setProcessOption = find("prctl", as: (@convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32).self)
      setNamespace = find("setns", as: (@convention(c) (Int32, Int32) -> Int32).self)
      unshare = find("unshare", as: (@convention(c) (Int32) -> Int32).self)
      systemCall = find("syscall", as: (@convention(c) (Int, Int, Int, Int, Int) -> Int).self)
    #else
      (setProcessOption, setNamespace, unshare, systemCall) = (nil, nil, nil, nil)
    #endif
  }

  /// Has processes below this one, whose parents have died, become its children. False where there is no such thing.
  func adoptOrphans() -> Bool { setProcessOption?(childSubreaper, 1, 0, 0, 0) == 0 }

  /// Has the kernel kill this process when its parent dies, where it can do that.
  func dieWithParent() { _ = setProcessOption?(parentDeathSignal, UInt(SIGKILL), 0, 0, 0) }
}

private let parentDeathSignal: Int32 = 1
private let childSubreaper: Int32 = 36

// MARK: Namespaces

/// What a process can have of its own, by the kernel's flags.
struct NamespaceKinds: OptionSet {
  let rawValue: Int32

  static let mounts = Self(rawValue: 0x2_0000)
  static let hostname = Self(rawValue: 0x400_0000)
  static let users = Self(rawValue: 0x1000_0000)
  static let network = Self(rawValue: 0x4000_0000)
}

extension HiddenCalls {
  /// Gives this process namespaces of its own. Only for a process with a single thread.
  func leave(_ kinds: NamespaceKinds) throws(SystemError) {
    guard let unshare else { throw SystemError("unshare", code: ENOSYS) }
    guard unshare(kinds.rawValue) == 0 else { throw SystemError("unshare") }
  }

  /// Moves this process into a namespace. Only for a process with a single thread.
  func enter(_ namespace: Descriptor, _ kinds: NamespaceKinds) throws(SystemError) {
    guard let setNamespace else { throw SystemError("setns", code: ENOSYS) }
    guard setNamespace(namespace.number, kinds.rawValue) == 0 else { throw SystemError("setns") }
  }

  /// Makes a mounted directory the root, and the old root a directory below it.
  func changeRoot(to new: String, old: String) throws(SystemError) {
    #if arch(x86_64)
      let number = 155
    #else
      let number = 41
    #endif
    guard let systemCall else { throw SystemError("pivot_root", code: ENOSYS) }
    let result = new.withCString { new in
      old.withCString { old in systemCall(number, Int(bitPattern: new), Int(bitPattern: old), 0, 0) }
    }
    guard result == 0 else { throw SystemError("pivot_root") }
  }

  /// Opens what lies below a directory. A link that leads out of it is an error, even one that is put there meanwhile.
  func open(_ path: String, below directory: Descriptor, flags: Int32) throws(SystemError) -> Descriptor {
    guard let systemCall else { throw SystemError("openat2", code: ENOSYS) }
    // Flags, mode, and "beneath".
    var how: [UInt64] = [UInt64(flags | O_CLOEXEC), 0, 8]
    let number = path.withCString { path in
      how.withUnsafeMutableBytes {
        systemCall(437, Int(directory.number), Int(bitPattern: path), Int(bitPattern: $0.baseAddress), $0.count)
      }
    }
    guard number >= 0 else { throw SystemError("open \(path)") }
    return Descriptor(owning: Int32(truncatingIfNeeded: number))
  }

  /// A descriptor that can be read from, as poll has it, once the process has ended; nil where there is no such thing.
  func watch(_ process: pid_t) throws(SystemError) -> Descriptor? {
    guard let systemCall else { return nil }
    let number = systemCall(434, Int(process), 0, 0, 0)
    guard number >= 0 else { throw SystemError("pidfd_open") }
    return Descriptor(owning: Int32(truncatingIfNeeded: number))
  }
}
