public import Objects

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The real time of the machine.
public enum SystemClock {
  public static func now() -> Time {
    var value = timespec()
    clock_gettime(CLOCK_REALTIME, &value)
    return Time(microseconds: Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1_000)
  }
}
