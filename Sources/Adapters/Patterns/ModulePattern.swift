/// A key of PEFT's `rank_pattern` or `alpha_pattern`: a regular expression in Python's dialect.
///
/// It matches a module path M as Python's `re.match(r"^(.*\.)?(KEY)$", M)` does. Matching follows
/// all alternatives at once instead of backtracking, so that its cost is at most path × program and
/// no pattern from a file can hang the reader. The dialect: literals, `.`, classes, groups,
/// alternation, quantifiers, `^ $ \A \Z \b \B` and look-ahead; look-behind, back-references,
/// possessive quantifiers and inline flags are refused.
struct ModulePattern: Sendable {
  /// Why a pattern is no pattern; `rule` completes "the pattern …".
  struct Malformed: Error {
    let rule: String
  }

  /// One step of a compiled pattern.
  enum Instruction: Sendable {
    /// Consumes one scalar of the class.
    case consume(ScalarClass)
    /// Goes on at both places.
    case split(Int, Int)
    /// Goes on elsewhere.
    case jump(Int)
    /// Goes on if the place in the text allows it.
    case require(Anchor)
    /// Goes on behind `end` if the instructions from here on reach `accept` (or do not).
    case lookAhead(end: Int, isNegated: Bool)
    /// The pattern, or the look-ahead's inner one, has matched.
    case accept
  }

  /// A place in the text.
  enum Anchor: Sendable {
    case start, end, wordBoundary, noWordBoundary
  }

  /// The longest pattern, in bytes.
  static let lengthLimit = 1024

  /// The pattern as the configuration has it.
  let text: String
  /// Set where nothing but literals and unescaped dots occurs; nil stands for any scalar.
  private let literal: [Unicode.Scalar?]?
  private let program: [Instruction]

  /// Compiles a pattern.
  init(_ text: String) throws(Malformed) {
    guard text.utf8.count <= Self.lengthLimit else {
      throw Malformed(rule: "is longer than \(Self.lengthLimit) bytes")
    }
    self.text = text
    literal = Self.literal(text)
    guard literal == nil else {
      program = []
      return
    }
    var parser = ModulePatternParser(text)
    program = try ModulePatternCompiler.program(for: parser.tree())
  }

  /// Whether the pattern applies to a module.
  func matches(_ module: TargetModule) -> Bool {
    let scalars = Array(module.path.unicodeScalars)
    if let literal { return Self.ends(scalars, with: literal) }
    return reaches(0, from: 0, in: scalars, toEnd: true)
  }

  /// The pattern as scalars where it is nothing but names, escaped dots and unescaped ones (nil).
  private static func literal(_ text: String) -> [Unicode.Scalar?]? {
    var literal: [Unicode.Scalar?] = []
    var isEscaped = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\" where !isEscaped: isEscaped = true
      case ".":
        literal.append(isEscaped ? scalar : nil)
        isEscaped = false
      case _ where !isEscaped && (scalar == "-" || ScalarClass.word.contains(scalar)):
        literal.append(scalar)
      default: return nil
      }
    }
    return isEscaped ? nil : literal
  }

  private static func ends(_ path: [Unicode.Scalar], with literal: [Unicode.Scalar?]) -> Bool {
    let start = path.count - literal.count
    guard start == 0 || start > 0 && path[start - 1] == "." else { return false }
    for index in literal.indices.reversed() {
      let scalar = path[start + index]
      guard literal[index].map({ $0 == scalar }) ?? (scalar != "\n") else { return false }
    }
    return true
  }

  /// Whether the instructions at `first` reach `accept`, at the text's end where `toEnd` says so.
  private func reaches(
    _ first: Int,
    from start: Int,
    in text: [Unicode.Scalar],
    toEnd: Bool
  ) -> Bool {
    var current: Set<Int> = []
    if follow(first, at: start, in: text, toEnd: toEnd, into: &current) { return true }
    for position in start..<text.count {
      var next: Set<Int> = []
      for place in current {
        guard case .consume(let scalars) = program[place], scalars.contains(text[position]) else {
          continue
        }
        if follow(place + 1, at: position + 1, in: text, toEnd: toEnd, into: &next) { return true }
      }
      if next.isEmpty { return false }
      current = next
    }
    return false
  }

  /// Adds every consuming instruction that can be reached from `first` without consuming; says
  /// whether `accept` is among what was met.
  private func follow(
    _ first: Int,
    at position: Int,
    in text: [Unicode.Scalar],
    toEnd: Bool,
    into places: inout Set<Int>
  ) -> Bool {
    var pending = [first]
    while let place = pending.popLast() {
      guard places.insert(place).inserted else { continue }
      switch program[place] {
      case .consume: break
      case .split(let one, let other): pending += [other, one]
      case .jump(let target): pending.append(target)
      case .require(let anchor):
        if anchor.holds(at: position, in: text) { pending.append(place + 1) }
      case .lookAhead(let end, let isNegated):
        if reaches(place + 1, from: position, in: text, toEnd: false) != isNegated {
          pending.append(end)
        }
      case .accept:
        if !toEnd || position == text.count { return true }
      }
    }
    return false
  }
}

extension ModulePattern.Anchor {
  /// Whether the place before `text[position]` is one of this kind.
  func holds(at position: Int, in text: [Unicode.Scalar]) -> Bool {
    switch self {
    case .start: return position == 0
    case .end: return position == text.count
    case .wordBoundary, .noWordBoundary:
      let before = position > 0 && ScalarClass.word.contains(text[position - 1])
      let after = position < text.count && ScalarClass.word.contains(text[position])
      return (before != after) == (self == .wordBoundary)
    }
  }
}
