/// A set of Unicode scalars as a regular expression names it: `[a-z_]`, `\d`, `.`.
struct ScalarClass: Sendable {
  /// The ranges, in any order.
  var ranges: [ClosedRange<UInt32>]
  /// Whether the set is everything but the ranges.
  var isNegated = false
  /// Sets that are part of this one.
  var parts: [ScalarClass] = []

  /// A single scalar.
  init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  /// Ranges of scalars.
  init(_ ranges: [ClosedRange<Unicode.Scalar>], isNegated: Bool = false) {
    self.ranges = ranges.map { $0.lowerBound.value...$0.upperBound.value }
    self.isNegated = isNegated
  }

  /// Whether the scalar is in the set.
  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let isListed =
      ranges.contains { $0.contains(scalar.value) } || parts.contains { $0.contains(scalar) }
    return isListed != isNegated
  }

  /// `.`: everything but a line feed.
  static let anything = ScalarClass(["\n"..."\n"], isNegated: true)
  /// `\w`, for the names that modules have: ASCII letters, digits and the underscore.
  static let word = ScalarClass(["a"..."z", "A"..."Z", "0"..."9", "_"..."_"])

  /// The class behind a backslash: `\d \D \w \W \s \S`; nil for any other letter.
  init?(escape letter: Unicode.Scalar) {
    switch letter {
    case "d", "D": self = ScalarClass(["0"..."9"])
    case "w", "W": self = Self.word
    case "s", "S": self = ScalarClass(["\t"..."\r", " "..." "])
    default: return nil
    }
    isNegated = ("A"..."Z").contains(letter)
  }
}
