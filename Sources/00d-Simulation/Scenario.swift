public import ControlLoop
public import Objects
public import Store

/// What a layer adds to the simulated world. A layer lists these among its contributions.
///
/// What a user of the layer might do at any moment: scale, delete, change an image.
public struct UserAction: Sendable {
  public let name: String
  /// May do nothing, when there is nothing to do it with.
  public let act: @Sendable (_ view: View, _ random: inout SeededGenerator, _ now: Time) -> [Intent]

  public init(
    _ name: String, act: @escaping @Sendable (_ view: View, _ random: inout SeededGenerator, _ now: Time) -> [Intent]
  ) {
    self.name = name
    self.act = act
  }
}

/// Participants of a layer beside the controllers, such as the agents of simulated nodes.
public struct ParticipantSource: Sendable {
  public let make: @Sendable (_ cluster: Cluster, _ store: Store, _ seed: UInt64) -> [any Participant]

  public init(make: @escaping @Sendable (_ cluster: Cluster, _ store: Store, _ seed: UInt64) -> [any Participant]) {
    self.make = make
  }
}
