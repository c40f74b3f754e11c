/// How the properties of JSON are called in expressions.
public enum CELNames {
  /// Words that mean something in expressions, or may one day.
  static let reserved: Set<String> = [
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while",
  ]

  private static let signs = [".": "__dot__", "-": "__dash__", "/": "__slash__"]

  /// The property's name as expressions write it: "x-y" is "x__dash__y". Nil when it cannot be written at all.
  /// Specified by Kubernetes, "Escaping of property names".
  public static func escaped(_ name: String) -> String? {
    if reserved.contains(name) { return "__\(name)__" }
    var escaped = ""
    var rest = name[...]
    while let letter = rest.first {
      let (piece, length) = rest.hasPrefix("__") ? ("__underscores__", 2) : (signs[String(letter)] ?? String(letter), 1)
      escaped += piece
      rest = rest.dropFirst(length)
    }
    let isName = escaped.unicodeScalars.allSatisfy(\.isNamePart) && escaped.unicodeScalars.first?.isNameStart == true
    return isName ? escaped : nil
  }
}

extension Unicode.Scalar {
  var isDecimal: Bool { ("0"..."9").contains(self) }
  var isNameStart: Bool { self == "_" || ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
  var isNamePart: Bool { isNameStart || isDecimal }
}
