import ControlLoop
import Objects
import Store
import Synchronization

// A watch sends the changes of the objects that it selects, as they happen. Specified by the Kubernetes
// documentation, "API concepts" ("Efficient detection of changes", "Watch bookmarks", "Streaming lists").

extension APIServer {
  func watch(_ call: Call) throws(StatusError) -> Response {
    let options = try WatchOptions(call.request)
    let selection = try Selection(call, indexes: cluster.indexes)
    let presentation = Presentation(of: call.target.kind, as: try Form(call.request))
    let snapshot = store.snapshot
    let version = options.version ?? 0
    let sendsState = options.sendsInitialEvents ?? (version == 0)
    if sendsState, version > snapshot.revision { throw .notYet(version, current: snapshot.revision) }
    let start = sendsState || version == 0 ? snapshot.revision : version
    let watcher: Watcher
    do {
      let namespace = call.target.namespace.isEmpty ? nil : call.target.namespace
      watcher = try store.watch(call.target.kind.groupResource, namespace: namespace, after: start)
    } catch {
      // Once a watch is permitted and understood, what goes wrong is told in its stream, as what happens later is.
      let last = WatchStream.line("ERROR", StatusError.expired(error, start).status.encoded())
      return Response(status: 200, headers: Self.watchHeaders, body: .pieces([last]))
    }
    let now = surroundings.now()
    let seconds = options.timeoutSeconds ?? random.withLock { Int64.random(in: 1_800..<3_600, using: &$0) }
    let stream = WatchStream(
      of: self, selection, presentation, watcher,
      initial: sendsState ? selection.page(in: snapshot).records : [],
      bookmarks: options.allowsBookmarks
        ? (afterInitial: options.sendsInitialEvents == true, first: now + WatchStream.bookmarkPeriod) : nil,
      end: now + .seconds(seconds))
    stream.setAlarm(at: now)
    return Response(status: 200, headers: Self.watchHeaders, body: .stream(stream))
  }

  private static let watchHeaders = [Response.uncached, Response.json]
}

extension StatusError {
  fileprivate static func expired(_ error: StoreError, _ version: Revision) -> StatusError {
    if case .expired(let oldest) = error { return .tooOld(version, oldest: oldest) }
    return StatusError("InternalError", code: 500, "Internal error occurred: \(error)")
  }
}

/// The events of one watch, as lines of JSON.
final class WatchStream: ByteStream {
  static let bookmarkPeriod = Duration.seconds(60)
  private static let retryPeriod = Duration.seconds(1)
  /// Between two writes of a watch to which much happens: what comes meanwhile leaves together, as one. The first
  /// change after a quiet time does not wait.
  private static let pause = Duration.milliseconds(10)
  /// Initial events are sent in pieces of about this size.
  private static let pieceBytes = 64 << 10

  private let server: APIServer
  private let selection: Selection
  private let presentation: Presentation
  private let watcher: Watcher
  private let end: Time

  /// One task reads from the stream, so nobody ever waits for this lock.
  private let state: Mutex<State>

  private struct State {
    /// What exists when the watch begins and has not been sent yet.
    var initial: ArraySlice<Record>
    /// Whether the client waits to be told that the initial events are complete.
    var owesInitialBookmark: Bool
    var nextBookmark: Time?
    var hasSentFirst = false
    /// When changes were sent last.
    var lastSent = Time.distantPast
    var isOver = false
  }

  private enum Step {
    case send([UInt8])
    case wait
    case finish
  }

  init(
    of server: APIServer, _ selection: Selection, _ presentation: Presentation, _ watcher: Watcher,
    initial: [Record], bookmarks: (afterInitial: Bool, first: Time)?, end: Time
  ) {
    self.server = server
    self.selection = selection
    self.presentation = presentation
    self.watcher = watcher
    self.end = end
    state = Mutex(
      State(
        initial: initial[...], owesInitialBookmark: bookmarks?.afterInitial ?? false, nextBookmark: bookmarks?.first))
    server.metrics.countWatch(of: presentation.kind.groupResource, by: 1)
  }

  deinit { server.metrics.countWatch(of: presentation.kind.groupResource, by: -1) }

  func next() async throws -> [UInt8]? {
    while !Task.isCancelled {
      let now = server.surroundings.now()
      switch state.withLock({ step(&$0, at: now) }) {
      case .send(let bytes): return bytes
      case .wait:
        await watcher.wait()
        await restIfBusy()
      case .finish: return nil
      }
    }
    return nil
  }

