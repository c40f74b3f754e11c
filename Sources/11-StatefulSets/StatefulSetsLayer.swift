public import ControlLoop

extension Layer {
  /// Chapter 11.
  public static let statefulSets = Layer(chapter: 11, name: "StatefulSets") {
    $0.kinds = [ControllerRevision.kind]
  }
}
