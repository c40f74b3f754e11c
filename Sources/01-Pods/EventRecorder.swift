public import ControlLoop
public import Objects
public import Store

/// Makes Events of the notes that controllers take.
///
/// Something that happens again is not told again but counted: the event's name is made from what it says, so that the
/// same note finds the same event. Of an object to which much happens 25 things are told, then one every five minutes.
/// Events are told for people: they are never what a controller acts upon.
public struct EventRecorder: Recorder {
  static let mostEvents = 25
  static let pause = Duration.seconds(300)

  public init() {}

  public func intents(for notes: [Note], from source: String, in view: View, at now: Time) -> [Intent] {
    var events: [RecordedEvent] = []
    var places: [String: Int] = [:]
    var room: [String: Int] = [:]
    for note in notes {
      let object = Object(json: note.about)
      let namespace = object.namespace.isEmpty ? "default" : object.namespace
      // Where nothing new can be made, nobody is told.
      guard let home = view.object(Namespace.self, namespace), !home.isBeingDeleted else { continue }
      let name = Self.name(for: note, from: source)
      if let place = places[name] {
        // Said twice at once: written twice, the second would be refused.
        events[place].happened(again: now)
      } else if var known = view.object(RecordedEvent.self, name, in: namespace) {
        known.happened(again: now)
        places[name] = events.count
        events.append(known)
      } else {
        let left = room[object.uid] ?? Self.room(for: object, in: namespace, view, at: now)
        room[object.uid] = left - 1
        guard left > 0 else { continue }
        places[name] = events.count
        events.append(Self.event(name, in: namespace, note, about: object, from: source, at: now))
      }
    }
    return events.map { $0.metadata.resourceVersion == nil ? .create($0.json) : .update($0.json) }
  }

  private static func event(
    _ name: String, in namespace: String, _ note: Note, about object: Object, from source: String, at now: Time
  ) -> RecordedEvent {
    RecordedEvent(name: name, namespace: namespace) {
      $0.involvedObject = ObjectReference(object, fieldPath: note.fieldPath)
      $0.type = note.type.rawValue
      $0.reason = note.reason
      $0.message = note.message
      $0.source.component = source
      $0.source.host = source == "kubelet" ? object.json.at(["spec", "nodeName"])?.string ?? object.name : nil
      $0.reportingComponent = source
      $0.firstTimestamp = now
      $0.lastTimestamp = now
      $0.count = 1
    }
  }

  // "web.17a3f09c21d44e0b": sixteen digits of FNV-1a over everything that makes two notes the same.
  private static func name(for note: Note, from source: String) -> String {
    let object = Object(json: note.about)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in [object.uid, source, note.type.rawValue, note.reason, note.message, note.fieldPath] {
      for byte in part.utf8 + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    let digits = String(hash, radix: 16)
    return prefix(for: object) + String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func prefix(for object: Object) -> String { "\(object.name.prefix(230))." }

  // How many more things may be told about an object. The events' names begin with its own, so they stand side by side;
  // an hour brings 25 of them and then 12.
  private static func room(for object: Object, in namespace: String, _ view: View, at now: Time) -> Int {
    let prefix = prefix(for: object)
    let told = view.snapshot.records(RecordedEvent.kind.groupResource, namespace: namespace, from: prefix)
      .prefix { $0.key.name.hasPrefix(prefix) }
    if told.count < mostEvents { return mostEvents - told.count }
    let newest = told.compactMap { RecordedEvent(json: $0.value).lastSeen }.max() ?? .distantPast
    return newest + pause <= now ? 1 : 0
  }
}

extension RecordedEvent {
  fileprivate mutating func happened(again now: Time) {
    self.count = (self.count ?? 1) + 1
    self.lastTimestamp = now
  }
}

extension ObjectReference {
  /// - Parameter fieldPath: the part that is meant; empty for the whole object.
  init(_ object: Object, fieldPath: String = "") {
    self.init {
      $0.kind = object.kindName
      $0.namespace = object.namespace.isEmpty ? nil : object.namespace
      $0.name = object.name
      $0.uid = object.uid
      $0.apiVersion = object.apiVersion
      $0.resourceVersion = object.metadata.resourceVersion
      $0.fieldPath = fieldPath.isEmpty ? nil : fieldPath
    }
  }
}

/// Deletes events an hour after they last happened.
public struct EventExpiryController: Controller {
  public let name = "event-expiry-controller"

  static let lifetime = Duration.seconds(3_600)

  public init() {}

  public var triggers: [Trigger] { [.on(RecordedEvent.self)] }

  public func reconcile(_ key: Key, in view: View, at now: Time) throws -> Plan {
    guard let event = view[RecordedEvent.self, key],
      let happened = event.lastSeen ?? event.metadata.creationTimestamp
    else { return .nothing }
    var plan = Plan()
    if happened + Self.lifetime <= now {
      plan.delete(event)
    } else {
      plan.wake(at: happened + Self.lifetime)
    }
    return plan
  }
}
