public import Configuration
import Objects
public import Pods

/// What a machine does for storage that outlives pods. An edge carries it out, and a runtime offers it
/// (`ContainerRuntime.service`); where there is none, nothing real is there, and everything counts as done.
///
/// Calls return at once or quickly. Errors are sentences for people.
public protocol DirectoryHost: AnyObject, Sendable {
  /// Makes the directory of a new volume, empty, for everybody to write to. Leaves alone one that is there.
  /// - Parameter capacity: in bytes, for hosts that can keep a directory to it.
  /// - Returns: its absolute path, the same for the same name.
  func makeDirectory(named name: String, capacity: Int64) throws -> String

  /// Gives a volume's directory more room.
  func growDirectory(at path: String, to capacity: Int64) throws

  /// Removes a volume's directory with all that is in it. Throws for a path that `makeDirectory` has not returned; a
  /// directory that has gone already is no error.
  func removeDirectory(at path: String) throws

  /// Looks whether there is at a path what the type says, and makes it if that says so. What comes of it is seen in
  /// `checks(of:)`, and the runtime's `onChange` is called for the pod.
  func check(_ path: String, is type: HostPathType, as volume: String, of pod: PodIdentity)

  /// What the checks have found, by the volumes' names: ready, or why not.
  func checks(of pod: PodIdentity) -> [String: VolumeState]

  func forgetChecks(of pod: PodIdentity)
}

/// What can be at a path. Others, pipes for example, count as files.
public enum FileKind: String, Sendable, CaseIterable {
  case directory = "directory"
  case file = "file"
  case socket = "socket file"
  case charDevice = "character device"
  case blockDevice = "block device"
}

extension HostPathType {
  /// What is to be made where nothing is: a directory or an empty file; nil for nothing.
  public var made: FileKind? {
    switch self {
    case .unset, .directoryOrCreate: .directory
    case .fileOrCreate: .file
    case .directory, .file, .socket, .charDevice, .blockDevice: nil
    }
  }

  /// What is wrong with what there is at a path; nil when it is what the type says.
  /// - Parameter found: nil for nothing.
  public func problem(with found: FileKind?, at path: String) -> String? {
    guard let wanted, found != wanted else { return nil }
    return "hostPath type check failed: \(path) is not a \(wanted.rawValue)"
  }

  private var wanted: FileKind? {
    switch self {
    case .unset: nil
    case .directory, .directoryOrCreate: .directory
    case .file, .fileOrCreate: .file
    case .socket: .socket
    case .charDevice: .charDevice
    case .blockDevice: .blockDevice
    }
  }
}
