internal import Compute

/// An update as the product of two factors in Double, which is not formed: ΔW = left · right.
struct FactoredDelta: Sendable {
  /// `[rows, rank]`
  let left: RealMatrix
  /// `[rank, columns]`
  let right: RealMatrix
  /// Σ ‖leftₜ‖·‖rightₜ‖ over the products that were summed up: what rounding errors are relative to.
  let magnitude: Double

  /// Two factors of equal inner extents.
  init(left: RealMatrix, right: RealMatrix) {
    self.init(left: left, right: right, magnitude: left.frobeniusNorm * right.frobeniusNorm)
  }

  private init(left: RealMatrix, right: RealMatrix, magnitude: Double) {
    precondition(left.columns == right.rows, "the factors' inner extents are equal")
    self.left = left
    self.right = right
    self.magnitude = magnitude
  }

  /// A matrix as a product with the identity: the form of what has no low rank.
  init(formed matrix: RealMatrix) {
    func identity(_ count: Int) -> RealMatrix {
      var made = RealMatrix(rows: count, columns: count)
      for index in 0..<count { made[index, index] = 1 }
      return made
    }
    // Rounding errors are relative to the matrix: an identity has none.
    let magnitude = matrix.frobeniusNorm
    if matrix.rows <= matrix.columns {
      self.init(left: identity(matrix.rows), right: matrix, magnitude: magnitude)
    } else {
      self.init(left: matrix, right: identity(matrix.columns), magnitude: magnitude)
    }
  }

  /// U·diag(σ)·Vᵀ, with √σ in either factor.
  init(_ decomposition: SingularValueDecomposition) {
    let roots = decomposition.values.map { $0.squareRoot() }
    var (left, right) = (decomposition.left, decomposition.right)
    left.scaleColumns(by: roots)
    right.scaleRows(by: roots)
    self.init(left: left, right: right)
  }

  /// The inner extent, which bounds the rank.
  var rank: Int { left.columns }
  /// The rows of the product.
  var rows: Int { left.rows }
  /// The columns of the product.
  var columns: Int { right.columns }

  /// weight · ΔW, with the weight multiplied into the right factor: the left one keeps its bits.
  func scaled(by weight: Double) -> FactoredDelta {
    guard weight != 1 else { return self }
    var right = right
    for index in right.elements.indices { right.elements[index] *= weight }
    return FactoredDelta(left: left, right: right, magnitude: magnitude * abs(weight))
  }

  /// The sum, exactly: the factors side by side and on top of one another.
  static func sum(_ deltas: [FactoredDelta]) -> FactoredDelta {
    precondition(!deltas.isEmpty, "there is a term")
    guard deltas.count > 1 else { return deltas[0] }
    let rank = deltas.reduce(0) { $0 + $1.rank }
    var elements: [Double] = []
    elements.reserveCapacity(deltas[0].rows * rank)
    for row in 0..<deltas[0].rows {
      for delta in deltas {
        elements += delta.left.elements[row * delta.rank..<(row + 1) * delta.rank]
      }
    }
    return FactoredDelta(
      left: RealMatrix(rows: deltas[0].rows, columns: rank, elements: elements),
      right: RealMatrix(
        rows: rank, columns: deltas[0].columns, elements: deltas.flatMap(\.right.elements)),
      magnitude: deltas.reduce(0) { $0 + $1.magnitude })
  }

  /// ⟨ΔW, ΔW'⟩ = Σ (LᵀL')∘(R·R'ᵀ): the product of entries summed up, from rank × rank matrices.
  func inner(_ other: FactoredDelta) -> Double {
    let (l, r) = (left.transposedTimes(other.left), right.timesTransposed(other.right))
    return zip(l.elements, r.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The singular values and vectors that are more than rounding.
  ///
  /// Factors are stored in single precision at best, so that the product is known to
  /// 2 · 2⁻²⁴ · Σ ‖leftₜ‖·‖rightₜ‖ and no better; singular values below that are noise, and methods
  /// that turn every direction into an equal one must not see them.
  func significantDecomposition() throws(ComputeError) -> SingularValueDecomposition {
    let factored = try FactoredDecomposition(left: left, right: right)
    let whole = try factored.decomposition()
    let floor = max(factored.noiseFloor, magnitude * 0x1p-23)
    return whole.truncated(to: whole.values.count { $0 > floor })
  }

  /// The product, `[rows, columns]`, in Double.
  var product: RealMatrix { left.times(right) }
}

extension FactoredDelta {
  /// Loaded factors, widened; the scaling is multiplied into the right one.
  init(_ factors: ScaledFactors) {
    self = FactoredDelta(left: RealMatrix(factors.left), right: RealMatrix(factors.right))
      .scaled(by: factors.scaling)
  }
}
