import Foundation

/// `workbook pictures`: draws each demo's timeline into `chapters/images`, or says which drawing is no longer what a
/// run looks like.
public enum PicturesCommand {
  static let folder = "chapters/images"

  public static func run(_ arguments: [String], as command: String) -> Int32 {
    guard arguments.allSatisfy({ $0 == "--update" }) else {
      complain("\(command) takes no argument but --update, which draws anew what is out of date")
      return 64
    }
    do {
      return try run(updating: !arguments.isEmpty)
    } catch {
      complain("\(command): \(error)")
      return 1
    }
  }

  private static func run(updating: Bool) throws -> Int32 {
    var stale: [String] = []
    for demo in Demo.all {
      let path = "\(folder)/demo-\(demo.chapter).svg"
      let drawing = Drawing(try demo.run(.silent)).svg
      if (try? String(contentsOfFile: path, encoding: .utf8)) == drawing { continue }
      stale.append(path)
      if updating { try drawing.write(toFile: path, atomically: true, encoding: .utf8) }
    }
    switch (stale.isEmpty, updating) {
    case (true, _): print("\(Demo.all.count) pictures are what their demos look like")
    case (false, true): print("drawn anew: \(stale.joined(separator: ", "))")
    case (false, false):
      complain("out of date: \(stale.joined(separator: ", "))\nmake pictures UPDATE=1 draws them anew")
      return 1
    }
    return 0
  }

  private static func complain(_ words: String) {
    FileHandle.standardError.write(Data((words + "\n").utf8))
  }
}
