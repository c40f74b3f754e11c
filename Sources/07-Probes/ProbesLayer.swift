public import ControlLoop

extension Layer {
  /// Chapter 7.
  public static let probes = Layer(chapter: 7, name: "Probes") { _ in
  }
}
