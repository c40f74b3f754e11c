import Objects
public import Pods

/// Where the volumes of a node's pods lie. An edge carries it out, a runtime offers it (`ContainerRuntime.service`).
///
/// Calls return at once or quickly. What comes of them is seen in `volumes(of:)` and `usage(of:)`; whenever these
/// would answer differently, the runtime's `onChange` is called for the pod. A pod that has volumes is among the runtime's
/// `pods()`, even when nothing else of it is there: so nothing is left behind when its object goes.
public protocol VolumeHost: AnyObject, Sendable {
  /// The volume's directory on the host: absolute, and the same for the pod's whole life. Needs not exist yet.
  func path(of volume: String, in pod: PodIdentity) -> String

  /// What has become of the pod's volumes, by their names. Cheap: asked before every look at the pod. After a restart,
  /// volumes on disk are still there, perhaps with an empty version.
  func volumes(of pod: PodIdentity) -> [String: VolumeState]

  /// Makes these files the volume's content, in one step: a reader sees all of them or all of the last version.
  /// (Kubernetes: a directory with a time stamp, and a symbolic link `..data` to it that is replaced by renaming.)
  /// When the files are what they should be, nothing on disk changes and the version is taken over. A call that is
  /// repeated while it is being carried out does nothing.
  /// - Parameters:
  ///   - files: sorted by path.
  ///   - version: what the volume is called once it is so.
  func layOut(_ files: [VolumeFile], version: String, as volume: String, in pod: PodIdentity)

  /// Makes an empty directory that everybody may write to. Does nothing when it is there.
  /// - Parameter sizeLimit: in bytes; enforced where the host can.
  func makeDirectory(_ volume: String, inMemory: Bool, sizeLimit: Int64?, in pod: PodIdentity)

  /// Counts what a volume takes of its disk, blocks as `du` counts them. What comes of it is seen in `usage(of:)`. A call
  /// that is repeated while it is being carried out does nothing.
  func measure(_ volume: String, in pod: PodIdentity)

  /// What was counted last, in bytes, by the volumes' names; nothing for those that have not been measured. Cheap.
  func usage(of pod: PodIdentity) -> [String: Int64]

  /// Removes all volumes of the pod with their content.
  func removeVolumes(of pod: PodIdentity)
}

public enum VolumeState: Sendable, Hashable {
  /// Can be mounted. The version is that of `layOut`; empty for a plain directory.
  case ready(version: String)
  /// The last attempt came to nothing; what was there before still is. A sentence for people; no contents.
  case failed(String)
}

/// A file of a volume.
public struct VolumeFile: Sendable, Hashable {
  /// Below the volume's directory: "tls.crt", "conf.d/site". Without "..".
  public var path: String
  public var bytes: [UInt8]
  /// Permission bits.
  public var mode: Int

  public init(path: String, bytes: [UInt8], mode: Int) {
    self.path = path
    self.bytes = bytes
    self.mode = mode
  }
}

/// A directory or file of the host that appears in a container. (Names as in the container runtime interface.)
public struct Mount: Sendable, Hashable {
  public var containerPath: String
  public var hostPath: String
  /// `hostPath` is this or lies below it, and may not leave it through symbolic links. What is missing between the two
  /// is made as directories. Links are followed once, when the container starts.
  public var volumePath: String
  public var readOnly: Bool

  public init(containerPath: String, hostPath: String, volumePath: String, readOnly: Bool = false) {
    self.containerPath = containerPath
    self.hostPath = hostPath
    self.volumePath = volumePath
    self.readOnly = readOnly
  }
}

extension Mount {
  init?(_ value: Value) {
    guard let containerPath = value["containerPath"]?.string, let hostPath = value["hostPath"]?.string else {
      return nil
    }
    self.init(
      containerPath: containerPath, hostPath: hostPath, volumePath: value["volumePath"]?.string ?? hostPath,
      readOnly: value["readOnly"]?.bool ?? false)
  }

  var asValue: Value {
    [
      "containerPath": .string(containerPath), "hostPath": .string(hostPath), "volumePath": .string(volumePath),
      "readOnly": .bool(readOnly),
    ]
  }
}

extension ContainerConfiguration {
  /// What appears in the container's file system, outer directories before those inside them.
  public var mounts: [Mount] {
    get { extensions["mounts"]?.array?.compactMap(Mount.init) ?? [] }
    set {
      let sorted = newValue.sorted { $0.containerPath < $1.containerPath }
      extensions["mounts"] = .array(sorted.map(\.asValue))
    }
  }
}
