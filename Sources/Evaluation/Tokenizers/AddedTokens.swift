internal import JSON

/// Tokens that are found in a text before anything else is done to it.
struct AddedTokens: Sendable {
  struct Token: Sendable {
    let id: Int
    let bytes: [UInt8]
    let stripsLeft: Bool
    let stripsRight: Bool
  }

  enum Part {
    case token(Int, start: Int)
    case text(Range<Int>, isFirst: Bool)
  }

  let tokens: [Token]
  /// Every added token's number by its text.
  let special: [String: Int]

  /// The tokens in the order of their length, so that the longest of several is found.
  init(_ tokens: [Token]) {
    self.tokens = tokens.sorted {
      ($0.bytes.count, $1.id) > ($1.bytes.count, $0.id)
    }
    special = Dictionary(
      tokens.map { (String(decoding: $0.bytes, as: UTF8.self), $0.id) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The text as added tokens and what stands between them; white space beside a token that strips
  /// it belongs to the token.
  func split(_ text: [UInt8]) -> [Part] {
    guard !tokens.isEmpty else { return text.isEmpty ? [] : [.text(0..<text.count, isFirst: true)] }
    let firsts = Set(tokens.compactMap(\.bytes.first))
    var parts: [Part] = []
    var start = 0
    var place = 0
    while place < text.count {
      guard firsts.contains(text[place]),
        let token = tokens.first(where: { text[place...].starts(with: $0.bytes) })
      else {
        place += 1
        continue
      }
      var end = place
      while token.stripsLeft, let count = Self.spaceLength(in: text[start..<end], atEnd: true) {
        end -= count
      }
      if end > start { parts.append(.text(start..<end, isFirst: start == 0)) }
      parts.append(.token(token.id, start: place))
      place += token.bytes.count
      while token.stripsRight, let count = Self.spaceLength(in: text[place...], atEnd: false) {
        place += count
      }
      start = place
    }
    if start < text.count { parts.append(.text(start..<text.count, isFirst: start == 0)) }
    return parts
  }

  /// The bytes of the white space, as Unicode has it, that a text begins or ends with; nil where it
  /// does not. None takes more than three bytes in UTF-8.
  private static func spaceLength(in text: ArraySlice<UInt8>, atEnd: Bool) -> Int? {
    for count in 1...3 where count <= text.count {
      let bytes = atEnd ? text.suffix(count) : text.prefix(count)
      let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
      if scalars.count == 1, let scalar = scalars.first, scalar.properties.isWhitespace {
        return count
      }
    }
    return nil
  }
}
