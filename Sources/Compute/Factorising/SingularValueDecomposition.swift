/// M = U·diag(σ)·Vᵀ: singular values in descending order and their vectors.
///
/// The sign of each pair of vectors is chosen so that the entry of the left one that is largest in
/// magnitude, the first of equal ones, is positive.
public struct SingularValueDecomposition: Sendable {
  /// U, `[rows, k]`, with orthonormal columns.
  public let left: RealMatrix
  /// σ, k of them, descending, none negative.
  public let values: [Double]
  /// Vᵀ, `[k, columns]`, with orthonormal rows.
  public let right: RealMatrix

  /// Factors that another factorisation has found.
  init(left: RealMatrix, values: [Double], right: RealMatrix) {
    var (left, right) = (left, right)
    let signs = Self.signs(ofColumnsIn: left)
    left.scaleColumns(by: signs)
    right.scaleRows(by: signs)
    self.left = left
    self.values = values
    self.right = right
  }

  /// Factorises a whole matrix (LAPACK's divide and conquer): k = min(rows, columns). Throws where
  /// an entry is not finite.
  public init(of matrix: RealMatrix) throws(ComputeError) {
    let (left, values, right) = try LinearAlgebra.svd(matrix, withVectors: true)
    self.init(left: left, values: values, right: right)
  }

  /// The singular values of a whole matrix alone, descending.
  public static func values(of matrix: RealMatrix) throws(ComputeError) -> [Double] {
    try LinearAlgebra.svd(matrix, withVectors: false).values
  }

  /// Factorises a matrix that is much longer than wide, or the other way round, through the coordinates
  /// of its vectors (`ThinBasis`), a small square matrix: right to κ·2⁻⁵³ of its norm, κ ≤ 2¹⁴ being the
  /// condition of the vectors scaled to one length. Any other matrix is factorised whole. Throws where
  /// an entry is not finite.
  public init(ofLong matrix: RealMatrix) throws(ComputeError) {
    let isTall = matrix.rows > matrix.columns
    guard Self.isLong(matrix) else {
      try self.init(of: matrix)
      return
    }
    guard matrix.isFinite else { throw .notFinite }
    let basis = isTall ? ThinBasis(ofColumns: matrix) : ThinBasis(ofRows: matrix)
    let (left, values, right) = try LinearAlgebra.svd(basis.coordinates) { $0.count }
    self.init(
      left: isTall ? basis.vectors(left) : left, values: values,
      right: isTall ? right : basis.vectors(right))
  }

  /// The singular values of such a matrix alone, descending.
  public static func values(ofLong matrix: RealMatrix) throws(ComputeError) -> [Double] {
    guard isLong(matrix) else { return try values(of: matrix) }
    guard matrix.isFinite else { throw .notFinite }
    let basis =
      matrix.rows > matrix.columns ? ThinBasis(ofColumns: matrix) : ThinBasis(ofRows: matrix)
    return try values(of: basis.coordinates)
  }

  private static func isLong(_ matrix: RealMatrix) -> Bool {
    let (short, long) = (min(matrix.rows, matrix.columns), max(matrix.rows, matrix.columns))
    return short > 0 && long >= 2 * short
  }

  /// The first `count` singular values and vectors: the best approximation of that rank in every
  /// unitarily invariant norm (Eckart, Young, Mirsky).
  public func truncated(to count: Int) -> SingularValueDecomposition {
    let kept = min(count, values.count)
    return SingularValueDecomposition(
      left: left.firstColumns(kept), values: Array(values.prefix(kept)),
      right: right.firstRows(kept))
  }

  private static func signs(ofColumnsIn matrix: RealMatrix) -> [Double] {
    var largest = [Double](repeating: 0, count: matrix.columns)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        let entry = matrix.elements[row * matrix.columns + column]
        if abs(entry) > abs(largest[column]) { largest[column] = entry }
      }
    }
    return largest.map { $0 < 0 ? -1 : 1 }
  }
}
