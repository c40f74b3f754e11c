import Foundation
import Workbook

/// A repository of one chapter in a temporary folder: a module of two functions, and exercises about them.
final class Fixture {
  let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "workbook-\(UUID().uuidString)")
    try write("chapters/02-sets.md", "# Chapter 2: Sets\n")
    try write("Sources/02-Sets/Sets.swift", Self.source)
    try write("exercises/02-sets/2.1-count.md", Self.rebuild)
    try write("exercises/02-sets/2.2-canary.md", Self.extend)
    try write("exercises/02-sets/2.2-canary.patch", "--- a/x\n+++ b/x\n")
    try write("exercises/02-sets/extensions/Exercise2_2Tests.swift", "import Testing\n")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func write(_ path: String, _ text: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  func text(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  var catalogue: Catalogue { Catalogue(repository: root) }

  static let source = """
    public struct Sets {
      public static func count(_ sets: [String]) -> Int {
        Set(sets).count
      }

      public func first(of sets: [String]) throws -> String? {
        sets.min()
      }
    }

    """

  static let rebuild = """
    ---
    exercise: 2.1
    kind: rebuild
    title: How many
    stars: 2
    minutes: 20
    teaches: counting what differs
    file: Sources/02-Sets/Sets.swift
    function: public static func count(
    otherwise: -1
    tests:
      - SetsTests/twinsCountOnce
      - noneAreNone()
    ---
    # 2.1 How many

    Count the sets.

    Twins count once.

    <details><summary>Hint 1: a question</summary>

    What holds a thing only once?

    </details>

    <details><summary>Hint 2: a pointer</summary>

    Look at `Set`.

    </details>

    <details><summary>Hint 3: almost the answer</summary>

    ```swift
    Set(sets)
    ```

    </details>

    """

  static let extend =
    rebuild
    .replacing("exercise: 2.1\nkind: rebuild", with: "exercise: 2.2\nkind: extend")
    .replacing("# 2.1", with: "# 2.2")
    .replacing(
      "file: Sources/02-Sets/Sets.swift\nfunction: public static func count(\notherwise: -1",
      with: "solution: 2.2-canary.patch")
}
