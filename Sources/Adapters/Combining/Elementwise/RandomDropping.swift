internal import Compute

/// DARE (arXiv 2311.03099): every entry is kept with a probability, and divided by it, so that the
/// expectation is the delta itself.
struct RandomDropping: Sendable, Hashable {
  /// The probability, in (0, 1].
  let density: Double

  /// Drops entries of a delta, row by row; returns how many are kept.
  func drop(_ values: inout [Float], _ randomness: inout NamedRandomness) -> Int {
    guard density < 1 else { return values.count }
    var kept = 0
    for place in values.indices {
      if randomness.uniform() < density {
        values[place] = Float(Double(values[place]) / density)
        kept += 1
      } else {
        values[place] = 0
      }
    }
    return kept
  }
}
