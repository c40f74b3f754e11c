public import Store

/// Where tests and the simulator may interfere with a driver. In the real cluster nothing does.
public protocol FaultInjector: AnyObject {
  /// The snapshot that a controller is shown instead of the latest one. May be older, never newer.
  func snapshot(latest: Snapshot) -> Snapshot

  /// How often a change is told: 0 drops it, 2 doubles it.
  func deliveries(of event: Event) -> Int

  /// Whether the process ends before this write.
  func crashes(before write: Write) -> Bool
}
