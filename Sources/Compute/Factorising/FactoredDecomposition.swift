/// The singular value decomposition of Σ s·L·R, from the factors: the sum is never formed.
///
/// With L = [s₁L₁, s₂L₂, …] `[rows, k]` and R = [R₁; R₂; …] `[k, columns]`, thin factorisations
/// L = Q·T and R = S·Z leave a small core T·S = Ũ·Σ·Ṽᵀ, and U = Q·Ũ, Vᵀ = Ṽᵀ·Z. A side that is not
/// longer than k is its own core. All in Double, so that singular values are right to a small multiple
/// of 2⁻⁵³ · κ·‖L‖·‖R‖, with κ the larger condition of the factors' scaled vectors where that is small
/// enough for Gram matrices, and 1 where it is not and reflections are taken (`ThinBasis`; Golub and Van
/// Loan, Matrix Computations, 5.2).
///
/// Where terms cancel, as in a difference of equal adapters, ‖L‖·‖R‖ and not the difference's norm
/// is what the error is relative to: `noiseFloor` says it.
public struct FactoredDecomposition: Sendable {
  private let leftBasis: ThinBasis?
  private let core: RealMatrix
  private let rightBasis: ThinBasis?
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
    leftBasis = left.rows > depth ? ThinBasis(ofColumns: left) : nil
    rightBasis = right.columns > depth ? ThinBasis(ofRows: right) : nil
    core = (leftBasis?.coordinates ?? left).times(rightBasis?.coordinates ?? right)
    guard core.isFinite else { throw .notFinite }
    noiseFloor =
      left.frobeniusNorm * right.frobeniusNorm * 0x1p-53 * Double(max(depth, 1)).squareRoot() * 8
      * max(leftBasis?.amplification ?? 1, rightBasis?.amplification ?? 1)
  }

  /// The singular values, descending: min(rows, columns, k) of them.
  public func values() throws(ComputeError) -> [Double] {
    try SingularValueDecomposition.values(of: core)
  }

  /// The singular values and vectors, min(rows, columns, k) of each.
  public func decomposition() throws(ComputeError) -> SingularValueDecomposition {
    try decomposition { $0.count }.vectors
  }

  /// All singular values, and the vectors of the first of them: as many as `count` says of the
  /// values. Vectors that are not asked for are not formed.
  public func decomposition(
    keeping count: ([Double]) -> Int
  ) throws(ComputeError) -> (values: [Double], vectors: SingularValueDecomposition) {
    let inner = try LinearAlgebra.svd(core, keeping: count)
    return (
      inner.values,
      SingularValueDecomposition(
        left: leftBasis.map { $0.vectors(inner.left) } ?? inner.left,
        values: Array(inner.values.prefix(inner.left.columns)),
        right: rightBasis.map { $0.vectors(inner.right) } ?? inner.right)
    )
  }

  /// [s₁L₁, s₂L₂, …], the products with s rounded once in Double.
  private static func sideBySide(_ terms: [ScaledFactors]) -> RealMatrix {
    if terms.count == 1 {
      let (left, scaling) = (terms[0].left, terms[0].scaling)
      return RealMatrix(
        rows: left.rows, columns: left.columns,
        elements: left.elements.map { scaling * Double($0) })
    }
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
