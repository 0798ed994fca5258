internal import COpenBLAS

extension LinearAlgebra {
  /// Adds panel·panelᵀ, or panelᵀ·panel where the panel is turned, to the upper triangle of a
  /// symmetric matrix.
  static func addGram(of panel: RealMatrix, isTransposed: Bool, to gram: inout RealMatrix) {
    useOneThread()
    let (size, depth) =
      isTransposed ? (panel.columns, panel.rows) : (panel.rows, panel.columns)
    precondition(gram.rows == size && gram.columns == size, "the Gram matrix has the extents")
    guard size > 0, depth > 0 else { return }
    unsafe gram.elements.withUnsafeMutableBufferPointer { gram in
      unsafe cblas_dsyrk(
        CblasRowMajor, CblasUpper, isTransposed ? CblasTrans : CblasNoTrans, Int32(size),
        Int32(depth), 1, panel.elements, Int32(panel.columns), 1, gram.baseAddress, Int32(size))
    }
  }

  /// The eigenvalues of a symmetric matrix of which the upper triangle is given, ascending; where
  /// they are wanted the matrix becomes their vectors, one a row (dsyevd).
  static func eigenvalues(
    of matrix: inout RealMatrix, withVectors: Bool
  ) throws(ComputeError) -> [Double] {
    useOneThread()
    precondition(matrix.rows == matrix.columns, "a symmetric matrix is square")
    guard matrix.isFinite else { throw .notFinite }
    let count = matrix.rows
    guard count > 0 else { return [] }
    // Our upper triangle is the lower one of LAPACK's columns.
    var (job, triangle) = (CChar(withVectors ? 0x56 : 0x4E), CChar(0x4C))
    var (n, status) = (Int32(count), Int32(0))
    var values = [Double](repeating: 0, count: count)
    var (size, integerSize, wanted, integersWanted) = (Int32(-1), Int32(-1), 0.0, Int32(0))
    unsafe dsyevd_(
      &job, &triangle, &n, &matrix.elements, &n, &values, &wanted, &size, &integersWanted,
      &integerSize, &status, 1, 1)
    size = Int32(wanted)
    integerSize = integersWanted
    var work = [Double](repeating: 0, count: max(1, Int(size)))
    var integers = [Int32](repeating: 0, count: max(1, Int(integerSize)))
    unsafe dsyevd_(
      &job, &triangle, &n, &matrix.elements, &n, &values, &work, &size, &integers, &integerSize,
      &status, 1, 1)
    precondition(status >= 0, "LAPACK takes the arguments")
    guard status == 0 else { throw .notConverged }
    return values
  }
}
