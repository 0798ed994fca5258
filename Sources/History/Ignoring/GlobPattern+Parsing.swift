extension GlobPattern {
  /// Whether a byte means more than itself in a pattern.
  static func isSpecial(_ byte: UInt8) -> Bool {
    [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")].contains(byte)
  }

  /// Reads a pattern; nil for one that matches nothing, such as one with an open bracket.
  ///
  /// `**` crosses slashes where it stands between slashes or ends of the pattern. As in git, the
  /// text before the first special byte is compared by itself and the pattern begins behind it: in
  /// `a**/b` the `**` stands at the beginning.
  init?(_ pattern: [UInt8]) {
    let start = pattern.firstIndex(where: Self.isSpecial) ?? pattern.count
    tokens = pattern[..<start].map { .byte($0) }
    var rest = Scanner(pattern: pattern, position: start, start: start)
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "*"): tokens += rest.stars()
      case UInt8(ascii: "?"): tokens.append(.oneOf(ByteSet().inverted))
      case UInt8(ascii: "["):
        guard let set = rest.bracket() else { return nil }
        tokens.append(.oneOf(set))
      case UInt8(ascii: "\\"):
        guard let escaped = rest.next() else { return nil }
        tokens.append(.byte(escaped))
      default: tokens.append(.byte(byte))
      }
    }
  }

  /// A place in a pattern that is being read.
  private struct Scanner {
    let pattern: [UInt8]
    var position: Int
    let start: Int

    func peek(_ distance: Int = 0) -> UInt8? {
      position + distance < pattern.count ? pattern[position + distance] : nil
    }

    mutating func next() -> UInt8? {
      guard let byte = peek() else { return nil }
      position += 1
      return byte
    }

    /// The steps of a run of stars whose first was read.
    mutating func stars() -> [Token] {
      let first = position - 1
      while peek() == UInt8(ascii: "*") { position += 1 }
      let startsPart = first == start || pattern[first - 1] == UInt8(ascii: "/")
      guard position - first > 1, startsPart else { return [.withinName] }
      switch (peek(), peek(1)) {
      case (nil, _): return [.anything]
      case (UInt8(ascii: "/"), _):
        position += 1
        return [.optional, .throughSlash]
      case (UInt8(ascii: "\\"), UInt8(ascii: "/")): return [.anything]
      default: return [.withinName]
      }
    }

    /// The bytes of a class whose opening bracket was read; nil where it does not close or names an
    /// unknown POSIX class.
    mutating func bracket() -> ByteSet? {
      var set = ByteSet()
      var isNegated = false
      if let mark = peek(), mark == UInt8(ascii: "!") || mark == UInt8(ascii: "^") {
        isNegated = true
        position += 1
      }
      // What a range may begin with: nothing behind a range or a POSIX class.
      var previous: UInt8?
      var isFirst = true
      while let byte = next() {
        // A bracket that closes at once is one of the class.
        if byte == UInt8(ascii: "]"), !isFirst { return isNegated ? set.inverted : set }
        isFirst = false
        switch byte {
        case UInt8(ascii: "\\"):
          guard let escaped = next() else { return nil }
          set.insert(escaped)
          previous = escaped
        case UInt8(ascii: "-") where previous != nil && peek() != UInt8(ascii: "]"):
          guard let first = previous, var last = next() else { return nil }
          if last == UInt8(ascii: "\\") {
            guard let escaped = next() else { return nil }
            last = escaped
          }
          set.insert(from: first, through: last)
          previous = nil
        case UInt8(ascii: "[") where peek() == UInt8(ascii: ":"):
          let name = position + 1
          guard let end = pattern[name...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
          if end > name, pattern[end - 1] == UInt8(ascii: ":") {
            guard let named = ByteSet(posixClass: pattern[name..<(end - 1)]) else { return nil }
            set.formUnion(named)
            position = end + 1
            previous = nil
          } else {
            set.insert(byte)
            previous = byte
          }
        default:
          set.insert(byte)
          previous = byte
        }
      }
      return nil
    }
  }
}