  private func restIfBusy() async {
    let (now, last) = (server.surroundings.now(), state.withLock { $0.lastSent })
    guard last <= now, now < last + Self.pause else { return }
    await server.rests.take(until: last + Self.pause, server.surroundings.timers)
  }

  private func step(_ state: inout State, at now: Time) -> Step {
    if state.isOver { return .finish }
    if !state.initial.isEmpty { return .send(initialEvents(&state, at: now)) }
    if state.owesInitialBookmark {
      state.owesInitialBookmark = false
      return .send(bookmark(&state, endsInitialEvents: true, at: now))
    }
    do {
      let bytes = try changes(&state, at: now)
      if !bytes.isEmpty {
        state.lastSent = now
        return .send(bytes)
      }
    } catch {
      state.isOver = true
      return .send(Self.line("ERROR", StatusError.expired(error, watcher.revision).status.encoded()))
    }
    if now >= end { state.isOver = true }
    if let due = state.nextBookmark, now >= due || state.isOver {
      state.nextBookmark = now + Self.bookmarkPeriod
      return .send(bookmark(&state, endsInitialEvents: false, at: now))
    }
    return state.isOver ? .finish : .wait
  }
}

// MARK: What is sent

extension WatchStream {
  private func initialEvents(_ state: inout State, at now: Time) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < Self.pieceBytes, let record = state.initial.popFirst() {
      bytes += line("ADDED", record, &state, at: now)
    }
    // An empty slice would keep all of these versions for as long as the watch lasts.
    if state.initial.isEmpty { state.initial = [] }
    return bytes
  }

  /// The next changes that the client is to see; empty when there is none.
  private func changes(_ state: inout State, at now: Time) throws(StoreError) -> [UInt8] {
    while true {
      let events = try watcher.next(max: 256)
      if events.isEmpty { return [] }
      var bytes: [UInt8] = []
      for event in events {
        guard let (type, record) = change(event) else { continue }
        let line =
          presentation.isTimeless
          ? server.frames.line(type, record, presentation) : line(type, record, &state, at: now)
        // A single event is the rule; its bytes are shared by all watchers, not copied.
        if bytes.isEmpty { bytes = line } else { bytes += line }
      }
      if !bytes.isEmpty { return bytes }
    }
  }

  /// What a change is to somebody who sees only the selected objects: one that begins to match is added, one that
  /// no longer does is deleted.
  private func change(_ event: Event) -> (type: String, record: Record)? {
    let matches = event.type != .deleted && selection.matches(event.record)
    let matched = event.previous.map(selection.matches) ?? false
    switch (matched, matches) {
    case (false, true): return ("ADDED", event.record)
    case (true, true): return ("MODIFIED", event.record)
    case (true, false) where event.type == .deleted: return ("DELETED", event.record)
    case (true, false):
      // The client gets what it last saw, at the revision of the change.
      return event.previous.map {
        ("DELETED", Record(key: $0.key, value: $0.value, revision: event.record.revision))
      }
    case (false, false): return nil
    }
  }

  private func line(_ type: String, _ record: Record, _ state: inout State, at now: Time) -> [UInt8] {
    defer { state.hasSentFirst = true }
    return Self.line(
      type, presentation.object(record.value, record.bytes, isFirst: !state.hasSentFirst, at: now))
  }

  /// Tells the client up to which revision it knows everything.
  private func bookmark(_ state: inout State, endsInitialEvents: Bool, at now: Time) -> [UInt8] {
    let kind = presentation.kind
    var object = Object(json: ["kind": .string(kind.name), "apiVersion": .string(kind.apiVersion)])
    object.metadata.resourceVersion = String(watcher.revision)
    if endsInitialEvents { object.metadata.annotations["k8s.io/initial-events-end"] = "true" }
    defer { state.hasSentFirst = true }
    return Self.line(
      "BOOKMARK",
      presentation.object(object.json, object.json.encoded(), isFirst: !state.hasSentFirst, at: now))
  }

  static func line(_ type: String, _ object: [UInt8]) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(object.count + 40)
    line += "{\"type\":\"\(type)\",\"object\":".utf8
    line += object
    line += "}\n".utf8
    return line
  }
}

// MARK: Time

extension WatchStream {
  /// Wakes the stream when a bookmark is due or its time is over, as long as somebody holds it.
  func setAlarm(at now: Time) {
    let due = state.withLock { min($0.nextBookmark ?? end, end) }
    // A bell that rings just before the stream falls asleep is not heard; so it rings again.
    server.surroundings.timers.call(at: max(due, now + Self.retryPeriod)) { [weak self] in
      guard let self else { return }
      watcher.cancel()
      setAlarm(at: server.surroundings.now())
    }
  }
}
