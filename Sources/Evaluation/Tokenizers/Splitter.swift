/// How a text is cut into pieces that are encoded apart.
struct Splitter: Sendable {
  /// The patterns that are known, by the models that use them.
  enum Pattern: Hashable, Sendable {
    /// GPT-2's, of ByteLevel: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// Llama 3's and Qwen2's, of Split: contractions in any case, a letter run with one leading
    /// character, up to `digits` digits, punctuation with line ends.
    case llama3(digits: Int)
  }

  /// Nil: the text is one piece.
  let pattern: Pattern?
  /// Whether pieces begin at every metaspace.
  var splitsAtMetaspace = false

  /// The pieces of a text, in order and without gaps.
  func pieces(of text: NormalText) -> [Range<Int>] {
    let scalars = text.scalars
    guard !scalars.isEmpty else { return [] }
    guard let pattern else {
      guard splitsAtMetaspace else { return [0..<scalars.count] }
      let cuts = [0] + scalars.indices.dropFirst().filter { scalars[$0] == "▁" }
      return zip(cuts, cuts.dropFirst() + [scalars.count]).map { $0..<$1 }
    }
    var pieces: [Range<Int>] = []
    var place = 0
    while place < scalars.count {
      let end: Int
      switch pattern {
      case .gpt2: end = PatternScanner(scalars).gpt2(from: place)
      case .llama3(let digits): end = PatternScanner(scalars).llama3(from: place, digits: digits)
      }
      pieces.append(place..<max(end, place + 1))
      place = max(end, place + 1)
    }
    return pieces
  }
}

/// Finds where a piece ends, as the regular expressions of `Splitter.Pattern` match.
struct PatternScanner {
  private let scalars: [Unicode.Scalar]

  init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

  func gpt2(from place: Int) -> Int {
    if let end = contraction(at: place, anyCase: false) { return end }
    // A space belongs to the run behind it.
    let start = at(place) == " " ? place + 1 : place
    if let end = run(from: start, isLetter) ?? run(from: start, isNumber)
      ?? run(from: start, isOther)
    {
      return end
    }
    return spaces(from: place)
  }

  func llama3(from place: Int, digits: Int) -> Int {
    if let end = contraction(at: place, anyCase: true) { return end }
    if let first = at(place) {
      if isLetter(first) { return run(from: place, isLetter) ?? place + 1 }
      if first != "\r", first != "\n", !isNumber(first), let end = run(from: place + 1, isLetter) {
        return end
      }
      if isNumber(first) {
        var end = place
        while end < place + digits, let next = at(end), isNumber(next) { end += 1 }
        return end
      }
      let start = first == " " ? place + 1 : place
      if var end = run(from: start, isOther) {
        while let next = at(end), next == "\r" || next == "\n" { end += 1 }
        return end
      }
      // \s*[\r\n]+ takes white space up to its last line end.
      let all = run(from: place, isSpace) ?? place
      if let last = (place..<all).last(where: { scalars[$0] == "\r" || scalars[$0] == "\n" }) {
        return last + 1
      }
    }
    return spaces(from: place)
  }

  /// `\s+(?!\S)|\s+`: white space but for its last character, which belongs to what follows.
  private func spaces(from place: Int) -> Int {
    guard let end = run(from: place, isSpace) else { return place + 1 }
    return end < scalars.count && end > place + 1 ? end - 1 : end
  }

  private func contraction(at place: Int, anyCase: Bool) -> Int? {
    guard at(place) == "'", let first = at(place + 1) else { return nil }
    func lower(_ scalar: Unicode.Scalar?) -> Unicode.Scalar? {
      guard let scalar, anyCase else { return scalar }
      // U+017F is an s in another case.
      if scalar.value == 0x17F { return "s" }
      return 0x41...0x5A ~= scalar.value ? Unicode.Scalar(scalar.value + 32) : scalar
    }
    let (a, b) = (lower(first), lower(at(place + 2)))
    if a == "s" || a == "t" || a == "m" || a == "d" {
      return place + 2
    }
    if a == "r" && b == "e" || a == "v" && b == "e" || a == "l" && b == "l" { return place + 3 }
    return nil
  }

  private func at(_ place: Int) -> Unicode.Scalar? {
    place < scalars.count ? scalars[place] : nil
  }

  private func run(from start: Int, _ matches: (Unicode.Scalar) -> Bool) -> Int? {
    var end = start
    while end < scalars.count, matches(scalars[end]) { end += 1 }
    return end > start ? end : nil
  }

  private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return 0x61...0x7A ~= scalar.value | 0x20 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return true
    default: return false
    }
  }

  private func isNumber(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return 0x30...0x39 ~= scalar.value }
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }

  private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  private func isOther(_ scalar: Unicode.Scalar) -> Bool {
    !isSpace(scalar) && !isLetter(scalar) && !isNumber(scalar)
  }
}
