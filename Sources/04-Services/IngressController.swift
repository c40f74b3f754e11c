public import ControlLoop
public import Objects
import Simulation
public import Store

/// Says in the status of an ingress where its requests may be sent to, if its class is one that this cluster serves.
///
/// Specified by the Kubernetes API reference (Ingress v1 networking.k8s.io).
public struct IngressController: Controller {
  public let name = "ingress-controller"
  private let address: String

  /// How an ``IngressClass`` names this controller.
  public static let identifier = "swiftlet.dev/ingress"

  /// - Parameter address: where requests are taken.
  public init(address: String = "127.0.0.1") { self.address = address }

  public var triggers: [Trigger] {
    [
      .on(Ingress.self),
      .on(IngressClass.self) { ingressClass, view in
        view.all(Ingress.self).filter { $0.className == ingressClass.name }.map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard var ingress = view[Ingress.self, key], !ingress.isBeingDeleted, ingress.isServed(in: view) else {
      return .nothing
    }
    let addresses = [IngressLoadBalancerIngress { $0.ip = address }]
    guard ingress.status.loadBalancer.ingress != addresses else { return .nothing }
    var plan = Plan()
    ingress.status.loadBalancer.ingress = addresses
    plan.updateStatus(ingress)
    plan.record("Sync", "Scheduled for sync", about: ingress)
    return plan
  }
}

extension Ingress {
  /// Whether its class belongs to this cluster's own controller.
  func isServed(in view: View) -> Bool {
    let ingressClass = className.flatMap { view.object(IngressClass.self, $0) }
    return ingressClass?.spec.controller == IngressController.identifier
  }
}

// MARK: What it adds to the layer

extension Layer {
  mutating func addIngress() {
    kinds += [Ingress.kind, IngressClass.kind]
    admission += [IngressClass.admission]
    controllers += [IngressController()]
    invariants += [.ingressesHaveAddresses]
    contributions += UserAction.ingresses as [any Sendable]
    initialObjects += [
      IngressClass(name: "swiftlet") {
        $0.metadata.annotations = [IngressClass.defaultAnnotation: "true"]
        $0.spec.controller = IngressController.identifier
      }.json
    ]
  }
}

extension Invariant {
  static let ingressesHaveAddresses = Invariant.eventually(
    "an ingress that is served says where", within: .seconds(60)
  ) { view, _ in
    view.all(Ingress.self).first {
      $0.isServed(in: view) && !$0.isBeingDeleted && $0.status.loadBalancer.ingress.isEmpty
    }.map { "\($0.name) has no address" }
  }
}

extension UserAction {
  static let ingresses = [
    UserAction("create an ingress") { _, random, _ in
      let backend = IngressBackend {
        $0.service = IngressServiceBackend {
          $0.name = "web"
          $0.port.number = 80
        }
      }
      let ingress = Ingress(name: "ingress-\(Int.random(in: 0..<3, using: &random))", namespace: "default") {
        $0.spec.defaultBackend = backend
        if Bool.random(using: &random) { $0.spec.ingressClassName = Bool.random(using: &random) ? "swiftlet" : "other" }
      }
      return [.create(ingress.json)]
    },
    UserAction("change an ingress's class, or delete it") { view, random, _ in
      guard var ingress = view.all(Ingress.self).randomElement(using: &random) else { return [] }
      if Bool.random(using: &random) { return [.delete(ingress.key, DeleteOptions())] }
      ingress.spec.ingressClassName = ingress.spec.ingressClassName == "other" ? "swiftlet" : "other"
      return [.update(ingress.json)]
    },
  ]
}
