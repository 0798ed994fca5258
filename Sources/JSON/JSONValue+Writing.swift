extension JSONValue {
  /// How a document is laid out.
  public enum Layout: Sendable {
    /// No white space at all.
    case compact
    /// One member or element a line, two spaces deeper per level.
    case indented
  }

  /// The document as text: keys in order, numbers with all their digits, UTF-8 kept, control
  /// characters and marks that turn the direction of writing escaped. A NaN or an infinity, which JSON cannot hold, becomes a string.
  public func text(_ layout: Layout = .compact) -> String {
    var text = ""
    write(to: &text, layout: layout, depth: 0)
    return text
  }

  private func write(to text: inout String, layout: Layout, depth: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .integer(let integer): text += String(integer)
    case .number(let number):
      // The shortest digits that read back as the same number.
      text += number.isFinite ? "\(number)" : "\"\(Self.nonFinite(number))\""
    case .string(let string): Self.writeQuoted(string, to: &text)
    case .array(let elements):
      Self.writeList(
        elements, between: ("[", "]"), to: &text, layout: layout, depth: depth
      ) { element, text in
        element.write(to: &text, layout: layout, depth: depth + 1)
      }
    case .object(let members):
      Self.writeList(
        members, between: ("{", "}"), to: &text, layout: layout, depth: depth
      ) { member, text in
        Self.writeQuoted(member.key, to: &text)
        text += layout == .indented ? ": " : ":"
        member.value.write(to: &text, layout: layout, depth: depth + 1)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], between brackets: (String, String), to text: inout String,
    layout: Layout, depth: Int, each write: (Element, inout String) -> Void
  ) {
    text += brackets.0
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      breakLine(&text, layout, depth + 1)
      write(element, &text)
    }
    if !elements.isEmpty { breakLine(&text, layout, depth) }
    text += brackets.1
  }

  private static func breakLine(_ text: inout String, _ layout: Layout, _ depth: Int) {
    guard layout == .indented else { return }
    text += "\n" + String(repeating: "  ", count: depth)
  }

  private static func nonFinite(_ number: Double) -> String {
    number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
  }

  /// Appends a JSON string literal.
  private static func writeQuoted(_ string: String, to text: inout String) {
    // Most strings are names and digests; the rest goes the long way, character by character.
    if string.utf8.allSatisfy({ 0x20..<0x7F ~= $0 && $0 != 0x22 && $0 != 0x5C }) {
      text += "\""
      text += string
      text += "\""
      return
    }
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{61C}", "\u{200E}"..."\u{200F}",
        "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
