import Foundation
import Objects
import Pods

extension NodeDescription {
  /// A node that runs containers as processes of this machine.
  static func thisMachine(named name: String) -> NodeDescription {
    var system = utsname()
    uname(&system)
    let information = ProcessInfo.processInfo
    var node = NodeDescription(
      name: name, addresses: ["127.0.0.1"], cpu: Quantity(Int64(information.processorCount)),
      memory: Quantity(Int64(information.physicalMemory)))
    node.operatingSystem = text(&system.sysname).lowercased()
    node.architecture = ["x86_64": "amd64", "aarch64": "arm64"][text(&system.machine)] ?? text(&system.machine)
    node.kernelVersion = text(&system.release)
    node.osImage = information.operatingSystemVersionString
    node.kubeletVersion = Version.kubernetes
    return node
  }

  // A C array of characters, up to its zero.
  private static func text<T>(_ field: inout T) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
