/// Two products of factors and their difference, each as a small square matrix between the same two
/// orthonormal bases: what their norms, angles and inner product are read off.
///
/// With P = s·L·R and P' = s'·L'·R', the columns of L and L' are coordinates in one orthonormal basis,
/// the rows of R and R' in another (`PairedVectors`); a product of coordinates, `[k, k]` with
/// k = rank + rank', has the singular values, the Frobenius norm and, in those bases, the singular
/// vectors of the product that is never formed.
///
/// **Cancellation.** What is factorised are not the factors themselves but X = s'L' − sL, U = s'L' + sL,
/// V = R' − R and Y = R' + R, over the ranks that both have: 2(P' − P) = X·Y + U·V. Each of these is
/// right to κ·2⁻⁵³ of itself, with κ the condition of vectors scaled to one length where that is at most
/// 2¹⁴, and else 1 (`GramTriangle`), so that the difference of neighbouring checkpoints is as exact as that of
/// strangers, and equal factors give exactly zero.
public struct FactorPair: Sendable {
  /// P, `[k, k]` in the common bases; zero where there is none.
  public let old: RealMatrix
  /// P', `[k, k]` in the common bases; zero where there is none.
  public let new: RealMatrix
  /// P' − P, `[k, k]` in the common bases.
  public let difference: RealMatrix
  /// What singular values of the difference are right to: 8·κ·√k·2⁻⁵³·(‖X‖‖Y‖ + ‖U‖‖V‖), and where
  /// the scalings differ the rounding of the sums besides.
  public let noiseFloor: Double
  /// The rows of the products.
  public let rows: Int
  /// The columns of the products.
  public let columns: Int

  /// Factorises two products of the same rows and columns; one that is missing counts as zero. Throws
  /// where an entry or a scaling is not finite. Work: O((rows + columns)·k²), memory: O(k²) beside the
  /// factors.
  public init(
    from old: ScaledFactors?, to new: ScaledFactors?
  ) throws(ComputeError) {
    let some = old ?? new
    let (rows, columns) = (some?.left.rows ?? 0, some?.right.columns ?? 0)
    precondition(
      [old, new].allSatisfy {
        $0.map { $0.left.rows == rows && $0.right.columns == columns } ?? true
      }, "products of the same extents")
    (self.rows, self.columns) = (rows, columns)
    let (before, after) = (old?.scaling ?? new?.scaling ?? 1, new?.scaling ?? old?.scaling ?? 1)
    guard before.isFinite, after.isFinite else { throw .notFinite }
    // An equal scaling is kept out of the differences, which are then exact.
    let isCommon = before == after
    let left = PairedVectors(
      old: old?.left.transposed, new: new?.left.transposed,
      factors: isCommon ? (1, 1) : (before, after))
    let right = PairedVectors(old: old?.right, new: new?.right, factors: (1, 1))
    guard left.coordinates.isFinite, right.coordinates.isFinite else { throw .notFinite }

    let factor = isCommon ? before : 1
    self.old = left.old.transposedTimes(right.old).scaled(by: factor)
    self.new = left.new.transposedTimes(right.new).scaled(by: factor)
    let crossed = left.apart.transposedTimes(right.together)
      .plus(left.together.transposedTimes(right.apart)).scaled(by: 0.5)
    let sign = (new?.left.columns ?? 0) >= (old?.left.columns ?? 0) ? 1.0 : -1.0
    let rest = left.rest.transposedTimes(right.rest).scaled(by: sign)
    difference = crossed.plus(rest).scaled(by: factor)
    guard self.old.isFinite, self.new.isFinite, difference.isFinite else { throw .notFinite }

    let (x, u, v, y) = (
      left.apart.frobeniusNorm, left.together.frobeniusNorm, right.apart.frobeniusNorm,
      right.together.frobeniusNorm
    )
    let products = x * y + u * v + left.rest.frobeniusNorm * right.rest.frobeniusNorm
    let depth = Double(max(left.coordinates.rows, 1)).squareRoot()
    noiseFloor =
      abs(factor) * 0x1p-53 * max(left.amplification, right.amplification)
      * (8 * depth * products + (isCommon ? 0 : 4 * (x + u) * (v + y)))
  }
}
