public import SwiftSource

/// Another body for a function of a file.
public struct Change: Sendable, Hashable {
  /// The variant that it belongs to; several changes may make one variant.
  public var variant: Int
  /// The function's place in `SwiftFile.functions`.
  public var function: Int
  /// What stands between its braces instead.
  public var body: String

  public init(variant: Int, function: Int, body: String) {
    self.variant = variant
    self.function = function
    self.body = body
  }
}

/// A source file in which some functions have several bodies, of which one is chosen while the program runs:
///
///     func count(of pods: [Pod]) -> Int {
///       switch ActiveVariant.number(at: 5) {
///       case 17: //variant 17
///         return pods.count + 1
///       default: //variant of 2
///         return pods.count
///       }
///     }
///
/// The bodies stand in the function itself and not in local functions, so that whatever a body may do (initialise,
/// mutate, yield, use a borrowed parameter) it still may.
public struct VariantFile: Sendable {
  public let text: String
  /// Whose each line is; the first element is the first line.
  public let owners: [Owner]

  public enum Owner: Sendable, Hashable {
    case nobody
    case variant(Int)
    /// What stands around the variants of a function: its place among the file's functions.
    case function(Int)
  }

  /// `identifiers` gives each changed function the number under which it reports that it has been reached.
  public init(_ file: SwiftFile, changes: [Change], identifiers: [Int: Int]) {
    var replacements: [(range: Range<Int>, with: String)] = []
    for (index, changes) in Dictionary(grouping: changes, by: \.function) {
      let function = file.functions[index]
      let original = Self.statements(file[function.body], in: function)
      var body = " switch ActiveVariant.number(at: \(identifiers[index] ?? 0)) {"
      for change in changes.sorted(by: { $0.variant < $1.variant }) {
        body += "\ncase \(change.variant): \(Self.mark)\(change.variant)\n\(Self.statements(change.body, in: function))"
      }
      body += "\ndefault: \(Self.mark)of \(index)\n\(original)\n\(Self.end)}"
      replacements.append((function.body, body))
    }
    // What is inlined elsewhere could not see the switch, which is the module's own.
    for token in file.tokens.all where token.kind == .word && file[token.range] == "@inlinable" {
      replacements.append((token.range, ""))
    }
    text = file.replacing(replacements)
    owners = Self.owners(of: text)
  }

  private static let mark = "//variant "
  private static let end = "/*variants' end*/"

  private static func owners(of text: String) -> [Owner] {
    var owner = Owner.nobody
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if let range = line.firstRange(of: mark), line.hasPrefix("case ") {
        owner = Int(line[range.upperBound...]).map { .variant($0) } ?? owner
      } else if let range = line.firstRange(of: "\(mark)of "), line.hasPrefix("default:") {
        owner = Int(line[range.upperBound...]).map { .function($0) } ?? owner
      }
      defer { if line.hasPrefix(end) { owner = .nobody } }
      return owner
    }
  }

  /// A body as it can stand in a case: with `return` where it was left out, and with something in it.
  private static func statements(_ body: String, in function: Function) -> String {
    let part = SwiftFile(body)
    let tokens = part.tokens
    let first = tokens.next(from: 0)
    guard first < tokens.all.count else { return body + "\nbreak" }
    let hasResult = function.result != nil
    guard hasResult, tokens.isSingleExpression(first..<tokens.all.count, hasResult: true) else { return body }
    return part.replacing([(tokens.all[first].range.lowerBound..<tokens.all[first].range.lowerBound, "return ")])
  }

  /// Goes into each module that has such files.
  public static let support = """
    import Foundation

    /// Which of a function's bodies is to run: the one that SWIFTLET_VARIANT names, else the real one. With
    /// SWIFTLET_REACHED, a file, it writes there which functions are called.
    enum ActiveVariant {
      private static let number = Int(ProcessInfo.processInfo.environment["SWIFTLET_VARIANT"] ?? "") ?? 0
      private static let recorder = ProcessInfo.processInfo.environment["SWIFTLET_REACHED"].flatMap(Recorder.init)

      static func number(at place: Int) -> Int {
        if let recorder { recorder.note(place) }
        return number
      }

      private final class Recorder: @unchecked Sendable {
        private let lock = NSLock()
        private let file: FileHandle
        // Read without the lock: whoever reads an old value waits for the lock and looks again.
        private let known = UnsafeMutableBufferPointer<Bool>.allocate(capacity: 100_000)

        init?(_ path: String) {
          guard let file = FileHandle(forWritingAtPath: path) else { return nil }
          self.file = file
          known.initialize(repeating: false)
        }

        func note(_ place: Int) {
          guard !known[place] else { return }
          lock.lock()
          defer { lock.unlock() }
          guard !known[place] else { return }
          known[place] = true
          // Every module has a recorder of its own.
          file.seekToEndOfFile()
          file.write(Data("\\(place)\\n".utf8))
        }
      }
    }

    """
  public static let supportFile = "ActiveVariant.swift"
}
