internal import COpenBLAS

/// M = C·Q for M `[count, n]`, count ≤ n, by Householder reflections: C lower triangular, the rows of Q
/// orthonormal. Each row of C is right to a small multiple of 2⁻⁵³ of its own length (Higham, Accuracy
/// and Stability, Theorem 19.4); Q is formed only where it is asked for.
struct RowReflections: Sendable {
  /// What LAPACK leaves: C and the reflections.
  private let compact: RealMatrix
  private let factors: [Double]

  /// Reflects the rows of M. Row by row it is its transpose column by column: its QR (dgeqrf).
  init(_ matrix: RealMatrix) {
    LinearAlgebra.useOneThread()
    precondition(matrix.rows <= matrix.columns, "no more vectors than entries of each")
    var compact = matrix
    var factors = [Double](repeating: 0, count: matrix.rows)
    if matrix.rows > 0 {
      var (m, n, status) = (Int32(matrix.columns), Int32(matrix.rows), Int32(0))
      var size = n * 64
      var work = [Double](repeating: 0, count: Int(size))
      unsafe dgeqrf_(&m, &n, &compact.elements, &m, &factors, &work, &size, &status)
      precondition(status == 0, "LAPACK takes the arguments")
    }
    self.compact = compact
    self.factors = factors
  }

  /// C, `[count, count]`.
  var triangle: RealMatrix {
    let (count, length) = (compact.rows, compact.columns)
    var triangle = RealMatrix(rows: count, columns: count)
    for row in 0..<count {
      for column in 0...row { triangle[row, column] = compact.elements[row * length + column] }
    }
    return triangle
  }

  /// Q, `[count, n]`.
  var orthonormalRows: RealMatrix {
    var q = compact
    guard q.rows > 0 else { return q }
    var (m, n, status) = (Int32(q.columns), Int32(q.rows), Int32(0))
    var size = n * 64
    var work = [Double](repeating: 0, count: Int(size))
    unsafe dorgqr_(&m, &n, &n, &q.elements, &m, factors, &work, &size, &status)
    precondition(status == 0, "LAPACK takes the arguments")
    return q
  }
}
