public import Foundation
public import Workbook

/// Where the texts' links lead. What is outside the repository is collected and not fetched.
public struct Links {
  let root: URL
  let texts: [MarkdownText]
  public private(set) var checked = 0
  public private(set) var external: Set<String> = []

  public init(repository root: URL) throws {
    self.init(root: root, texts: try MarkdownText.all(in: root))
  }

  init(root: URL, texts: [MarkdownText]) {
    self.root = root
    self.texts = texts
  }

  public mutating func check() -> [Problem] {
    var problems: [Problem] = []
    for text in texts {
      for link in text.links {
        if let message = self.problem(with: link, in: text) {
          problems.append(Problem(file: text.path, line: link.line, message: message))
        }
      }
    }
    return problems
  }

  private mutating func problem(with link: MarkdownText.Link, in text: MarkdownText) -> String? {
    if link.isImage, link.words.allSatisfy(\.isWhitespace) {
      return "the picture \(link.target) has no words for those who do not see it: ![what it shows](\(link.target))"
    }
    if link.target.firstMatch(of: /^[a-z]+:/) != nil {
      external.insert(link.target)
      return nil
    }
    checked += 1
    let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let path =
      parts[0].isEmpty ? text.path : Self.resolve(parts[0].removingPercentEncoding ?? parts[0], from: text.path)
    guard let path, FileManager.default.fileExists(atPath: root.appending(path: path).path) else {
      return "leads to \(link.target), which is not there"
    }
    guard parts.count == 2 else { return nil }
    guard let other = texts.first(where: { $0.path == path }) else {
      return "names a place in \(path), which is none of the texts"
    }
    return other.anchors.contains(parts[1]) ? nil : "\(path) has no heading #\(parts[1])"
  }

  /// A path from the root; nil when it leads out of the repository.
  static func resolve(_ target: String, from text: String) -> String? {
    var parts = text.split(separator: "/").dropLast().map(String.init)
    for part in target.split(separator: "/") where part != "." {
      guard part == ".." else {
        parts.append(String(part))
        continue
      }
      if parts.popLast() == nil { return nil }
    }
    return parts.joined(separator: "/")
  }
}

extension MarkdownText {
  struct Link: Hashable {
    var line: Int
    var words: String
    var target: String
    var isImage: Bool
  }

  /// `[words](target)`, `![words](target)`, `<img src="target" alt="words">` and `<https://…>`, outside of code.
  var links: [Link] {
    prose.flatMap { number, line in
      let line = Self.withoutCode(line)
      let inline = line.matches(of: /(!?)\[([^\[\]]*)\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)?)>?[^()]*\)/).map {
        Link(line: number, words: String($0.output.2), target: String($0.output.3), isImage: !$0.output.1.isEmpty)
      }
      let images = line.matches(of: /<img\s[^>]*>/).map { tag in
        func value(_ name: String) -> String {
          let parts = String(tag.output).components(around: "\(name)=\"")
          return parts.count > 1 ? String(parts[1].prefix { $0 != "\"" }) : ""
        }
        return Link(line: number, words: value("alt"), target: value("src"), isImage: true)
      }
      let bare = line.matches(of: /<(https?:[^>\s]+)>/).map {
        Link(line: number, words: "", target: String($0.output.1), isImage: false)
      }
      return inline + images + bare
    }
  }

  /// Code spans are blanked, so that what stands in them is no link.
  static func withoutCode(_ line: String) -> String {
    line.replacing(/`+[^`]*`+/) { String(repeating: "x", count: $0.output.count) }
  }

  /// Headings as GitHub names them in links: small letters, no punctuation, hyphens for blanks; a second one of the same
  /// name gets `-1`.
  var anchors: Set<String> {
    var seen: [String: Int] = [:]
    var anchors: Set<String> = []
    for (_, line) in prose {
      for anchor in line.matches(of: /<[a-z0-9]+\s[^>]*(?:id|name)="([^"]+)"/) {
        anchors.insert(String(anchor.output.1))
      }
      guard let heading = line.wholeMatch(of: /#{1,6}\s+(.*?)\s*#*\s*/) else { continue }
      let words = String(heading.output.1).replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.output.1) }
      let name = words.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        .map { $0 == " " ? "-" : String($0) }.joined()
      let count = seen[name, default: 0]
      seen[name] = count + 1
      anchors.insert(count == 0 ? name : "\(name)-\(count)")
    }
    return anchors
  }
}
