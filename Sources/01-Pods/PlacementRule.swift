public import ControlLoop

/// What a later chapter knows of places that the scheduler does not: storage that only some nodes reach, for example.
///
/// The chapter's layer replaces the scheduler by one that has the rule. Without rules every place is as good as another.
public protocol PlacementRule: Sendable {
  /// Which changes, beside those of pods and nodes, may let a waiting pod go. Their key is the scheduler's.
  var triggers: [Trigger] { get }

  /// Why the pod can go nowhere yet; nil when it may go somewhere.
  func obstacle(to pod: Pod, in view: View) -> String?

  /// Why it cannot go to this node: "node(s) were not ready"; nil when it can.
  func obstacle(to pod: Pod, on node: Node, in view: View) -> String?

  /// What must be done before the pod goes to this node; nil when nothing is left to do. Until then the pod keeps its
  /// place and waits, and the rule's triggers say when to ask again.
  func preparation(of pod: Pod, for node: Node, in view: View) -> Plan?
}
