internal import COpenBLAS

/// The upper triangle R with RᵀR = G, the Gram matrix of some vectors: their coordinates in an
/// orthonormal basis of their span, from products alone. It takes a quarter of the time of
/// reflections, and is used where it is as good.
///
/// The vectors are scaled to length 1 first, so that a short one is as exact as a long one. Of scaled
/// vectors whose condition is κ, R is right to κ·2⁻⁵³ of their lengths (Higham, Accuracy and Stability,
/// Theorem 10.7 and 10.3): a condition above `highestCondition` is refused, and with it all that is
/// rank-deficient.
struct GramTriangle: Sendable {
  /// Above it, reflections are taken: bases would be orthonormal to less than the weights are stored to.
  static let highestCondition = 0x1p14

  /// R, `[count, count]`, upper triangular.
  let triangle: RealMatrix
  /// κ, of the scaled vectors, as it is estimated in the 1-norm.
  let condition: Double

  /// Factorises a Gram matrix `[count, count]` of which the upper triangle is given, and zeros below;
  /// nil where the vectors are too dependent for it. Vectors of zeros are, unless their coordinates
  /// alone are wanted, which are zeros.
  init?(of gram: RealMatrix, allowingZeros: Bool = false) {
    let count = gram.rows
    let lengths = (0..<count).map { gram[$0, $0].squareRoot() }
    guard lengths.allSatisfy({ ($0 > 0 || allowingZeros) && $0.isFinite }) else { return nil }
    var scaled = gram
    let inverses = lengths.map { $0 > 0 ? 1 / $0 : 0 }
    scaled.scaleRows(by: inverses)
    scaled.scaleColumns(by: inverses)
    for index in 0..<count where lengths[index] == 0 { scaled[index, index] = 1 }
    guard let condition = Self.factorise(&scaled), condition <= Self.highestCondition else {
      return nil
    }
    scaled.scaleColumns(by: lengths)
    guard scaled.isFinite else { return nil }
    triangle = scaled
    self.condition = condition
  }

  /// Makes an upper triangle of a symmetric matrix its Cholesky factor (dpotrf): the factor's condition
  /// (dtrcon), or nil where the matrix is not positive definite.
  private static func factorise(_ matrix: inout RealMatrix) -> Double? {
    LinearAlgebra.useOneThread()
    // Our upper triangle is the lower one of LAPACK's columns.
    var (lower, one, nonUnit) = (CChar(0x4C), CChar(0x31), CChar(0x4E))
    var (n, status) = (Int32(matrix.rows), Int32(0))
    unsafe dpotrf_(&lower, &n, &matrix.elements, &n, &status, 1)
    precondition(status >= 0, "LAPACK takes the arguments")
    guard status == 0 else { return nil }
    var reciprocal = 0.0
    var work = [Double](repeating: 0, count: 3 * matrix.rows)
    var integers = [Int32](repeating: 0, count: matrix.rows)
    unsafe dtrcon_(
      &one, &lower, &nonUnit, &n, matrix.elements, &n, &reciprocal, &work, &integers, &status, 1,
      1, 1)
    return status == 0 && reciprocal > 0 ? 1 / reciprocal : nil
  }

  /// R⁻¹·X for X `[count, p]`.
  func solving(_ matrix: RealMatrix) -> RealMatrix {
    solve(matrix, side: CblasLeft, transposition: CblasNoTrans)
  }

  /// X·R⁻ᵀ for X `[p, count]`.
  func solvingTransposed(_ matrix: RealMatrix) -> RealMatrix {
    solve(matrix, side: CblasRight, transposition: CblasTrans)
  }

  private func solve(
    _ matrix: RealMatrix, side: CBLAS_SIDE, transposition: CBLAS_TRANSPOSE
  ) -> RealMatrix {
    LinearAlgebra.useOneThread()
    precondition((side == CblasLeft ? matrix.rows : matrix.columns) == triangle.rows)
    var solution = matrix
    guard matrix.rows > 0, matrix.columns > 0 else { return matrix }
    unsafe cblas_dtrsm(
      CblasRowMajor, side, CblasUpper, transposition, CblasNonUnit, Int32(matrix.rows),
      Int32(matrix.columns), 1, triangle.elements, Int32(triangle.columns), &solution.elements,
      Int32(matrix.columns))
    return solution
  }
}
