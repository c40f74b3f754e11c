public import ControlLoop

extension Layer {
  /// Chapter 6.
  public static let volumes = Layer(chapter: 6, name: "Volumes") { _ in
  }
}
