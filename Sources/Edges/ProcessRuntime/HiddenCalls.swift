// fork and prctl are kept from Swift: the first because it is dangerous beside other threads, the second because it
// takes a variable number of arguments. A shim has one thread, and needs both: what a container's process must have
// before its program begins (a signal for the case that the shim dies, a wait until its record is written) cannot be
// said in posix_spawn's terms.

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

  init() throws(SystemError) {
    let program = dlopen(nil, RTLD_NOW)
    guard let fork = dlsym(program, "fork") else { throw SystemError("dlsym fork", code: ENOSYS) }
    self.fork = unsafeBitCast(fork, to: (@convention(c) () -> pid_t).self)
    #if os(Linux)
      setProcessOption = dlsym(program, "prctl").map {
        unsafeBitCast($0, to: (@convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32).self)
      }
    #else
      setProcessOption = nil
    #endif
  }

  /// Has processes below this one, whose parents have died, become its children. False where there is no such thing.
  func adoptOrphans() -> Bool { setProcessOption?(childSubreaper, 1, 0, 0, 0) == 0 }

  /// Has the kernel kill this process when its parent dies, where it can do that.
  func dieWithParent() { _ = setProcessOption?(parentDeathSignal, UInt(SIGKILL), 0, 0, 0) }
}

private let parentDeathSignal: Int32 = 1
private let childSubreaper: Int32 = 36
