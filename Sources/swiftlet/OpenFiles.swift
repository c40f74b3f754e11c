import Foundation

/// Each connection, and each log that is followed, is an open file.
enum OpenFiles {
  /// Few systems let a process have more; those that say "without limit" mean none of them.
  private static let most: rlim_t = 1 << 20

  /// Takes as many as this process may have: a login's usual 1,024 (256 on macOS) are a few hundred watches.
  /// A process that may have no more goes on with what it has.
  static func raiseLimit() {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    #if canImport(Darwin)
      let allowed = min(limit.rlim_max, rlim_t(OPEN_MAX))
    #else
      let allowed = min(limit.rlim_max, most)
    #endif
    guard allowed > limit.rlim_cur else { return }
    limit.rlim_cur = allowed
    setrlimit(resource, &limit)
  }

  #if canImport(Darwin)
    private static let resource = RLIMIT_NOFILE
  #else
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #endif
}
