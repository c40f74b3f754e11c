public import ControlLoop

extension Layer {
  /// Chapter 9.
  public static let scheduling = Layer(chapter: 9, name: "Scheduling") { _ in
  }
}
