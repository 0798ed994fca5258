/// What is done to a text before it is split.
struct Normalizer: Sendable {
  enum Step: Sendable {
    /// A text put in front.
    case prepend([Unicode.Scalar])
    /// A character replaced by a text.
    case replace(Unicode.Scalar, by: [Unicode.Scalar])
    /// Unicode's composed form, which most texts have already.
    case composed
    /// A space put in front unless the text begins with one.
    case prefixSpace
    /// `▁` for every space, and one in front unless the text begins with one.
    case metaspace(prepends: Prepending)
  }

  /// Where a metaspace is put in front.
  enum Prepending: Sendable {
    case always
    /// Only at the start of the whole text.
    case first
    case never
  }

  let steps: [Step]

  /// The text, which begins at byte `offset` of the whole one.
  func normalized(
    _ text: String, from offset: Int, isFirst: Bool
  ) throws(EvaluationError) -> NormalText {
    var result = NormalText()
    var place = offset
    for scalar in text.unicodeScalars {
      result.append(scalar, from: place)
      place += UTF8.width(scalar)
    }
    for step in steps { try apply(step, to: &result, isFirst: isFirst) }
    return result
  }

  private func apply(
    _ step: Step, to text: inout NormalText, isFirst: Bool
  ) throws(EvaluationError) {
    switch step {
    case .prepend(let scalars):
      guard let start = text.starts.first else { return }
      text.scalars.insert(contentsOf: scalars, at: 0)
      text.starts.insert(contentsOf: scalars.map { _ in start }, at: 0)
    case .replace(let old, let new):
      text = Self.replacing(old, by: new, in: text)
    case .composed:
      if let scalar = text.scalars.first(where: { !Self.isSurelyComposed($0) }) {
        throw .notEncodable(
          rule: "has the character U+\(String(scalar.value, radix: 16, uppercase: true)), which "
            + "may have to be composed with its neighbours first; that is not supported")
      }
    case .prefixSpace:
      guard let start = text.starts.first, text.scalars.first != " "
      else { return }
      text.scalars.insert(" ", at: 0)
      text.starts.insert(start, at: 0)
    case .metaspace(let prepends):
      text = Self.replacing(" ", by: ["▁"], in: text)
      let wants: Bool
      switch prepends {
      case .always: wants = true
      case .first: wants = isFirst
      case .never: wants = false
      }
      if wants, let start = text.starts.first, text.scalars.first != "▁" {
        text.scalars.insert("▁", at: 0)
        text.starts.insert(start, at: 0)
      }
    }
  }

  private static func replacing(
    _ old: Unicode.Scalar, by new: [Unicode.Scalar], in text: NormalText
  ) -> NormalText {
    var result = NormalText()
    for (scalar, start) in zip(text.scalars, text.starts) {
      if scalar == old {
        for replacement in new { result.append(replacement, from: start) }
      } else {
        result.append(scalar, from: start)
      }
    }
    return result
  }

  /// Whether a character is its own composed form beside any neighbour: none of them combines, and
  /// none is a compatibility form.
  private static func isSurelyComposed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x300, 0x370..<0x374, 0x375..<0x37E, 0x38A..<0x483, 0x48A..<0x591, 0xE3F..<0xE48,
      0x1E00..<0x1F00, 0x2010..<0x20D0, 0x2070..<0x2126, 0x212C..<0x2329, 0x232B..<0x2ADC,
      0x3000..<0x302A, 0x3041..<0x3099, 0x309B..<0x3100, 0x3400..<0xA66F, 0xAC00..<0xD7A4,
      0xFE10..<0xFE20, 0xFF01..<0xFFFE, 0x1F000..<0x20000, 0x20000..<0x2F800:
      return scalar.properties.canonicalCombiningClass == .notReordered
    default: return false
    }
  }
}
