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

  /// The norms of two things that are known to be the same.
  var withoutDistance: DifferenceNorms {
    DifferenceNorms(old: old, new: new, distance: 0, errorBound: 0)
  }

  /// The norms of several things taken together; nil where there are none.
  init?(together norms: [DifferenceNorms]) {
    guard !norms.isEmpty else { return nil }
    func root(_ part: (DifferenceNorms) -> Double) -> Double {
      norms.reduce(0.0) { $0 + part($1) * part($1) }.squareRoot()
    }
    self.init(
      old: root(\.old), new: root(\.new), distance: root(\.distance), errorBound: root(\.errorBound)
    )
  }
}
