internal import Compute

/// Model stock (arXiv 2403.19522) on the deltas of one weight: how far from the base towards the
/// mean of N fine-tunes to go, told by the angle between them.
///
/// With cos θ the mean cosine over all pairs, t = N·cos θ / (1 + (N−1)·cos θ) and the result is
/// t · mean. Deltas at right angles share nothing but the base, so that t = 0. Slightly obtuse ones
/// give a small negative t, as published; towards the formula's pole at cos θ = −1/(N−1), where it
/// would take more than the whole mean away, t is 0: such deltas have no common centre.
struct ModelStock: Sendable, Hashable {
  /// The mean cosine over all pairs; nil for a single delta, and where one is zero.
  let cosine: Double?
  /// What the mean is multiplied by: 1 for a single delta.
  let ratio: Double

  /// From the cosines of all pairs of `count` deltas.
  init(count: Int, cosines: [Double]) {
    guard count > 1 else {
      (cosine, ratio) = (nil, 1)
      return
    }
    let mean = cosines.reduce(0, +) / Double(cosines.count)
    let n = Double(count)
    cosine = mean
    let (share, pole) = (n * mean, 1 + (n - 1) * mean)
    ratio = pole > 0 && abs(share) <= pole ? share / pole : 0
  }

  /// The ratio for the deltas of `count` adapters, those that are missing being zero: a zero is at
  /// right angles to everything.
  init(of deltas: [FactoredDelta], count: Int) {
    let norms = deltas.map { max(0, $0.inner($0)).squareRoot() }
    var cosines: [Double] = []
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        guard i < deltas.count, j < deltas.count, norms[i] > 0, norms[j] > 0 else {
          cosines.append(0)
          continue
        }
        cosines.append(max(-1, min(1, deltas[i].inner(deltas[j]) / (norms[i] * norms[j]))))
      }
    }
    self.init(count: count, cosines: cosines)
  }
}
