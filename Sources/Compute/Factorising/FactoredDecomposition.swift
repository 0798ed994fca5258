/// The singular value decomposition of Σ s·L·R, from the factors: the sum is never formed.
///
/// With L = [s₁L₁, s₂L₂, …] `[rows, k]` and R = [R₁; R₂; …] `[k, columns]`, thin factorisations
/// L = Q·T and R = S·Z leave a small core T·S = Ũ·Σ·Ṽᵀ, and U = Q·Ũ, Vᵀ = Ṽᵀ·Z. A side that is not
/// longer than k is its own core. All in Double, by Householder reflections, so that singular values
/// are right to a small multiple of 2⁻⁵³ · ‖L‖·‖R‖; the factors' condition is not squared as by Gram
/// matrices (Golub and Van Loan, Matrix Computations, 5.2).
///
/// Where terms cancel, as in a difference of equal adapters, ‖L‖·‖R‖ and not the difference's norm
/// is what the error is relative to: `noiseFloor` says it.
public struct FactoredDecomposition: Sendable {
  private let leftBasis: RealMatrix?
  private let core: RealMatrix
  private let rightBasis: RealMatrix?
  /// What singular values are right to: below it they are rounding.
  public let noiseFloor: Double

  /// Stacks the factors of products of the same rows and columns, and factorises them. Throws where
  /// an entry or a scaling is not finite. Work: O((rows + columns)·k²), memory: O((rows + columns)·k).
  public init(ofSumOf terms: [ScaledFactors]) throws(ComputeError) {
    precondition(!terms.isEmpty, "there is a term")
    let (rows, columns) = (terms[0].left.rows, terms[0].right.columns)
    precondition(
      terms.allSatisfy { $0.left.rows == rows && $0.right.columns == columns },
      "products of the same extents")
    let left = Self.sideBySide(terms)
    let right = RealMatrix(
      rows: left.columns, columns: columns,
      elements: terms.flatMap { $0.right.elements.map(Double.init) })
    try self.init(left: left, right: right)
  }

  /// Factorises left · right, `[rows, k]` times `[k, columns]`. Throws where an entry is not finite.
  public init(left: RealMatrix, right: RealMatrix) throws(ComputeError) {
    precondition(left.columns == right.rows, "the factors' inner extents are equal")
    guard left.isFinite, right.isFinite else { throw .notFinite }
    let depth = left.columns
    noiseFloor =
      left.frobeniusNorm * right.frobeniusNorm * 0x1p-53 * Double(max(depth, 1)).squareRoot() * 8
    let (top, side): (RealMatrix, RealMatrix)
    if left.rows > depth {
      let (q, r) = left.qr()
      (leftBasis, top) = (q, r)
    } else {
      (leftBasis, top) = (nil, left)
    }
    if right.columns > depth {
      let (l, q) = right.lq()
      (rightBasis, side) = (q, l)
    } else {
      (rightBasis, side) = (nil, right)
    }
    core = top.times(side)
    guard core.isFinite else { throw .notFinite }
  }

  /// The singular values, descending: min(rows, columns, k) of them.
  public func values() throws(ComputeError) -> [Double] {
    try SingularValueDecomposition.values(of: core)
  }

  /// The singular values and vectors, min(rows, columns, k) of each.
  public func decomposition() throws(ComputeError) -> SingularValueDecomposition {
    let inner = try SingularValueDecomposition(of: core)
    return SingularValueDecomposition(
      left: leftBasis.map { $0.times(inner.left) } ?? inner.left,
      values: inner.values,
      right: rightBasis.map { inner.right.times($0) } ?? inner.right)
  }

  /// All singular values, and the vectors of the first of them: as many as `count` says of the
  /// values. Vectors that are not asked for are not formed.
  public func decomposition(
    keeping count: ([Double]) -> Int
  ) throws(ComputeError) -> (values: [Double], vectors: SingularValueDecomposition) {
    let inner = try SingularValueDecomposition(of: core)
    let first = inner.truncated(to: count(inner.values))
    return (
      inner.values,
      SingularValueDecomposition(
        left: leftBasis.map { $0.times(first.left) } ?? first.left, values: first.values,
        right: rightBasis.map { first.right.times($0) } ?? first.right)
    )
  }

  /// [s₁L₁, s₂L₂, …], the products with s rounded once in Double.
  private static func sideBySide(_ terms: [ScaledFactors]) -> RealMatrix {
    let depth = terms.reduce(0) { $0 + $1.left.columns }
    var stacked = RealMatrix(rows: terms[0].left.rows, columns: depth)
    var offset = 0
    for term in terms {
      let rank = term.left.columns
      for row in 0..<stacked.rows {
        for column in 0..<rank {
          stacked.elements[row * depth + offset + column] =
            term.scaling * Double(term.left.elements[row * rank + column])
        }
      }
      offset += rank
    }
    return stacked
  }
}
