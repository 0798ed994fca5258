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
    openblas_set_num_threads(1)
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
    useOneThread()
    precondition(matrix.rows >= matrix.columns)
    // Row by row, M is Mᵀ column by column: its LQ is the QR of M.
    let (triangle, q) = unsafe factorised(matrix, isLower: false, dgelqf_, dorglq_)
    return (q, triangle)
  }

  /// M = L·Q for M `[rows, columns]`, rows ≤ columns: Q `[rows, columns]` with orthonormal rows, L
  /// lower triangular.
  static func lq(_ matrix: RealMatrix) -> (l: RealMatrix, q: RealMatrix) {
    useOneThread()
    precondition(matrix.rows <= matrix.columns)
    let (triangle, q) = unsafe factorised(matrix, isLower: true, dgeqrf_, dorgqr_)
    return (triangle, q)
  }

  private typealias Factorise = (
    UnsafePointer<Int32>?, UnsafePointer<Int32>?, UnsafeMutablePointer<Double>?,
    UnsafePointer<Int32>?, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?,
    UnsafePointer<Int32>?, UnsafeMutablePointer<Int32>?
  ) -> Void
  private typealias Form = (
    UnsafePointer<Int32>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?,
    UnsafeMutablePointer<Double>?, UnsafePointer<Int32>?, UnsafePointer<Double>?,
    UnsafeMutablePointer<Double>?, UnsafePointer<Int32>?, UnsafeMutablePointer<Int32>?
  ) -> Void

  /// Factorises a matrix that LAPACK sees as `[height, width]`, its transpose.
  ///
  /// The upper triangle of LAPACK's columns is the lower one of our rows, and the other way round.
  private static func factorised(
    _ matrix: RealMatrix, isLower: Bool, _ factorise: Factorise, _ form: Form
  ) -> (triangle: RealMatrix, orthogonal: RealMatrix) {
    let (height, width) = (matrix.columns, matrix.rows)
    let count = min(height, width)
    var q = matrix
    var triangle = RealMatrix(rows: count, columns: count)
    guard count > 0 else { return (triangle, q) }
    var (m, n, k, status) = (Int32(height), Int32(width), Int32(count), Int32(0))
    var tau = [Double](repeating: 0, count: count)
    var size = Int32(max(count, 1) * 64)
    var work = [Double](repeating: 0, count: Int(size))
    unsafe factorise(&m, &n, &q.elements, &m, &tau, &work, &size, &status)
    precondition(status == 0, "LAPACK takes the arguments")
    for row in 0..<count {
      for column in isLower ? 0..<row + 1 : row..<count {
        triangle[row, column] = q.elements[row * height + column]
      }
    }
    unsafe form(&m, &n, &k, &q.elements, &m, &tau, &work, &size, &status)
    precondition(status == 0, "LAPACK takes the arguments")
    return (triangle, q)
  }
}
