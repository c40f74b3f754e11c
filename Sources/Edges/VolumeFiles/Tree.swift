// Files and directories. No call here follows a symbolic link out of where it began, but those that say so.

import Volumes

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What went wrong with a file, in a sentence.
struct FileError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  init(attempt: String, code: Int32 = errno) { description = "\(attempt): \(String(cString: strerror(code)))" }
}

enum Tree {
  /// Whether a name can stand in a path without leading anywhere else.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 200 && !text.hasPrefix(".") && !text.utf8.contains { $0 == 0x2F || $0 == 0 }
  }

  static func absolute(_ path: String) throws(FileError) -> String {
    guard let absolute = realpath(path, nil) else { throw FileError(attempt: "open \(path)") }
    defer { free(absolute) }
    return String(cString: absolute)
  }

  // MARK: Looking

  /// What is at a path, links followed; nil for nothing.
  static func kind(_ path: String) -> FileKind? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    switch information.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFSOCK: return .socket
    case S_IFCHR: return .charDevice
    case S_IFBLK: return .blockDevice
    default: return .file
    }
  }

  /// A file's permission bits.
  static func mode(_ path: String) -> Int? {
    var information = stat()
    return stat(path, &information) == 0 ? Int(information.st_mode & 0o777) : nil
  }

  /// Where a symbolic link leads; nil when it is none.
  static func link(_ path: String) -> String? {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = target.withUnsafeMutableBytes { place in
      place.baseAddress.map { readlink(path, $0, place.count) } ?? -1
    }
    return count < 0 ? nil : String(decoding: target.prefix(count), as: UTF8.self)
  }

  /// The names in a directory, sorted; none when it cannot be read.
  static func list(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    return names(in: directory)
  }

  /// The files below a directory, as paths from there, sorted.
  static func files(below path: String) -> [String] {
    list(path).flatMap { name in
      kind("\(path)/\(name)") == .directory ? files(below: "\(path)/\(name)").map { "\(name)/\($0)" } : [name]
    }.sorted()
  }

  static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = systemRead(file, &buffer), count > 0 { content += buffer.prefix(count) }
    return content
  }

  /// What a directory takes of its disk with all that is in it, in bytes: blocks, as `du` counts them, and a file of
  /// several names once.
  static func usage(_ path: String) -> Int64 {
    let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    var counted: Set<UInt64> = []
    return directory < 0 ? 0 : usage(of: directory, &counted)
  }

  // Closes the directory.
  private static func usage(of directory: Int32, _ counted: inout Set<UInt64>) -> Int64 {
    var information = stat()
    guard fstat(directory, &information) == 0, let stream = fdopendir(directory) else {
      close(directory)
      return 0
    }
    defer { closedir(stream) }
    var bytes = Int64(information.st_blocks) * 512
    forEachName(in: stream) { name in
      guard fstatat(directory, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else { return }
      let isDirectory = information.st_mode & S_IFMT == S_IFDIR
      let inner = isDirectory ? openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1
      if inner >= 0 {
        bytes += usage(of: inner, &counted)
      } else if isDirectory || information.st_nlink == 1 || counted.insert(UInt64(information.st_ino)).inserted {
        bytes += Int64(information.st_blocks) * 512
      }
    }
    return bytes
  }

  // MARK: Making

  /// Makes a directory and those above it, and gives it these permissions; one that is there already stays as it is.
  static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(FileError) {
    if mkdir(path, mode) == 0 {
      // Whatever the process's mask says.
      chmod(path, mode)
      return
    }
    if errno == EEXIST && kind(path) == .directory { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw FileError(attempt: "mkdir \(path)")
    }
    try makeDirectory(String(path[..<slash]), mode: mode == 0o700 ? mode : 0o755)
    guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError(attempt: "mkdir \(path)") }
    chmod(path, mode)
  }

  /// Writes a new file.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(FileError) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FileError(attempt: "open \(path)") }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = systemWrite(file, bytes[written...])
      guard count >= 0 else { throw FileError(attempt: "write \(path)") }
      written += count
    }
    guard fchmod(file, mode) == 0 else { throw FileError(attempt: "chmod \(path)") }
  }

  /// Makes a symbolic link in one step, in place of what was there.
  static func replaceLink(_ path: String, to target: String) throws(FileError) {
    guard let slash = path.lastIndex(of: "/") else { throw FileError("\(path) is not absolute") }
    // A name that no file of a volume has.
    let draft = "\(path[...slash])..data_tmp"
    remove(draft)
    guard symlink(target, draft) == 0 else { throw FileError(attempt: "symlink \(draft)") }
    guard rename(draft, path) == 0 else { throw FileError(attempt: "rename \(draft)") }
  }

  // MARK: Memory

  /// A file system in memory; nil where there is none.
  static let memory: String? = {
    #if os(Linux)
      return kind("/dev/shm") == .directory ? "/dev/shm" : nil
    #else
      return nil
    #endif
  }()

  /// Whether a link of this program leads there.
  static func isMemory(_ path: String) -> Bool {
    guard let memory, path.hasPrefix(memory + "/swiftlet-") else { return false }
    return isName(String(path.dropFirst(memory.count + 1)))
  }

  // MARK: Removing

  /// Removes a file, a link or a directory with all that is in it. From the directory that holds it downwards every step
  /// is taken by an open directory: a link that is put in the place of one leads nowhere.
  static func remove(_ path: String) {
    guard let slash = path.lastIndex(of: "/") else { return }
    let parent = open(slash == path.startIndex ? "/" : String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    defer { close(parent) }
    remove(String(path[path.index(after: slash)...]), in: parent)
  }

  private static func remove(_ name: String, in parent: Int32) {
    if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    var directory = openat(parent, name, flags)
    if directory < 0 && errno == EACCES {
      // A container may have left directories that nobody can read.
      fchmodat(parent, name, 0o700, 0)
      directory = openat(parent, name, flags)
    }
    guard directory >= 0 else { return }
    fchmod(directory, 0o700)
    guard let stream = fdopendir(directory) else {
      close(directory)
      return
    }
    for entry in names(in: stream) { remove(entry, in: dirfd(stream)) }
    closedir(stream)
    unlinkat(parent, name, AT_REMOVEDIR)
  }

  #if canImport(Darwin)
    private typealias DirectoryStream = UnsafeMutablePointer<DIR>
  #else
    private typealias DirectoryStream = OpaquePointer
  #endif

  private static func names(in directory: DirectoryStream) -> [String] {
    var names: [String] = []
    forEachName(in: directory) { names.append($0) }
    return names.sorted()
  }

  private static func forEachName(in directory: DirectoryStream, _ body: (String) -> Void) {
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { body(name) }
    }
  }
}

// Inside a type with methods of the same names, the plain names mean the methods.
private func systemRead(_ file: Int32, _ buffer: inout [UInt8]) -> Int { read(file, &buffer, buffer.count) }

private func systemWrite(_ file: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
  bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
}
