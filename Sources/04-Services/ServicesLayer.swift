public import ControlLoop

extension Layer {
  /// Chapter 4.
  public static let services = Layer(chapter: 4, name: "Services") {
    $0.kinds = [Service.kind, Endpoints.kind, EndpointSlice.kind]
    $0.addIngress()
  }
}
