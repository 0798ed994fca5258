internal import COpenBLAS

/// Products of large matrices in Float: the passes over a dense matrix that Krylov spaces are made
/// of. Rounded as they come; what is claimed of a result is measured in Double afterwards.
extension LinearAlgebra {
  /// target ← scale · left · right + kept · target, each factor turned on request.
  static func accumulate(
    _ left: Matrix, isLeftTransposed: Bool, _ right: Matrix, isRightTransposed: Bool,
    scale: Float, kept: Float, into target: inout Matrix
  ) {
    useOneThread()
    let rows = isLeftTransposed ? left.columns : left.rows
    let inner = isLeftTransposed ? left.rows : left.columns
    let columns = isRightTransposed ? right.rows : right.columns
    precondition(
      inner == (isRightTransposed ? right.columns : right.rows), "the inner extents are equal")
    precondition(target.rows == rows && target.columns == columns, "the target has room")
    guard rows > 0, columns > 0, inner > 0 else { return }
    unsafe target.elements.withUnsafeMutableBufferPointer { target in
      unsafe cblas_sgemm(
        CblasRowMajor, isLeftTransposed ? CblasTrans : CblasNoTrans,
        isRightTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(inner),
        scale, left.elements, Int32(left.columns), right.elements, Int32(right.columns), kept,
        target.baseAddress, Int32(columns))
    }
  }
}
