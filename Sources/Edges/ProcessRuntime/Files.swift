// Files and directories, as far as containers need them. Raw POSIX: the shim beside every container runs this code,
// and Foundation would cost each of them megabytes.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum Files {
  /// The last `limit` bytes of a file; nil when it cannot be read.
  static func read(_ path: String, limit: Int = 4 << 20) -> [UInt8]? {
    guard let file = try? Descriptor(opening: path, O_RDONLY | O_NONBLOCK) else { return nil }
    let size = lseek(file.number, 0, SEEK_END)
    if size > limit { lseek(file.number, off_t(Int(size) - limit), SEEK_SET) } else { lseek(file.number, 0, SEEK_SET) }
    // Files of /proc have no size: read until the end.
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while content.count < limit, case .bytes(let count) = file.read(into: &buffer) {
      content += buffer.prefix(count)
    }
    return content
  }

  /// Replaces a file so that a reader, or a crash, sees the old content or the new and nothing between.
  static func replace(_ path: String, with content: [UInt8]) throws(SystemError) {
    let draft = path + ".new"
    let file = try Descriptor(opening: draft, O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(content)
    guard fsync(file.number) == 0 else { throw SystemError("fsync \(draft)") }
    guard rename(draft, path) == 0 else { throw SystemError("rename \(draft)") }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isDirectory(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes a directory and those above it; one that is there already will do.
  static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o700) == 0 || (errno == EEXIST && isDirectory(path)) { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw SystemError("mkdir \(path)")
    }
    try makeDirectory(String(path[..<slash]))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir \(path)") }
  }

  static func makeFIFO(_ path: String) throws(SystemError) {
    guard mkfifo(path, 0o600) == 0 || errno == EEXIST else { throw SystemError("mkfifo \(path)") }
  }

  /// Where a symbolic link leads; nil when it is none.
  static func link(_ path: String) -> String? {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = target.withUnsafeMutableBytes { place in
      place.baseAddress.map { readlink(path, $0, place.count) } ?? -1
    }
    return count < 0 ? nil : String(decoding: target.prefix(count), as: UTF8.self)
  }

  /// Follows all links of an absolute path, as far as it exists; and says what of it does not.
  static func resolve(_ path: String) throws(SystemError) -> (place: String, missing: ArraySlice<String>) {
    var place: [String] = []
    var rest = path.split(separator: "/").map { String($0) }[...]
    var links = 0
    while let name = rest.popFirst() {
      if name == "." { continue }
      if name == ".." {
        _ = place.popLast()
        continue
      }
      let next = "/" + (place + [name]).joined(separator: "/")
      if let target = link(next) {
        links += 1
        guard links <= 40 else { throw SystemError("open \(path)", code: ELOOP) }
        if target.hasPrefix("/") { place = [] }
        rest = target.split(separator: "/").map { String($0) } + rest
      } else if exists(next) {
        place.append(name)
      } else {
        return ("/" + place.joined(separator: "/"), [name] + rest)
      }
    }
    return ("/" + place.joined(separator: "/"), [])
  }

  /// The names in a directory, sorted; none when it cannot be read.
  static func list(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Deletes a file or a directory with all that is in it. Symbolic links are deleted, never followed.
  static func remove(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    // A container may have left directories that nobody can read.
    chmod(path, 0o700)
    for name in list(path) { remove(path + "/" + name) }
    rmdir(path)
  }

  /// Whether a name from outside can stand in a path without leading anywhere else.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 200 && !text.hasPrefix(".") && !text.utf8.contains { $0 == 0x2F || $0 == 0 }
  }
}
