/// Something in the workbook's files that is to be mended: where it is, and what to do.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  /// From the repository's root.
  public var file: String
  public var line: Int
  public var message: String

  public init(file: String, line: Int, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  public var description: String { "\(file):\(line): \(message)" }
}
