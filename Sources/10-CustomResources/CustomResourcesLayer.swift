public import ControlLoop

extension Layer {
  /// Chapter 10.
  public static let customResources = Layer(chapter: 10, name: "CustomResources") { _ in
  }
}
