/// A product s · left · right of two factors, which is not formed.
public struct ScaledFactors: Sendable {
  /// `[rows, rank]`
  public let left: Matrix
  /// `[rank, columns]`
  public let right: Matrix
  /// The factor s in front of the product.
  public let scaling: Double

  /// Two factors of equal inner extents.
  public init(left: Matrix, right: Matrix, scaling: Double) {
    precondition(left.columns == right.rows, "the factors' inner extents are equal")
    self.left = left
    self.right = right
    self.scaling = scaling
  }
}

/// The Frobenius norms of two products of factors and of their difference, from Gram matrices.
///
/// With P = s·L·R and P' = s'·L'·R', the smaller rank filled up by zeros, and
/// X = s'L' − sL, U = s'L' + sL, V = R' − R, Y = R' + R, twice the difference is
/// 2(P' − P) = X·Y + U·V, and so
///
///     4‖P' − P‖² = Σ (XᵀX)∘(YYᵀ) + 2 Σ (XᵀU)∘(YVᵀ) + Σ (UᵀU)∘(VVᵀ),
///
/// with Gram matrices of rank × rank, so that memory and work do not grow with rows × columns. This
/// is the norm of stacked factors [s'L', −sL]·[R'; R], written so that neighbouring checkpoints
/// cancel in X and V, where that is exact, and not in the sum of squares. Equal factors give
/// exactly 0; exchanging the two gives the same bits.
///
/// **Error.** All is in Double, u = 2⁻⁵³. A Gram entry of n terms is right to (n/256 + 40)·u of the
/// product of its two rows' norms (blocks of 256, each in eight lanes); summed up by Cauchy–Schwarz,
/// the right side is right to E = ε·(‖X‖‖Y‖ + ‖U‖‖V‖)² with
/// ε = ((rows + columns)/256 + rank² + 100)·u. Hence `errorBound`: ‖P' − P‖ is right to
/// min(√E, E/√S)/2 where S is the computed right side, and to the rounding of the sums X, U, V, Y,
/// 4u·(‖X‖+‖U‖)(‖Y‖+‖V‖). Far apart, that is a relative ε; where factors differ and products do
/// not, √ε ≈ 10⁻⁷ of the factors' norms is what is left.
public struct FactorDistance: Sendable, Hashable {
  /// ‖P‖, 0 where there is none.
  public let oldNorm: Double
  /// ‖P'‖, 0 where there is none.
  public let newNorm: Double
  /// ‖P' − P‖
  public let distance: Double
  /// How far `distance` may be from the exact one of the same factors.
  public let errorBound: Double

  /// Measures two products of the same rows and columns; one that is missing counts as zero.
  public init(from old: ScaledFactors?, to new: ScaledFactors?) {
    let some = old ?? new
    let rank = max(old?.left.columns ?? 0, new?.left.columns ?? 0)
    let (rows, columns) = (some?.left.rows ?? 0, some?.right.columns ?? 0)
    precondition(
      [old, new].allSatisfy {
        $0.map { $0.left.rows == rows && $0.right.columns == columns } ?? true
      }, "products of the same extents")
    let left = GramPair(
      old: old?.left.transposed, new: new?.left.transposed,
      factors: (old?.scaling ?? 1, new?.scaling ?? 1), rank: rank)
    let right = GramPair(old: old?.right, new: new?.right, factors: (1, 1), rank: rank)

    oldNorm = Self.root(Self.dot(left.old, right.old))
    newNorm = Self.root(Self.dot(left.new, right.new))
    let cross = Self.dot(left.cross, GramPair.transposed(right.cross, rank: rank))
    let squares =
      Self.dot(left.difference, right.sum) + 2 * cross + Self.dot(left.sum, right.difference)
    distance = Self.root(squares) / 2

    func norm(_ gram: [Double]) -> Double {
      Self.root((0..<rank).reduce(0.0) { $0 + gram[$1 * rank + $1] })
    }
    let (x, u, v, y) = (
      norm(left.difference), norm(left.sum), norm(right.difference), norm(right.sum)
    )
    let unit = 0x1p-53
    let share = (Double(rows + columns) / 256 + Double(rank * rank) + 100) * unit
    let error = share * (x * y + u * v) * (x * y + u * v)
    let bySquares = error.squareRoot()
    let byQuotient = squares > 0 ? error / squares.squareRoot() : bySquares
    errorBound = min(bySquares, byQuotient) / 2 + 4 * unit * (x + u) * (y + v)
  }

  /// Σ a∘b
  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 }
  }

  /// The root of what is no negative number but for rounding; a NaN stays one.
  private static func root(_ squares: Double) -> Double {
    squares < 0 ? 0 : squares.squareRoot()
  }
}
