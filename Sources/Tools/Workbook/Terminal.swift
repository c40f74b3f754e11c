import Foundation

/// Where a command writes, and how much the reader's eyes can take.
public struct Terminal: Sendable {
  /// Somebody sits there: colour, pictures and keys make sense.
  public let isInteractive: Bool
  public let hasColour: Bool
  private let output: @Sendable (String) -> Void
  private let errors: @Sendable (String) -> Void

  public init(
    isInteractive: Bool = false, hasColour: Bool = false, output: @escaping @Sendable (String) -> Void,
    errors: @escaping @Sendable (String) -> Void
  ) {
    self.isInteractive = isInteractive
    self.hasColour = hasColour
    self.output = output
    self.errors = errors
  }

  /// The program's own output. `--plain`, NO_COLOR (no-color.org), a dumb terminal and a pipe have no colour;
  /// `--plain` and a pipe have no pictures either.
  public static func standard(isPlain: Bool) -> Terminal {
    let environment = ProcessInfo.processInfo.environment
    let isInteractive = !isPlain && isatty(STDOUT_FILENO) == 1
    let isColourless = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
    return Terminal(
      isInteractive: isInteractive, hasColour: isInteractive && !isColourless,
      output: { FileHandle.standardOutput.write(Data($0.utf8)) },
      errors: { FileHandle.standardError.write(Data($0.utf8)) })
  }

  public func print(_ line: String = "") { output(line + "\n") }
  /// Without a line's end.
  public func write(_ text: String) { output(text) }
  public func complain(_ line: String) { errors(line + "\n") }

  public enum Style: String, Sendable {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// The text in a colour where there is colour.
  public func styled(_ text: String, _ style: Style) -> String {
    hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
