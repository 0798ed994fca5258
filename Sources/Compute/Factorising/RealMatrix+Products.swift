extension RealMatrix {
  /// self · other, `[rows, other.columns]`.
  public func times(_ other: RealMatrix) -> RealMatrix {
    LinearAlgebra.product(self, isLeftTransposed: false, other, isRightTransposed: false)
  }

  /// self · otherᵀ, `[rows, other.rows]`.
  public func timesTransposed(_ other: RealMatrix) -> RealMatrix {
    LinearAlgebra.product(self, isLeftTransposed: false, other, isRightTransposed: true)
  }

  /// selfᵀ · other, `[columns, other.columns]`.
  public func transposedTimes(_ other: RealMatrix) -> RealMatrix {
    LinearAlgebra.product(self, isLeftTransposed: true, other, isRightTransposed: false)
  }

  /// Q·R of a matrix with at least as many rows as columns: Q `[rows, columns]` has orthonormal
  /// columns, R `[columns, columns]` is upper triangular (Householder, LAPACK).
  public func qr() -> (q: RealMatrix, r: RealMatrix) { LinearAlgebra.qr(self) }

  /// L·Q of a matrix with at most as many rows as columns: L `[rows, rows]` is lower triangular,
  /// Q `[rows, columns]` has orthonormal rows (Householder, LAPACK).
  public func lq() -> (l: RealMatrix, q: RealMatrix) { LinearAlgebra.lq(self) }
}
