public import ControlLoop

extension Layer {
  /// Chapter 5.
  public static let configuration = Layer(chapter: 5, name: "Configuration") { _ in
  }
}
