import ControlLoop
import Objects
import Pods

/// Files that a volume gets from one place.
enum Projection {
  case keys(Source, [KeyToPath])
  case fields([DownwardAPIVolumeFile])

  var source: Source? {
    if case .keys(let source, _) = self { source } else { nil }
  }
}

extension Volume {
  /// Nil for a volume of another chapter.
  var projections: [Projection]? {
    if let map = self.configMap { return [.keys(Source(.configMap, map.name, optional: map.optional), map.items)] }
    if let secret = self.secret {
      return [.keys(Source(.secret, secret.secretName, optional: secret.optional), secret.items)]
    }
    if let downward = self.downwardAPI { return [.fields(downward.items)] }
    return self.projected?.sources.compactMap(\.projection)
  }

  fileprivate var defaultMode: Int {
    self.configMap?.defaultMode ?? self.secret?.defaultMode ?? self.downwardAPI?.defaultMode
      ?? self.projected?.defaultMode ?? 0o644
  }
}

extension VolumeProjection {
  fileprivate var projection: Projection? {
    self.configMap.map { .keys(Source(.configMap, $0.name, optional: $0.optional), $0.items) }
      ?? self.secret.map { .keys(Source(.secret, $0.name, optional: $0.optional), $0.items) }
      ?? self.downwardAPI.map { .fields($0.items) }
  }
}

/// What is to be in a volume.
struct VolumeContent {
  struct File {
    var mode: Int
    var piece: Content.Piece
  }

  private(set) var files: [String: File] = [:]
  private var origins: [String] = []
  private let defaultMode: Int

  /// What it was made from: "configmap/colors:1042". The same version is the same content.
  var version: String { origins.joined(separator: " ") }

  /// Nil for a volume of another chapter.
  /// - Throws: everything that is missing, in one sentence.
  init?(of volume: Volume, _ facts: PodFacts, in view: View) throws(Unresolved) {
    guard let projections = volume.projections else { return nil }
    defaultMode = volume.defaultMode
    var missing: [String] = []
    for projection in projections {
      do throws(Unresolved) {
        switch projection {
        case .keys(let source, let items): try add(items, of: source, facts, in: view)
        case .fields(let items): try add(items, facts)
        }
      } catch {
        missing.append(error.message)
      }
    }
    guard let first = missing.first else { return }
    throw Unresolved(missing.count == 1 ? first : "[\(missing.joined(separator: ", "))]")
  }

  private mutating func add(
    _ items: [KeyToPath], of source: Source, _ facts: PodFacts, in view: View
  ) throws(Unresolved) {
    let content = try source.content(in: view, facts.pod.namespace)
    origins.append("\(source.indexValue):\(content?.version ?? "none")")
    guard let content else { return }
    if items.isEmpty {
      for (key, piece) in content.pieces { files[key] = File(mode: defaultMode, piece: piece) }
    }
    for item in items {
      if let piece = content[item.key ?? ""] {
        files[item.path ?? ""] = File(mode: item.mode ?? defaultMode, piece: piece)
      } else if !source.isOptional {
        let kind = source.kind == .configMap ? "config" : "secret"
        throw Unresolved("references non-existent \(kind) key: \(item.key ?? "")")
      }
    }
  }

  private mutating func add(_ items: [DownwardAPIVolumeFile], _ facts: PodFacts) throws(Unresolved) {
    // Swift's own hash differs from process to process, and agents restart.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for item in items {
      let text =
        try item.resourceFieldRef.map { resource throws(Unresolved) in try facts.amount(of: resource) }
        ?? facts.text(of: item.fieldRef)
      files[item.path ?? ""] = File(mode: item.mode ?? defaultMode, piece: .text(text))
      for byte in text.utf8 + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    origins.append("pod:\(String(hash, radix: 16))")
  }
}

// MARK: - On the way to the host

extension VolumeContent {
  /// The stage's request for these files.
  func request(for volume: String) -> Value {
    let files = files.sorted { $0.key < $1.key }.map { path, file -> Value in
      var value: Value = ["path": .string(path), "mode": .integer(Int64(file.mode))]
      switch file.piece {
      case .text(let text): value["text"] = .string(text)
      case .base64(let text): value["base64"] = text.asValue
      }
      return value
    }
    return ["volume": .string(volume), "version": .string(version), "files": .array(files)]
  }
}

extension VolumeFile {
  init?(_ value: Value) {
    guard let path = value["path"]?.string else { return nil }
    let bytes = value["text"]?.string.map { Array($0.utf8) } ?? value["base64"].flatMap(Base64Text.init)?.bytes ?? []
    self.init(path: path, bytes: bytes, mode: value["mode"].flatMap { Int($0) } ?? 0o644)
  }
}
