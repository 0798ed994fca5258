/// The leading singular triplets of a dense matrix, as many as somebody turns out to need.
///
/// A matrix of a smaller extent up to 512 is decomposed whole. Of a larger one a block Krylov space
/// grows by `expand`, and its Ritz values are what is known: the i-th of them is at most σᵢ, and the
/// sum of their k leading squares at most that of the k leading σ². What they leave out is exactly
/// ‖A‖_F² − Σθ². Where half of the matrix would be spanned, it is decomposed whole after all.
public struct RangeFinder: Sendable {
  private enum State {
    case whole(SingularValueDecomposition)
    case wholeByGram
    case krylov(KrylovSpace)
  }

  /// ‖A‖_F²
  public let squaredNorm: Double
  /// min(rows, columns): the number of all singular values.
  public let fullCount: Int
  /// What is known of the singular values, descending.
  public private(set) var values: [Double] = []
  private let matrix: Matrix
  private var state: State
  /// The values before the last expansion.
  private var earlier: [Double] = []

  /// Vectors beyond the wanted ones that make the wanted ones good.
  static let oversampling = 8
  /// The share of what is left out that one more block may still gain: less is not worth its passes.
  static let worthwhileGain = 1e-3

  /// Starts on a matrix of finite entries. `expectedRank` chooses the size of a block and nothing
  /// else; `randomness` is drawn from once.
  public init(
    of matrix: Matrix, expectedRank: Int, randomness: inout NamedRandomness
  ) throws(ComputeError) {
    squaredNorm = matrix.squaredFrobeniusNorm
    guard squaredNorm.isFinite else { throw .notFinite }
    self.matrix = matrix
    fullCount = min(matrix.rows, matrix.columns)
    if fullCount <= SpectralNorm.wholeLimit {
      let svd = try SingularValueDecomposition(ofLong: RealMatrix(matrix))
      values = svd.values
      state = .whole(svd)
      return
    }
    // Two to three blocks span the expected rank: the depth is worth more than the width.
    let wanted = (expectedRank + Self.oversampling + 1) / 2
    let size = min(64, max(8, (wanted + 7) / 8 * 8))
    state = .krylov(KrylovSpace(of: matrix, blockSize: size, randomness: &randomness))
    try expand()
  }

  /// Whether all singular values are known.
  public var isWhole: Bool {
    if case .krylov = state { return false }
    return true
  }

  /// Learns more: one more block, or everything.
  public mutating func expand() throws(ComputeError) {
    guard case .krylov(var space) = state else { return }
    if space.isFull || space.count * 2 > fullCount { return try decompose() }
    // The space alone, so that it grows in place.
    state = .wholeByGram
    space.expand()
    earlier = values
    values = try SingularValueDecomposition.values(ofLong: space.projection)
    state = .krylov(space)
  }

  /// Learns everything.
  public mutating func decompose() throws(ComputeError) {
    guard !isWhole else { return }
    values = try WholeSpectrum(of: matrix).values
    state = .wholeByGram
  }

  /// Singular values that stand for all of them: the known ones, and what is left out spread evenly
  /// over the others. Descending, and their squares add up to `squaredNorm`.
  public var spectrum: [Double] {
    let count = fullCount - values.count
    guard count > 0 else { return values }
    let rest = squaredNorm - values.reduce(0.0) { $0 + $1 * $1 }
    let each = (max(0, rest) / Double(count)).squareRoot()
    return (values + [Double](repeating: each, count: count)).sorted(by: >)
  }

  /// Whether the `count` leading triplets are as good as they are worth being made: another block
  /// would move less than a thousandth of what is left out into them.
  public func isSettled(_ count: Int) -> Bool {
    guard !isWhole else { return true }
    guard values.count >= count + Self.oversampling, !earlier.isEmpty else { return false }
    func captured(_ values: [Double]) -> Double {
      values.prefix(count).reduce(0.0) { $0 + $1 * $1 }
    }
    let now = captured(values)
    let left = squaredNorm - now
    // Float passes cannot tell more apart.
    return now - captured(earlier) <= Self.worthwhileGain * max(left, 0x1p-40 * squaredNorm)
  }

  /// The `count` leading triplets, of those that are known.
  public func leading(_ count: Int) throws(ComputeError) -> SingularValueDecomposition {
    switch state {
    case .whole(let svd): return svd.truncated(to: count)
    case .wholeByGram: return try WholeSpectrum.leading(count, of: matrix)
    case .krylov(let space):
      let inner = try SingularValueDecomposition(ofLong: space.projection).truncated(to: count)
      return SingularValueDecomposition(
        left: space.basis.transposedTimes(inner.left), values: inner.values, right: inner.right)
    }
  }
}
