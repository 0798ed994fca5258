internal import COpenBLAS

/// The wrapper around BLAS and LAPACK: products and factorisations of matrices in Double.
///
/// Row-major matrices are handed over as the transposes that LAPACK sees in them, so that none is
/// copied to be turned. BLAS runs on one thread; callers spread matrices over workers, never both.
/// Results depend on the processor's kernels in their last bits: they are new content, and nothing
/// that another machine must find again (NUMERICS.md).
enum LinearAlgebra {
  /// Set once, before the first call.
  private static let isSingleThreaded: Bool = {
    adapterctl_use_one_thread()
    return true
  }()

  /// Holds BLAS to the thread that calls it.
  static func useOneThread() { precondition(isSingleThreaded) }

  /// left · right, each turned on request.
  static func product(
    _ left: RealMatrix, isLeftTransposed: Bool, _ right: RealMatrix, isRightTransposed: Bool
  ) -> RealMatrix {
    useOneThread()
    let rows = isLeftTransposed ? left.columns : left.rows
    let inner = isLeftTransposed ? left.rows : left.columns
    let columns = isRightTransposed ? right.rows : right.columns
    precondition(
      inner == (isRightTransposed ? right.columns : right.rows), "the inner extents are equal")
    var result = RealMatrix(rows: rows, columns: columns)
    guard rows > 0, columns > 0, inner > 0 else { return result }
    unsafe result.elements.withUnsafeMutableBufferPointer { target in
      unsafe cblas_dgemm(
        CblasRowMajor, isLeftTransposed ? CblasTrans : CblasNoTrans,
        isRightTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1,
        left.elements, Int32(left.columns), right.elements, Int32(right.columns), 0,
        target.baseAddress, Int32(columns))
    }
    return result
  }

  /// M = Q·R for M `[rows, columns]`, rows ≥ columns: Q `[rows, columns]` with orthonormal columns, R
  /// upper triangular.
  static func qr(_ matrix: RealMatrix) -> (q: RealMatrix, r: RealMatrix) {
    // Turned first: reflections of vectors whose entries lie side by side take a fifth of the time.
    let (l, q) = lq(matrix.transposed)
    return (q.transposed, l.transposed)
  }

  /// M = L·Q for M `[rows, columns]`, rows ≤ columns: Q `[rows, columns]` with orthonormal rows, L
  /// lower triangular.
  static func lq(_ matrix: RealMatrix) -> (l: RealMatrix, q: RealMatrix) {
    let reflections = RowReflections(matrix)
    return (reflections.triangle, reflections.orthonormalRows)
  }
}
