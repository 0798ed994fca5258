/// A norm of matrices.
public enum MatrixNorm: String, Sendable, Hashable, CaseIterable {
  /// σ₁: the most that a vector of length 1 can be moved.
  case spectral
  /// √Σσ²: the root of the sum of all squared entries.
  case frobenius
  /// Σσ
  case nuclear
  /// The largest entry in magnitude; no norm that products respect.
  case max

  /// The norm of a matrix by its singular values, descending; the largest entry is not among what they
  /// tell.
  func value(ofSingularValues values: [Double]) -> Double {
    switch self {
    case .spectral, .max: values.first ?? 0
    case .frobenius: RealMatrix(rows: 1, columns: values.count, elements: values).frobeniusNorm
    case .nuclear: values.reduce(0, +)
    }
  }

  /// The norm of the matrix that has some matrices as blocks on its diagonal and zeros elsewhere, by
  /// the norms of the blocks: what several weights have together.
  public func together(_ norms: [Double]) -> Double {
    switch self {
    case .spectral, .max: norms.reduce(0.0) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
    case .frobenius: norms.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    case .nuclear: norms.reduce(0, +)
    }
  }
}
