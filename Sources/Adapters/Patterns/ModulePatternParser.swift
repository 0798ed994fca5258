/// Reads a regular expression in Python's dialect.
struct ModulePatternParser {
  /// A regular expression as a tree.
  indirect enum Node {
    case scalar(ScalarClass)
    case anchor(ModulePattern.Anchor)
    case sequence([Node])
    case choice([Node])
    /// At least `least` times, at most `most` times, or without bound.
    case repeated(Node, least: Int, most: Int?)
    case lookAhead(Node, isNegated: Bool)
  }

  private let scalars: [Unicode.Scalar]
  private var offset = 0
  private var depth = 0
  private var isLookingAhead = false
  private typealias Malformed = ModulePattern.Malformed

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The whole text as a tree.
  mutating func tree() throws(ModulePattern.Malformed) -> Node {
    let tree = try choice()
    guard offset == scalars.count else { throw Malformed(rule: "has a ')' without its '('") }
    return tree
  }

  private mutating func choice() throws(ModulePattern.Malformed) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth < 32 else { throw Malformed(rule: "is nested deeper than 32 groups") }
    var alternatives = [try sequence()]
    while skip("|") { alternatives.append(try sequence()) }
    return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
  }

  private mutating func sequence() throws(ModulePattern.Malformed) -> Node {
    var nodes: [Node] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      offset += 1
      nodes.append(try quantified(try atom(scalar)))
    }
    return .sequence(nodes)
  }

  private mutating func atom(_ scalar: Unicode.Scalar) throws(ModulePattern.Malformed) -> Node {
    switch scalar {
    case ".": return .scalar(.anything)
    case "^": return .anchor(.start)
    case "$": return .anchor(.end)
    case "[": return .scalar(try scalarClass())
    case "(": return try group()
    case "\\": return try escape()
    case "*", "+", "?": throw Malformed(rule: "has a quantifier with nothing to repeat")
    default: return .scalar(ScalarClass(scalar))
    }
  }

  private mutating func group() throws(ModulePattern.Malformed) -> Node {
    var isNegated: Bool?
    if skip("?") {
      if skip("=") {
        isNegated = false
      } else if skip("!") {
        isNegated = true
      } else if skip("P") {
        guard skip("<") else { throw Malformed(rule: "uses (?P…), which is not supported") }
        while let scalar = next(), scalar != ">" {}
      } else if !skip(":") {
        throw Malformed(rule: "uses (?\(peek.map(String.init) ?? "")…), which is not supported")
      }
    }
    // Look-ahead is tried anew at every place: nested, it would cost a power of the length.
    if isNegated != nil, isLookingAhead { throw Malformed(rule: "nests look-aheads") }
    let isNested = isLookingAhead
    isLookingAhead = isNested || isNegated != nil
    let inner = try choice()
    isLookingAhead = isNested
    guard skip(")") else { throw Malformed(rule: "has a '(' without its ')'") }
    return isNegated.map { .lookAhead(inner, isNegated: $0) } ?? inner
  }

  private mutating func escape() throws(ModulePattern.Malformed) -> Node {
    guard let letter = next() else { throw Malformed(rule: "ends in a backslash") }
    switch letter {
    case "A": return .anchor(.start)
    case "Z": return .anchor(.end)
    case "b": return .anchor(.wordBoundary)
    case "B": return .anchor(.noWordBoundary)
    default:
      if let scalars = ScalarClass(escape: letter) { return .scalar(scalars) }
      return .scalar(ScalarClass(try Self.plain(letter)))
    }
  }

  private mutating func scalarClass() throws(ModulePattern.Malformed) -> ScalarClass {
    var scalars = ScalarClass([], isNegated: skip("^"))
    var isFirst = true
    while let scalar = next() {
      if scalar == "]", !isFirst { return scalars }
      isFirst = false
      if scalar == "\\", let letter = peek, let part = ScalarClass(escape: letter) {
        offset += 1
        scalars.parts.append(part)
        continue
      }
      let lower = try classMember(scalar)
      var upper = lower
      if peek == "-", offset + 1 < self.scalars.count, self.scalars[offset + 1] != "]" {
        offset += 2
        upper = try classMember(self.scalars[offset - 1])
      }
      guard lower.value <= upper.value else {
        throw Malformed(rule: "has a range in a class that runs backwards")
      }
      scalars.ranges.append(lower.value...upper.value)
    }
    throw Malformed(rule: "has a '[' without its ']'")
  }

  private mutating func classMember(
    _ scalar: Unicode.Scalar
  ) throws(ModulePattern.Malformed) -> Unicode.Scalar {
    guard scalar == "\\" else { return scalar }
    guard let letter = next() else { throw Malformed(rule: "has a '[' without its ']'") }
    return try Self.plain(letter)
  }

  /// What a backslash and a letter stand for where that is a single scalar.
  private static func plain(
    _ letter: Unicode.Scalar
  ) throws(ModulePattern.Malformed) -> Unicode.Scalar {
    switch letter {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "a"..."z", "A"..."Z", "0"..."9":
      throw Malformed(rule: "uses \\\(letter), which is not supported")
    default: return letter
    }
  }

  private mutating func quantified(_ atom: Node) throws(ModulePattern.Malformed) -> Node {
    guard let bounds = try repetition() else { return atom }
    if skip("+") { throw Malformed(rule: "uses a possessive quantifier, which is not supported") }
    // Lazy or greedy: whether there is a match is the same.
    _ = skip("?")
    if let scalar = peek, ["*", "+", "?"].contains(scalar) {
      throw Malformed(rule: "has a quantifier behind a quantifier")
    }
    return .repeated(atom, least: bounds.least, most: bounds.most)
  }

  private mutating func repetition() throws(ModulePattern.Malformed) -> (least: Int, most: Int?)? {
    if skip("*") { return (0, nil) }
    if skip("+") { return (1, nil) }
    if skip("?") { return (0, 1) }
    let start = offset
    guard skip("{") else { return nil }
    let least = number()
    let hasComma = skip(",")
    let most = hasComma ? number() : least
    guard skip("}"), least != nil || hasComma else {
      // Python takes a '{' that opens no repetition literally.
      offset = start
      return nil
    }
    guard least ?? 0 <= most ?? Int.max else {
      throw Malformed(rule: "has a repetition whose bounds are out of order")
    }
    return (least ?? 0, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = peek, ("0"..."9").contains(scalar) {
      // More digits than any program may have instructions: the compiler refuses the number.
      value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1 << 20)
      offset += 1
    }
    return value
  }

  private var peek: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

  private mutating func next() -> Unicode.Scalar? {
    guard let scalar = peek else { return nil }
    offset += 1
    return scalar
  }

  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    offset += 1
    return true
  }
}
