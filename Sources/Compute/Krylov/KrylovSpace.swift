/// A growing block Krylov space of a dense matrix A, `[rows, columns]`, and A's action on it.
///
/// From a block Ω of random vectors: U = orth[AΩ, (AAᵀ)AΩ, …, (AAᵀ)^(q)AΩ], with UᵀA beside it
/// (Musco and Musco 2015, arXiv 1504.05477, Algorithm 2; computed as a block Golub-Kahan process, so
/// that the pass which makes the next block is also the one that makes its part of UᵀA). Each block
/// costs two passes over A. Passes are in Float; orthogonalisation is in Double, against all earlier
/// blocks, until it holds to 2⁻⁴⁰.
///
/// The space depends on the matrix and the random numbers alone.
public struct KrylovSpace: Sendable {
  private let matrix: Matrix
  private let blockSize: Int
  /// The next block of right vectors, `[b, columns]`.
  private var next: RealMatrix
  /// Orthonormal right vectors so far, `[k, columns]`.
  private var rightBasis: RealMatrix
  /// U, one orthonormal vector a row, `[k, rows]`.
  private(set) var basis: RealMatrix
  /// UᵀA, `[k, columns]`, as the Float passes gave it.
  private(set) var projection: RealMatrix
  /// The number of blocks: q + 1.
  public private(set) var blockCount = 0

  /// A space without a block yet. `blockSize` is held to min(rows, columns).
  public init(
    of matrix: Matrix, blockSize: Int, randomness: inout NamedRandomness
  ) {
    self.matrix = matrix
    let size = max(1, min(blockSize, min(matrix.rows, matrix.columns)))
    self.blockSize = size
    rightBasis = RealMatrix(rows: 0, columns: matrix.columns)
    basis = RealMatrix(rows: 0, columns: matrix.rows)
    projection = RealMatrix(rows: 0, columns: matrix.columns)
    next = randomness.normalMatrix(rows: size, columns: matrix.columns)
  }

  /// The number of vectors.
  public var count: Int { basis.rows }

  /// Whether there is no room for another block: the space is nearly everything.
  public var isFull: Bool { count + blockSize > min(matrix.rows, matrix.columns) }

  /// Adds a block. The space must not be full.
  public mutating func expand() {
    precondition(!isFull, "there is room for a block")
    let right = Self.orthonormalised(next, against: rightBasis)
    rightBasis.append(right)
    let image = product(right, isTurned: true)
    let left = Self.orthonormalised(image, against: basis)
    basis.append(left)
    next = product(left, isTurned: false)
    projection.append(next)
    blockCount += 1
  }

  /// block · Aᵀ or block · A, by one pass in Float.
  private func product(_ block: RealMatrix, isTurned: Bool) -> RealMatrix {
    var result = Matrix(
      rows: block.rows, columns: isTurned ? matrix.rows : matrix.columns,
      elements: [Float](
        repeating: 0, count: block.rows * (isTurned ? matrix.rows : matrix.columns)))
    LinearAlgebra.accumulate(
      block.rounded, isLeftTransposed: false, matrix, isRightTransposed: isTurned, scale: 1,
      kept: 0, into: &result)
    return RealMatrix(result)
  }

  /// Orthonormal rows that span, with the basis, what the block spans with it. Where the block lies
  /// in the basis already, any directions outside stand in: they do no harm to an orthonormal basis.
  private static func orthonormalised(
    _ block: RealMatrix, against basis: RealMatrix
  ) -> RealMatrix {
    guard basis.rows > 0 else { return block.lq().q }
    var current = block
    var defect = Double.infinity
    for _ in 0..<6 where defect > 0x1p-40 {
      let inside = current.timesTransposed(basis)
      let part = inside.times(basis)
      for index in current.elements.indices { current.elements[index] -= part.elements[index] }
      current = current.lq().q
      defect = current.timesTransposed(basis).frobeniusNorm
    }
    return current
  }
}

extension RealMatrix {
  /// Puts the rows of another matrix of as many columns below.
  mutating func append(_ other: RealMatrix) {
    precondition(columns == other.columns, "rows of one length")
    self = RealMatrix(
      rows: rows + other.rows, columns: columns, elements: elements + other.elements)
  }
}
