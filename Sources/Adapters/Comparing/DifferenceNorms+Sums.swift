internal import Compute

extension DifferenceNorms {
  /// The norms of elements that were summed up, `count` of them.
  ///
  /// Each square and each addition rounds once, and so does each difference:
  /// (count + 6) · 2⁻⁵³ of the norm bounds them all.
  init(_ sums: DifferenceSums, count: Int) {
    let distance = sums.differenceSquares.squareRoot()
    self.init(
      old: sums.oldSquares.squareRoot(), new: sums.newSquares.squareRoot(), distance: distance,
      errorBound: distance * Double(count + 6) * 0x1p-53)
  }

  /// The norms of two products of factors.
  init(_ measured: FactorDistance) {
    self.init(
      old: measured.oldNorm, new: measured.newNorm, distance: measured.distance,
      errorBound: measured.errorBound)
  }
}
