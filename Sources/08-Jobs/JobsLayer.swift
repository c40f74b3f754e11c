public import ControlLoop

extension Layer {
  /// Chapter 8.
  public static let jobs = Layer(chapter: 8, name: "Jobs") { _ in
  }
}
