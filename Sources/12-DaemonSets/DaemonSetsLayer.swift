public import ControlLoop

extension Layer {
  /// Chapter 12.
  public static let daemonSets = Layer(chapter: 12, name: "DaemonSets") { _ in
  }
}
