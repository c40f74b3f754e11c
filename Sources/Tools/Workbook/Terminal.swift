import Foundation

/// Where a command writes, and how much the reader's eyes can take.
public struct Terminal: Sendable {
  /// Somebody sits there: colour, pictures and keys make sense.
  public let isInteractive: Bool
  public let hasColour: Bool
  /// Lines are broken between words where they would leave the screen; nil for no screen.
  private let width: Int?
  private let output: @Sendable (String) -> Void
  private let errors: @Sendable (String) -> Void

  public init(
    isInteractive: Bool = false, hasColour: Bool = false, width: Int? = nil,
    output: @escaping @Sendable (String) -> Void,
    errors: @escaping @Sendable (String) -> Void
  ) {
    self.isInteractive = isInteractive
    self.hasColour = hasColour
    self.width = width
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
      width: isatty(STDOUT_FILENO) == 1 ? screenWidth : nil,
      output: { FileHandle.standardOutput.write(Data($0.utf8)) },
      errors: { FileHandle.standardError.write(Data($0.utf8)) })
  }

  private static var screenWidth: Int {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 40 ? Int(size.ws_col) : 80
  }

  public func print(_ text: String = "") { print(text, nil) }

  /// The text in a colour where there is colour.
  public func print(_ text: String, _ style: Style?) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let broken = broken(line)
      output((style.map { styled(broken, $0) } ?? broken) + "\n")
    }
  }

  /// Markdown whose paragraphs fill the screen, whatever the width they were written for.
  public func printProse(_ text: String) {
    print(width == nil ? text : Prose.joined(text))
  }

  /// The line in lines that fit; those after the first are indented like it.
  private func broken(_ line: Substring) -> String {
    guard let width, line.count > width else { return String(line) }
    let indentation = String(line.prefix { $0 == " " })
    var lines = [indentation]
    for word in line.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last == indentation {
        lines[lines.count - 1] += word
      } else if last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(indentation + word)
      }
    }
    return lines.joined(separator: "\n")
  }

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
