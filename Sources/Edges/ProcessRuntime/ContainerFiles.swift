// What a container sees as its file system, on Linux: the machine's own, and in it what the pod mounts.
//
// In a mount namespace of its own a new root is put together. Every directory of the machine's root is laid under a
// directory of the container's by an overlay: read as it is, and written without touching the machine's files. Where an
// overlay cannot be had (other file systems mounted below, the data directory itself inside) the directory is the
// machine's own. `/dev` is new and small.
//
// A mount needs a place to be mounted at. Where there is none and none may be made, the directory in which it is missing
// is mirrored: an empty file system is mounted over it, and everything that was there into that, entry by entry.

#if os(Linux)
  import Configuration
  import Pods

  #if canImport(Musl)
    import Musl
  #else
    import Glibc
  #endif

  struct ContainerFiles {
    private let calls: HiddenCalls
    /// Of the container, on the machine.
    private let directory: ContainerDirectory
    /// Where new entries may be made without touching the machine's.
    private var own: Set<String> = ["/", "/dev"]
    /// The top directories that are overlays.
    private var overlays: Set<String> = []

    init(_ directory: ContainerDirectory, _ calls: HiddenCalls) {
      self.directory = directory
      self.calls = calls
    }

    /// Builds the new root and makes it this process's, which has a mount namespace of its own and is root in it.
    mutating func enter(_ mounts: [Mount]) throws(SystemError) {
      // What is mounted here stays here.
      try mount(nil, "/", nil, [.recursive, .slave])
      // Links on the machine are followed there, before there is another root.
      var sources: [(Mount, Descriptor)] = []
      for mount in mounts { sources.append((mount, try open(mount))) }
      let root = directory.root
      try Files.makeDirectory(root)
      try mount("tmpfs", root, "tmpfs", options: "mode=755")
      for name in Files.list("/") where name != "dev" { attach(name, to: root) }
      try makeDevices(root + "/dev")
      guard mkdir(root + Self.old, 0o700) == 0 else { throw SystemError("mkdir \(Self.old)") }
      try calls.changeRoot(to: root, old: root + Self.old)
      guard chdir("/") == 0 else { throw SystemError("chdir /") }
      for (mount, source) in sources { try attach(source, mount) }
      _ = umount2(Self.old, detach)
      rmdir(Self.old)
    }

    private static let old = "/.machine"

    // MARK: The machine's files

    /// What cannot be had the container does without.
    private mutating func attach(_ name: String, to root: String) {
      let (source, target) = ("/" + name, root + "/" + name)
      if let link = Files.link(source) {
        symlink(link, target)
      } else if !Files.isDirectory(source) {
        try? bind(source, onFile: target)
      } else if mkdir(target, 0o755) == 0, !Files.list(source).isEmpty {
        if layOver(name, target) {
          overlays.insert(source)
        } else {
          try? mount(source, target, nil, [.bind, .recursive])
        }
      }
    }

    private func layOver(_ name: String, _ target: String) -> Bool {
      // An overlay may not hold its own upper directory; these two are no files.
      if directory.path.hasPrefix("/\(name)/") || name == "proc" || name == "sys" { return false }
      let (upper, work) = ("\(directory.path)/upper/\(name)", "\(directory.path)/work/\(name)")
      guard (try? Files.makeDirectory(upper)) != nil, (try? Files.makeDirectory(work)) != nil else { return false }
      var information = stat()
      if stat("/" + name, &information) == 0 { chmod(upper, information.st_mode & 0o7777) }
      let options =
        "lowerdir=\(escaped("/" + name)),upperdir=\(escaped(upper)),workdir=\(escaped(work)),userxattr,volatile"
      return (try? mount("overlay", target, "overlay", options: options)) != nil
    }

    private func escaped(_ path: String) -> String {
      String(path.flatMap { "\\:,".contains($0) ? ["\\", $0] : [$0] })
    }

    private func makeDevices(_ place: String) throws(SystemError) {
      guard mkdir(place, 0o755) == 0 else { throw SystemError("mkdir /dev") }
      try mount("tmpfs", place, "tmpfs", options: "mode=755")
      for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        try bind("/dev/" + name, onFile: "\(place)/\(name)")
      }
      for (name, file) in [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")] {
        symlink("/proc/self/fd\(file)", "\(place)/\(name)")
      }
      mkdir(place + "/pts", 0o755)
      if (try? mount("devpts", place + "/pts", "devpts", options: "newinstance,ptmxmode=0666,mode=0620")) != nil {
        symlink("pts/ptmx", place + "/ptmx")
      }
      mkdir(place + "/shm", 0o1777)
      try mount("tmpfs", place + "/shm", "tmpfs", options: "mode=1777")
    }

    // MARK: Mounts

    /// The file or directory to mount. It may not lie outside the volume, whatever links the volume has.
    private func open(_ mount: Mount) throws(SystemError) -> Descriptor {
      let volume = try Descriptor(opening: mount.volumePath, pathOnly)
      var place = volume
      var path = ""
      for name in mount.hostPath.dropFirst(mount.volumePath.count).split(separator: "/") {
        path += (path.isEmpty ? "" : "/") + name
        do {
          place = try calls.open(path, below: volume, flags: pathOnly)
        } catch  where error.code == ENOENT {
          guard mkdirat(place.number, String(name), 0o755) == 0 else { throw SystemError("make \(mount.hostPath)") }
          place = try calls.open(path, below: volume, flags: pathOnly)
        }
      }
      return place
    }

    private mutating func attach(_ source: Descriptor, _ mount: Mount) throws(SystemError) {
      var information = stat()
      guard fstat(source.number, &information) == 0 else { throw SystemError("stat \(mount.hostPath)") }
      let isDirectory = information.st_mode & S_IFMT == S_IFDIR
      let target = try makePlace(mount.containerPath, isDirectory: isDirectory)
      try self.mount("/proc/self/fd/\(source.number)", target, nil, [.bind, .recursive])
      // What belongs to a volume may be added to: another volume inside it needs a place there.
      if isDirectory { own.insert(target) }
      guard mount.readOnly else { return }
      var now = statvfs()
      statvfs(target, &now)
      // Flags that the machine has set cannot be taken away here, and leaving them out would be that.
      let kept = MountFlags(rawValue: UInt(now.f_flag)).intersection([.noSuid, .noDevices, .noExecution])
      let atime: MountFlags = now.f_flag & 4096 != 0 ? .relativeAccessTimes : []
      try self.mount(nil, target, nil, [.bind, .remount, .readOnly, kept, atime])
    }

    /// Makes a directory, and those above it, where it does not touch the machine's files.
    mutating func makeDirectory(_ path: String) throws(SystemError) {
      _ = try makePlace(path, isDirectory: true)
    }

    /// Answers with the path in which no link is left.
    private mutating func makePlace(_ path: String, isDirectory: Bool) throws(SystemError) -> String {
      var (place, missing) = try Files.resolve(path)
      if !missing.isEmpty && !mayAdd(to: place) { try mirror(place) }
      while let name = missing.popFirst() {
        let parent = place
        place = (parent == "/" ? "" : parent) + "/" + name
        if !make(place, isDirectory: isDirectory || !missing.isEmpty) {
          // An overlay lets nobody write whom the directory below does not let.
          try mirror(parent)
          guard make(place, isDirectory: isDirectory || !missing.isEmpty) else { throw SystemError("make \(place)") }
        }
        if own.contains(parent) { own.insert(place) }
      }
      return place
    }

    private func make(_ path: String, isDirectory: Bool) -> Bool {
      isDirectory ? mkdir(path, 0o755) == 0 : (try? Descriptor(opening: path, O_WRONLY | O_CREAT, mode: 0o644)) != nil
    }

    private func mayAdd(to place: String) -> Bool {
      own.contains(place) || overlays.contains { place == $0 || place.hasPrefix($0 + "/") }
    }

    private mutating func mirror(_ path: String) throws(SystemError) {
      let original = try Descriptor(opening: path, pathOnly)
      let names = Files.list(path)
      try mount("tmpfs", path, "tmpfs", options: "mode=755")
      for name in names {
        let (source, target) = ("/proc/self/fd/\(original.number)/\(name)", "\(path)/\(name)")
        if let link = Files.link(source) {
          symlink(link, target)
        } else if Files.isDirectory(source) {
          mkdir(target, 0o755)
          try? mount(source, target, nil, [.bind, .recursive])
        } else {
          try? bind(source, onFile: target)
        }
      }
      own.insert(path)
    }

    private func bind(_ source: String, onFile target: String) throws(SystemError) {
      try Descriptor(opening: target, O_WRONLY | O_CREAT, mode: 0o644).close()
      try mount(source, target, nil, [.bind])
    }

    private func mount(
      _ source: String?, _ target: String, _ type: String?, _ flags: MountFlags = [], options: String? = nil
    ) throws(SystemError) {
      guard systemMount(source, target, type, flags.rawValue, options) == 0 else {
        // Where it shall appear is the name that people know.
        let name = target.hasPrefix(directory.root) ? String(target.dropFirst(directory.root.count)) : target
        throw SystemError("mount \(name)")
      }
    }
  }

  private struct MountFlags: OptionSet {
    let rawValue: UInt

    static let readOnly = Self(rawValue: 1)
    static let noSuid = Self(rawValue: 2)
    static let noDevices = Self(rawValue: 4)
    static let noExecution = Self(rawValue: 8)
    static let remount = Self(rawValue: 32)
    static let bind = Self(rawValue: 4096)
    static let recursive = Self(rawValue: 16384)
    static let slave = Self(rawValue: 1 << 19)
    static let relativeAccessTimes = Self(rawValue: 1 << 21)
  }

  private let detach: Int32 = 2
  /// O_PATH.
  private let pathOnly: Int32 = 0x20_0000

  // Inside a type with a method of that name, the plain name means the method.
  private func systemMount(
    _ source: String?, _ target: String, _ type: String?, _ flags: UInt, _ options: String?
  ) -> Int32 {
    mount(source ?? "none", target, type, flags, options)
  }
#endif
