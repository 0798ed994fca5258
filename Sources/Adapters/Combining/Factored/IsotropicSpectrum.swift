internal import Compute

/// Iso-C (arXiv 2502.04959): the sum of the deltas with its singular values made equal.
///
/// With Δ = Σ wₜΔₜ = U·diag(σ)·Vᵀ, the result is σ̄·U·Vᵀ, σ̄ the mean of the singular values. U, V and
/// the mean are those of the numerical rank alone: the directions of a sum of low-rank updates
/// beyond its rank are arbitrary, and the published code, which takes all min(rows, columns) of
/// them, fills the weight with noise.
enum IsotropicSpectrum {
  /// The flattened sum, and the value that all its singular values have; nil where the sum is zero.
  static func flattened(
    _ sum: FactoredDelta
  ) throws(ComputeError) -> (delta: FactoredDelta, value: Double)? {
    let decomposition = try sum.significantDecomposition()
    let count = decomposition.values.count
    guard count > 0 else { return nil }
    let mean = decomposition.values.reduce(0, +) / Double(count)
    let roots = [Double](repeating: mean.squareRoot(), count: count)
    var (left, right) = (decomposition.left, decomposition.right)
    left.scaleColumns(by: roots)
    right.scaleRows(by: roots)
    return (FactoredDelta(left: left, right: right), mean)
  }
}
