public import Objects

/// One aspect of an object's state, and since when it holds. Every kind has conditions of a type of its own; the fields
/// that they share are these.
public protocol StatusCondition: Structure {}

extension Array where Element: StatusCondition {
  /// The condition of this type.
  public subscript(type: String) -> Element? {
    first { $0.json["type"]?.string == type }
  }

  /// Whether the condition of this type is there and True.
  public func isTrue(_ type: String) -> Bool { self[type]?.json["status"]?.string == "True" }

  /// Adds the condition or changes it; the time of its transition moves only when its status does.
  /// - Parameter status: "True", "False" or "Unknown".
  public mutating func set(
    _ type: String, _ status: String, reason: String? = nil, message: String? = nil, at now: Time
  ) {
    var condition = self[type] ?? Element(json: ["type": .string(type)])
    if condition.json["status"]?.string != status { condition.json["lastTransitionTime"] = now.asValue }
    condition.json["status"] = .string(status)
    condition.json["reason"] = reason?.asValue
    condition.json["message"] = message?.asValue
    if let index = firstIndex(where: { $0.json["type"]?.string == type }) {
      self[index] = condition
    } else {
      append(condition)
    }
  }
}
