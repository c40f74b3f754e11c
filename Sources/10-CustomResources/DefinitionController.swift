public import ControlLoop
public import Objects
import Pods
public import Store

/// Decides which names a definition may have, and lets its kind be served when it has got all.
///
/// Within a group a name belongs to one definition. Whoever has got it keeps it, even if somebody older asks for it
/// later.
public struct DefinitionController: Controller {
  public let name = "crd-naming-controller"

  public init() {}

  public var triggers: [Trigger] { [.on(CustomResourceDefinition.self, keys: affected)] }

  // A definition that changes or goes may free a name for which others of its group wait.
  private func affected(by definition: CustomResourceDefinition, in view: View) -> [Key] {
    let waiting = view.definitions(beside: definition).filter { !$0.status.conditions.isTrue("NamesAccepted") }
    return [definition.key] + waiting.map(\.key)
  }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let definition = view[CustomResourceDefinition.self, key], !definition.isBeingDeleted else { return .nothing }
    let named = definition.naming(among: UsedNames(beside: definition, in: view), at: now)
    var plan = Plan()
    if named != definition { plan.updateStatus(named) }
    return plan
  }
}

/// The names in a group that are not to be had any more.
private struct UsedNames {
  var resources: Set<String> = []
  var kinds: Set<String> = []

  init(beside definition: CustomResourceDefinition, in view: View) {
    for other in view.definitions(beside: definition) {
      resources.formUnion(other.status.acceptedNames.resources)
      kinds.formUnion(other.status.acceptedNames.kinds)
    }
    for kind in view.scheme.kinds where kind.schema == nil && kind.group == definition.spec.group {
      resources.formUnion([kind.resource, kind.singular] + kind.shortNames)
      kinds.formUnion([kind.name, kind.listName])
    }
  }
}

extension View {
  /// The others of its group.
  fileprivate func definitions(beside definition: CustomResourceDefinition) -> [CustomResourceDefinition] {
    all(CustomResourceDefinition.self, where: Index.definitionGroup.name, is: definition.spec.group ?? "")
      .filter { $0.name != definition.name }
  }
}

extension DefinitionNames {
  fileprivate var resources: [String] {
    [self.plural ?? "", self.singular ?? ""].filter { !$0.isEmpty } + self.shortNames
  }
  fileprivate var kinds: [String] { [self.kind ?? "", self.listKind ?? ""].filter { !$0.isEmpty } }
}

extension CustomResourceDefinition {
  /// The definition with the names that it gets, and conditions that say so.
  fileprivate func naming(among used: UsedNames, at now: Time) -> CustomResourceDefinition {
    var definition = self
    var accepted = self.status.acceptedNames
    var refusal: (reason: String, message: String)?
    func isFree(_ name: String, _ held: String?, _ used: Set<String>, _ reason: String) -> Bool {
      if name == held || !used.contains(name) { return true }
      refusal = (reason, "\"\(name)\" is already in use")
      return false
    }
    let wanted = self.spec.names
    if isFree(wanted.plural ?? "", accepted.plural, used.resources, "PluralConflict") {
      accepted.plural = wanted.plural
    }
    if isFree(wanted.singular ?? "", accepted.singular, used.resources, "SingularConflict") {
      accepted.singular = wanted.singular
    }
    let taken = wanted.shortNames.filter { !accepted.shortNames.contains($0) && used.resources.contains($0) }
    if taken.isEmpty {
      accepted.shortNames = wanted.shortNames
    } else {
      let sentences = taken.map { "\"\($0)\" is already in use" }
      refusal = ("ShortNamesConflict", taken.count == 1 ? sentences[0] : "[\(sentences.joined(separator: ", "))]")
    }
    if isFree(wanted.kind ?? "", accepted.kind, used.kinds, "KindConflict") { accepted.kind = wanted.kind }
    if isFree(wanted.listKind ?? "", accepted.listKind, used.kinds, "ListKindConflict") {
      accepted.listKind = wanted.listKind
    }
    accepted.categories = wanted.categories
    definition.status.acceptedNames = accepted
    definition.report(refusal, at: now)
    return definition
  }

  private mutating func report(_ refusal: (reason: String, message: String)?, at now: Time) {
    if let refusal {
      self.status.conditions.set("NamesAccepted", "False", reason: refusal.reason, message: refusal.message, at: now)
      guard !isEstablished else { return }
      let message = "not all names are accepted"
      self.status.conditions.set("Established", "False", reason: "NotAccepted", message: message, at: now)
      return
    }
    let message = "no conflicts found"
    self.status.conditions.set("NamesAccepted", "True", reason: "NoConflicts", message: message, at: now)
    guard !isEstablished else { return }
    self.status.conditions.set(
      "Established", "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted", at: now)
  }
}

extension Index {
  /// Definitions by their group: of a thousand, few are neighbours.
  static let definitionGroup = Index(
    name: "definitionGroup", resource: CustomResourceDefinition.kind.groupResource
  ) { value in
    [CustomResourceDefinition(json: value).spec.group ?? ""]
  }

  /// No two definitions of a group have a name in common, even if two controllers hand it out at the same time: the
  /// store takes the first.
  static let acceptedNames = Index(
    name: "acceptedNames", resource: CustomResourceDefinition.kind.groupResource, isUnique: true
  ) { value in
    let definition = CustomResourceDefinition(json: value)
    let group = definition.spec.group ?? ""
    let names = definition.status.acceptedNames
    return names.resources.map { "\(group) resource \($0)" } + names.kinds.map { "\(group) kind \($0)" }
  }
}
