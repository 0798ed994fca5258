internal import Compute

/// DELLA's MagPrune (arXiv 2406.11617): the probability to be kept grows with the magnitude's rank in
/// its row, from density − ε for the smallest to density + ε for the largest; what is kept is divided
/// by its own probability, so that the expectation is the delta itself.
///
/// mergekit restores the sum of magnitudes instead, which is not unbiased.
struct RankedDropping: Sendable, Hashable {
  /// The mean probability, in (0, 1].
  let density: Double
  /// Half the range of the probabilities: density − ε > 0, density + ε ≤ 1.
  let epsilon: Double

  /// The probability of the entry of a rank, 0 for the smallest, among `count`.
  func probability(ofRank rank: Int, among count: Int) -> Double {
    guard density < 1 else { return 1 }
    guard count > 1 else { return density }
    return density - epsilon + 2 * epsilon * Double(rank) / Double(count - 1)
  }

  /// Drops entries of a delta `[…, columns]`, row by row; returns how many are kept.
  func drop(
    _ values: inout [Float], columns: Int, _ randomness: inout NamedRandomness
  ) -> Int {
    guard density < 1, columns > 0 else { return values.count }
    var kept = 0
    var ranks = [Int](repeating: 0, count: columns)
    for start in stride(from: 0, to: values.count, by: columns) {
      // From the smallest to the largest; equal ones by their place, the first as the larger, as in
      // `MagnitudeOrder`.
      let order = (0..<columns).sorted {
        let (a, b) = (values[start + $0].magnitude, values[start + $1].magnitude)
        return a == b ? $0 > $1 : a < b
      }
      for (rank, column) in order.enumerated() { ranks[column] = rank }
      for column in 0..<columns {
        let probability = probability(ofRank: ranks[column], among: columns)
        if randomness.uniform() < probability {
          values[start + column] = Float(Double(values[start + column]) / probability)
          kept += 1
        } else {
          values[start + column] = 0
        }
      }
    }
    return kept
  }
}
