internal import COpenBLAS

extension LinearAlgebra {
  /// The singular values of a matrix, descending, with U `[rows, k]` and Vᵀ `[k, columns]` where they
  /// are wanted, k = min(rows, columns).
  ///
  /// Divide and conquer (dgesdd), and where that does not converge the QR iteration (dgesvd).
  static func svd(
    _ matrix: RealMatrix, withVectors: Bool
  ) throws(ComputeError) -> (left: RealMatrix, values: [Double], right: RealMatrix) {
    // LAPACK may not come back from a NaN.
    guard matrix.isFinite else { throw .notFinite }
    let count = min(matrix.rows, matrix.columns)
    guard count > 0 else {
      return (
        RealMatrix(rows: matrix.rows, columns: 0), [], RealMatrix(rows: 0, columns: matrix.columns)
      )
    }
    if let result = decomposed(matrix, withVectors, byDivision: true) { return result }
    guard let result = decomposed(matrix, withVectors, byDivision: false) else {
      throw .notConverged
    }
    return result
  }

  /// Seen column by column, M is Mᵀ = V·Σ·Uᵀ: LAPACK's left vectors are our right ones, and both
  /// come out as our rows have them.
  private static func decomposed(
    _ matrix: RealMatrix, _ withVectors: Bool, byDivision: Bool
  ) -> (left: RealMatrix, values: [Double], right: RealMatrix)? {
    useOneThread()
    let count = min(matrix.rows, matrix.columns)
    var copy = matrix.elements
    var (m, n, k) = (Int32(matrix.columns), Int32(matrix.rows), Int32(count))
    var values = [Double](repeating: 0, count: count)
    var right = [Double](repeating: 0, count: withVectors ? count * matrix.columns : 1)
    var left = [Double](repeating: 0, count: withVectors ? count * matrix.rows : 1)
    var integers = [Int32](repeating: 0, count: byDivision ? 8 * count : 1)
    var status = Int32(0)
    var job = CChar(withVectors ? 0x53 : 0x4E)
    var (size, wanted) = (Int32(-1), 0.0)
    func call(_ work: UnsafeMutablePointer<Double>) {
      if byDivision {
        unsafe dgesdd_(
          &job, &m, &n, &copy, &m, &values, &right, &m, &left, &k, work, &size, &integers, &status,
          1)
      } else {
        unsafe dgesvd_(
          &job, &job, &m, &n, &copy, &m, &values, &right, &m, &left, &k, work, &size, &status, 1, 1)
      }
    }
    unsafe call(&wanted)
    size = Int32(wanted)
    var work = [Double](repeating: 0, count: max(1, Int(size)))
    unsafe call(&work)
    precondition(status >= 0, "LAPACK takes the arguments")
    guard status == 0 else { return nil }
    return (
      RealMatrix(
        rows: matrix.rows, columns: withVectors ? count : 0, elements: withVectors ? left : []),
      values,
      RealMatrix(
        rows: withVectors ? count : 0, columns: matrix.columns, elements: withVectors ? right : [])
    )
  }
}
