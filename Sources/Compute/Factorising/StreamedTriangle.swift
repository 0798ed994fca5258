internal import COpenBLAS

/// The coordinates of some vectors in an orthonormal basis of their span, from the vectors' entries a
/// block at a time: the triangle of an LQ factorisation whose orthonormal factor nobody asks for.
///
/// The rows of M `[count, n]` are M = C·Q with C `[count, count]` lower triangular and the rows of Q
/// orthonormal. Each block of columns is folded into C by Householder reflections (LAPACK's dtpqrt), so
/// that memory does not grow with n, and each row of C is right to a small multiple of 2⁻⁵³ of its own
/// length, however short it is beside the others (Higham, Accuracy and Stability, Theorem 19.4).
struct StreamedTriangle {
  /// C, `[count, count]`: row i has the coordinates of vector i.
  private(set) var coordinates: RealMatrix

  /// What a block is at most wide.
  static let blockWidth = 1024

  /// So many vectors without an entry yet.
  init(count: Int) { coordinates = RealMatrix(rows: count, columns: count) }

  /// Folds `width` entries of every vector in; `block` is `[count, width]` and is spent.
  mutating func fold(_ block: inout [Double], width: Int) {
    let count = coordinates.rows
    guard count > 0, width > 0 else { return }
    LinearAlgebra.useOneThread()
    precondition(block.count >= count * width, "every vector has the block's entries")
    // Row by row, C is its transpose column by column: the upper triangle that LAPACK has.
    var (m, n, l, nb) = (Int32(width), Int32(count), Int32(0), Int32(min(32, count)))
    var status = Int32(0)
    var reflectors = [Double](repeating: 0, count: Int(nb) * count)
    var work = [Double](repeating: 0, count: Int(nb) * count)
    unsafe dtpqrt_(
      &m, &n, &l, &nb, &coordinates.elements, &n, &block, &m, &reflectors, &nb, &work, &status)
    precondition(status == 0, "LAPACK takes the arguments")
  }
}
