internal import Compute

/// TSV-Merge (arXiv 2412.00081): the leading singular vectors of every delta, made orthogonal to
/// those of the others before they are summed up.
///
/// With Û = [U₁, U₂, …], V̂ likewise and Σ̂ the singular values on a diagonal, the result is
/// Û⊥·Σ̂·V̂⊥ᵀ, where X⊥ = U_X·V_Xᵀ is the nearest matrix with orthonormal columns (the polar factor).
/// Directions that two deltas share make Û rank-deficient; X⊥ is then the partial isometry of the
/// directions that are there, and not, as in the published code, filled up by arbitrary ones.
enum TaskSingularVectors {
  /// The merged delta. `limit` is the number of directions each delta may bring: at most
  /// ⌊min(rows, columns)/T⌋, beyond which they have no room beside one another. Nil where all are 0.
  static func merged(
    _ deltas: [FactoredDelta]
  ) throws(ComputeError) -> FactoredDelta? {
    guard let first = deltas.first else { return nil }
    let limit = max(1, min(first.rows, first.columns) / deltas.count)
    var parts: [SingularValueDecomposition] = []
    for delta in deltas {
      let part = try delta.significantDecomposition()
      if !part.values.isEmpty { parts.append(part.truncated(to: limit)) }
    }
    guard !parts.isEmpty else { return nil }
    // A negative weight turns U's sign around; it is in the decomposition already.
    let stacked = FactoredDelta.sum(parts.map { FactoredDelta(left: $0.left, right: $0.right) })
    var left = try isometry(stacked.left)
    let right = try isometry(stacked.right.transposed)
    left.scaleColumns(by: parts.flatMap(\.values))
    return FactoredDelta(left: left, right: right.transposed)
  }

  /// The polar factor of a matrix `[rows, columns]`, restricted to the directions that it has.
  private static func isometry(_ matrix: RealMatrix) throws(ComputeError) -> RealMatrix {
    let isTall = matrix.rows >= matrix.columns
    let (q, core) = isTall ? matrix.qr() : (matrix, matrix)
    let whole = try SingularValueDecomposition(of: core)
    // Columns have length 1 and are right to single precision.
    let floor = (whole.values.first ?? 0) * 0x1p-20
    let kept = whole.truncated(to: whole.values.count { $0 > floor })
    let factor = kept.left.times(kept.right)
    return isTall ? q.times(factor) : factor
  }
}
