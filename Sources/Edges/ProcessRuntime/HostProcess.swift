// Which processes there are on this machine, and which of them is which: a process number alone is not an identity,
// because numbers are used again. Number and start time together are.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct HostProcess {
  let number: pid_t
  let parent: pid_t
  /// When it started: no later process of the same number has the same. Ends in "@" and `machineStart`.
  let birth: String
  let isZombie: Bool

  var session: pid_t { getsid(number) }
}

#if canImport(Darwin)
  extension HostProcess {
    static func all() -> [HostProcess] { query(KERN_PROC_ALL, 0) }

    static func find(_ number: pid_t) -> HostProcess? { query(KERN_PROC_PID, number).first }

    /// The environment of other processes is not to be had here.
    var environment: [UInt8] { [] }

    /// Names the time since the machine was last started.
    static let machineStart: String = {
      var text = [CChar](repeating: 0, count: 64)
      var size = text.count - 1
      sysctlbyname("kern.bootsessionuuid", &text, &size, nil, 0)
      return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }()

    private static func query(_ selection: Int32, _ argument: Int32) -> [HostProcess] {
      var name = [CTL_KERN, KERN_PROC, selection, argument]
      var size = 0
      guard sysctl(&name, u_int(name.count), nil, &size, nil, 0) == 0 else { return [] }
      // Some room for those that start between the two calls.
      var entries = [kinfo_proc](repeating: kinfo_proc(), count: size / MemoryLayout<kinfo_proc>.stride + 32)
      size = entries.count * MemoryLayout<kinfo_proc>.stride
      guard sysctl(&name, u_int(name.count), &entries, &size, nil, 0) == 0 else { return [] }
      return entries.prefix(size / MemoryLayout<kinfo_proc>.stride).map { entry in
        let start = entry.kp_proc.p_un.__p_starttime
        return HostProcess(
          number: entry.kp_proc.p_pid, parent: entry.kp_eproc.e_ppid,
          birth: "\(start.tv_sec).\(start.tv_usec)@\(machineStart)", isZombie: Int32(entry.kp_proc.p_stat) == SZOMB)
      }
    }
  }
#else
  extension HostProcess {
    static func all() -> [HostProcess] { Files.list("/proc").compactMap { pid_t($0) }.compactMap(find) }

    static func find(_ number: pid_t) -> HostProcess? {
      // "12 (name) S 1 …": the name may itself hold spaces and brackets, so count from its end.
      guard let text = Files.read("/proc/\(number)/stat"), let nameEnd = text.lastIndex(of: UInt8(ascii: ")"))
      else { return nil }
      let fields = text[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
      guard fields.count > 19, let parent = pid_t(String(decoding: fields[1], as: UTF8.self)) else { return nil }
      return HostProcess(
        number: number, parent: parent, birth: String(decoding: fields[19], as: UTF8.self) + "@" + machineStart,
        isZombie: fields[0].first == UInt8(ascii: "Z"))
    }

    /// "NAME=value" entries, each ended by a zero byte; empty where it may not be read.
    var environment: [UInt8] { Files.read("/proc/\(number)/environ") ?? [] }

    /// Names the time since the machine was last started, from which start times count.
    static let machineStart: String =
      Files.read("/proc/sys/kernel/random/boot_id")
      .map { String(decoding: $0.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self) } ?? ""
  }
#endif
