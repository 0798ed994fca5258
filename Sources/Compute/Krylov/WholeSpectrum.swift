/// All singular values of a dense matrix, and their vectors on demand.
///
/// Up to 512 by the decomposition itself (dgesdd in Double). Above, as the roots of the eigenvalues of
/// AAᵀ or AᵀA, whichever is smaller: squares of Float are exact in Double, so that an eigenvalue λ is
/// right to p·2⁻⁵³·‖A‖_F², and σ = √λ to that over 2σ at most. Values below √p·2⁻²⁶·‖A‖_F are not
/// resolved; `errorBound` is what the largest is right to, `error(of:)` any other.
public struct WholeSpectrum: Sendable {
  /// The singular values, descending: min(rows, columns) of them.
  public let values: [Double]
  /// What σ₁ is right to.
  public let errorBound: Double
  private let squareError: Double
  private let isByGram: Bool

  /// Computes the values. Throws where an entry is not finite.
  public init(of matrix: Matrix) throws(ComputeError) {
    let squares = matrix.squaredFrobeniusNorm
    guard squares.isFinite else { throw .notFinite }
    let growth = 20 * Double(max(matrix.rows, matrix.columns)).squareRoot() * 0x1p-53
    isByGram = min(matrix.rows, matrix.columns) > SpectralNorm.wholeLimit
    squareError = growth * squares
    guard isByGram else {
      values = try SingularValueDecomposition.values(of: RealMatrix(matrix))
      errorBound = growth * squares.squareRoot()
      return
    }
    var gram = Self.gram(of: matrix)
    let eigenvalues = try LinearAlgebra.eigenvalues(of: &gram, withVectors: false)
    values = eigenvalues.reversed().map { max($0, 0).squareRoot() }
    errorBound = squareError / max(values.first ?? 1, .leastNormalMagnitude)
  }

  /// What a value is right to.
  public func error(of value: Double) -> Double {
    guard isByGram else { return errorBound }
    // |√(λ + e) − √λ| ≤ min(e / √λ, √e)
    return min(squareError / max(value, .leastNormalMagnitude), squareError.squareRoot())
  }

  /// The `count` leading singular values and vectors, from a decomposition of the whole matrix.
  public static func leading(
    _ count: Int, of matrix: Matrix
  ) throws(ComputeError) -> SingularValueDecomposition {
    guard matrix.squaredFrobeniusNorm.isFinite else { throw .notFinite }
    guard min(matrix.rows, matrix.columns) > SpectralNorm.wholeLimit else {
      return try SingularValueDecomposition(of: RealMatrix(matrix)).truncated(to: count)
    }
    var vectors = gram(of: matrix)
    _ = try LinearAlgebra.eigenvalues(of: &vectors, withVectors: true)
    let size = vectors.rows
    let kept = min(count, size)
    var leading = RealMatrix(rows: kept, columns: size)
    for row in 0..<kept {
      let from = (size - 1 - row) * size
      leading.elements.replaceSubrange(
        row * size..<(row + 1) * size, with: vectors.elements[from..<from + size])
    }
    // The subspace is the eigenvectors', the triplets are its own: Rayleigh and Ritz.
    if matrix.rows <= matrix.columns {
      let inner = try SingularValueDecomposition(of: matrix.preimages(of: leading))
      return SingularValueDecomposition(
        left: leading.transposedTimes(inner.left), values: inner.values, right: inner.right)
    }
    let inner = try SingularValueDecomposition(of: matrix.images(of: leading).transposed)
    return SingularValueDecomposition(
      left: inner.left, values: inner.values, right: inner.right.times(leading))
  }

  /// AAᵀ where A is wide, AᵀA where it is tall: the upper triangle.
  private static func gram(of matrix: Matrix) -> RealMatrix {
    let size = min(matrix.rows, matrix.columns)
    var gram = RealMatrix(rows: size, columns: size)
    if matrix.rows > matrix.columns {
      for panel in matrix.panels {
        LinearAlgebra.addGram(of: matrix.widenedRows(panel), isTransposed: true, to: &gram)
      }
      return gram
    }
    let step = max(1, (1 << 20) / max(1, matrix.rows))
    for first in stride(from: 0, to: matrix.columns, by: step) {
      let width = min(step, matrix.columns - first)
      var panel = RealMatrix(rows: matrix.rows, columns: width)
      for row in 0..<matrix.rows {
        for column in 0..<width {
          panel.elements[row * width + column] =
            Double(matrix.elements[row * matrix.columns + first + column])
        }
      }
      LinearAlgebra.addGram(of: panel, isTransposed: false, to: &gram)
    }
    return gram
  }
}
