internal import COpenBLAS

extension LinearAlgebra {
  /// All singular values of a matrix, descending, and the vectors of the first of them: as many as
  /// `count` says of the values, U `[rows, p]` and Vᵀ `[p, columns]`.
  ///
  /// Of a square matrix the vectors of its bidiagonal form are found by divide and conquer (dgebrd,
  /// dbdsdc), as dgesdd finds them, and only those asked for are turned back. What does not converge,
  /// and any other matrix, goes through `svd`.
  static func svd(
    _ matrix: RealMatrix, keeping count: ([Double]) -> Int
  ) throws(ComputeError) -> (left: RealMatrix, values: [Double], right: RealMatrix) {
    guard matrix.isFinite else { throw .notFinite }
    if matrix.rows == matrix.columns, matrix.rows > 1,
      let found = leadingVectors(of: matrix, keeping: count)
    {
      return found
    }
    let (left, values, right) = try svd(matrix, withVectors: true)
    let kept = min(count(values), values.count)
    return (left.firstColumns(kept), values, right.firstRows(kept))
  }

  /// Seen column by column, M is Mᵀ = V·Σ·Uᵀ: LAPACK's left vectors are our right ones.
  private static func leadingVectors(
    of matrix: RealMatrix, keeping count: ([Double]) -> Int
  ) -> (left: RealMatrix, values: [Double], right: RealMatrix)? {
    useOneThread()
    let size = matrix.rows
    var (n, status) = (Int32(size), Int32(0))
    var reduced = matrix.elements
    var values = [Double](repeating: 0, count: size)
    var beside = [Double](repeating: 0, count: size)
    var (qFactors, pFactors) = (values, values)
    var workSize = Int32(64 * size)
    var work = [Double](repeating: 0, count: max(Int(workSize), 3 * size * size + 4 * size))
    unsafe dgebrd_(
      &n, &n, &reduced, &n, &values, &beside, &qFactors, &pFactors, &work, &workSize, &status)
    precondition(status == 0, "LAPACK takes the arguments")

    var (upper, vectors) = (CChar(0x55), CChar(0x49))
    var right = [Double](repeating: 0, count: size * size)
    var left = [Double](repeating: 0, count: size * size)
    var integers = [Int32](repeating: 0, count: 8 * size)
    var (unused, unusedInteger) = (0.0, Int32(0))
    unsafe dbdsdc_(
      &upper, &vectors, &n, &values, &beside, &right, &n, &left, &n, &unused, &unusedInteger, &work,
      &integers, &status, 1, 1)
    precondition(status >= 0, "LAPACK takes the arguments")
    guard status == 0 else { return nil }

    let kept = min(count(values), size)
    guard kept > 0 else {
      return (RealMatrix(rows: size, columns: 0), values, RealMatrix(rows: 0, columns: size))
    }
    var p = Int32(kept)
    var first = RealMatrix(rows: size, columns: size, elements: left).firstColumns(kept).elements
    right.removeLast((size - kept) * size)
    var (q, forP, onLeft, onRight, plain, turned) = (
      CChar(0x51), CChar(0x50), CChar(0x4C), CChar(0x52), CChar(0x4E), CChar(0x54)
    )
    unsafe dormbr_(
      &q, &onLeft, &plain, &n, &p, &n, reduced, &n, qFactors, &right, &n, &work, &workSize, &status,
      1, 1, 1)
    precondition(status == 0, "LAPACK takes the arguments")
    unsafe dormbr_(
      &forP, &onRight, &turned, &p, &n, &n, reduced, &n, pFactors, &first, &p, &work, &workSize,
      &status, 1, 1, 1)
    precondition(status == 0, "LAPACK takes the arguments")
    return (
      RealMatrix(rows: size, columns: kept, elements: first), values,
      RealMatrix(rows: kept, columns: size, elements: right)
    )
  }
}
