// A directory whose content changes in one step, in the way of Kubernetes, which programs that watch their configuration
// rely on:
//
//     ..2026_11_21_10_30_07.517293846/tls.crt     the files of this version
//     ..data -> ..2026_11_21_10_30_07.517293846   which version is the current one
//     tls.crt -> ..data/tls.crt                   what the program opens
//
// A new version is written beside the old one, `..data` is replaced by renaming, and only then the old one goes. Whoever
// dies in between leaves a directory too many, which the next change takes away.

import Configuration

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

struct VersionedDirectory {
  let path: String

  private var data: String { path + "/..data" }

  /// Throws, and leaves the old content as it is, when the new one cannot be written.
  func replaceContent(with files: [VolumeFile]) throws(FileError) {
    for file in files { try check(file.path) }
    let current = Tree.link(data)
    if let current, holds(current, files) { return tidy(files, keeping: current) }
    let version = try write(files)
    do throws(FileError) {
      try Tree.replaceLink(data, to: version)
      for name in names(of: files) where Tree.link("\(path)/\(name)") != "..data/\(name)" {
        try Tree.replaceLink("\(path)/\(name)", to: "..data/\(name)")
      }
    } catch {
      if Tree.link(data) != version { Tree.remove("\(path)/\(version)") }
      throw error
    }
    tidy(files, keeping: version)
  }

  private func check(_ file: String) throws(FileError) {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { ["", ".", ".."].contains($0) }), !file.hasPrefix(".."), !file.utf8.contains(0) else {
      throw FileError("\"\(file)\" is not a path below a volume")
    }
  }

  private func names(of files: [VolumeFile]) -> Set<Substring> { Set(files.map { $0.path.prefix { $0 != "/" } }) }

  private func holds(_ version: String, _ files: [VolumeFile]) -> Bool {
    let directory = "\(path)/\(version)"
    return Tree.files(below: directory) == files.map(\.path).sorted()
      && files.allSatisfy { file in
        let place = "\(directory)/\(file.path)"
        return Tree.mode(place) == file.mode & 0o777 && Tree.read(place) == file.bytes
      }
      && names(of: files).allSatisfy { Tree.link("\(path)/\($0)") == "..data/\($0)" }
  }

  /// Answers with the name of the new version's directory.
  private func write(_ files: [VolumeFile]) throws(FileError) -> String {
    let version = Self.newName()
    let directory = "\(path)/\(version)"
    do throws(FileError) {
      try Tree.makeDirectory(directory, mode: 0o755)
      for file in files {
        let place = "\(directory)/\(file.path)"
        if let slash = file.path.lastIndex(of: "/") {
          try Tree.makeDirectory("\(directory)/\(file.path[..<slash])", mode: 0o755)
        }
        try Tree.write(file.bytes, to: place, mode: mode_t(file.mode & 0o777))
      }
    } catch {
      Tree.remove(directory)
      throw error
    }
    return version
  }

  private func tidy(_ files: [VolumeFile], keeping version: String) {
    let names = names(of: files)
    for entry in Tree.list(path) where entry != "..data" && entry != version && !names.contains(entry[...]) {
      Tree.remove("\(path)/\(entry)")
    }
  }

  private static func newName() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
    let fields = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map(two)
    let suffix = String(Int.random(in: 100_000_000...999_999_999))
    return "..\(parts.tm_year + 1900)_\(fields.joined(separator: "_")).\(suffix)"
  }
}
