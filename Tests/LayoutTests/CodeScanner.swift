/// Takes comments and the text of string literals out of Swift source, so that a word that is
/// found in the rest is code. Lines stay lines; what is interpolated into a string stays.
struct CodeScanner {
  private let source: [Character]
  private var index = 0
  private var code = ""

  /// The code of a source text.
  static func code(of text: String) -> String {
    var scanner = CodeScanner(source: Array(text))
    scanner.scan(untilParenthesis: false)
    return scanner.code
  }

  private init(source: [Character]) { self.source = source }

  /// Copies code, up to the end or to the parenthesis that closes an interpolation.
  private mutating func scan(untilParenthesis: Bool) {
    var depth = 0
    while index < source.count {
      if starts("//") {
        while index < source.count, !source[index].isNewline { index += 1 }
      } else if starts("/*") {
        skipBlockComment()
      } else if let hashes = hashesBeforeQuote() {
        skipString(hashes: hashes)
      } else {
        let character = source[index]
        if character == "(" { depth += 1 }
        if character == ")" {
          if untilParenthesis, depth == 0 { return }
          depth -= 1
        }
        code.append(character)
        index += 1
      }
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        index += 2
      } else if starts("*/") {
        depth -= 1
        index += 2
      } else {
        keepNewline()
        index += 1
      }
    } while depth > 0 && index < source.count
  }

  /// The number of `#` of a string literal that starts here; nil where none does.
  private func hashesBeforeQuote() -> Int? {
    var end = index
    while end < source.count, source[end] == "#" { end += 1 }
    return end < source.count && source[end] == "\"" ? end - index : nil
  }

  private mutating func skipString(hashes: Int) {
    let hash = String(repeating: "#", count: hashes)
    index += hashes
    let quote = starts("\"\"\"") ? "\"\"\"" : "\""
    index += quote.count
    code += "\"\""
    while index < source.count, !starts(quote + hash) {
      if starts("\\" + hash + "(") {
        index += hashes + 2
        code += " ("
        scan(untilParenthesis: true)
        code += ") "
        index += 1
      } else if starts("\\" + hash) {
        keepNewline(at: index + hashes + 1)
        index += hashes + 2
      } else {
        keepNewline()
        index += 1
      }
    }
    index += quote.count + hashes
  }

  private mutating func keepNewline(at place: Int? = nil) {
    let place = place ?? index
    if place < source.count, source[place].isNewline { code.append("\n") }
  }

  private func starts(_ text: String) -> Bool {
    source[index...].starts(with: text)
  }
}
