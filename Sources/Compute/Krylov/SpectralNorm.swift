internal import Glibc

/// The spectral norm ‖A‖₂ = σ₁ of a dense matrix, as an interval, and what each end is worth.
///
/// `lower` is ‖Aᵀu‖ of a unit vector u, in Double: no σ₁ is below it, whatever u is. `residual` is
/// ‖Av − σu‖ with v = Aᵀu / σ: *some* singular value lies within it of `lower`, which need not be the
/// largest. `upper` covers the rest. It holds
/// - for certain where all singular values were computed, or where ‖A‖_F is the smaller bound;
/// - else with probability 1 − 10⁻¹⁰ over the random start: by Kuczyński and Woźniakowski (1992,
///   Theorem 3.2) k steps of Lanczos from a random vector of n entries give a Ritz value
///   θ² < (1 − ε)·σ₁² with probability at most 1.648·√n·e^(−√ε·(2k−1)); the b independent vectors of
///   a block must all fail, so that the probability is at most its b-th power. Rounding of the passes
///   in Float adds 4·√n·2⁻²⁴·‖A‖_F (the growth of rounding errors by Higham and Mary, 2019).
public struct SpectralNorm: Sendable, Hashable {
  /// No σ₁ is below it.
  public let lower: Double
  /// No σ₁ is above it, with the certainty of `isCertain`.
  public let upper: Double
  /// Some singular value lies within this of `lower`.
  public let residual: Double
  /// Whether `upper` holds for certain, and not but for one case in 10¹⁰.
  public let isCertain: Bool

  /// The chance that an upper bound which is not certain is too low.
  public static let failureProbability = 1e-10
  /// Matrices of at most this smaller extent are decomposed whole.
  public static let wholeLimit = 512
  private static let blockSize = 16

  /// Measures a matrix of finite entries. `ratio` is how far apart the ends may be: the space grows
  /// until upper ≤ ratio · lower, by two passes a block of 16 vectors.
  public init(
    of matrix: Matrix, ratio: Double = 1.25, randomness: inout NamedRandomness
  ) throws(ComputeError) {
    let frobenius = matrix.squaredFrobeniusNorm.squareRoot()
    guard frobenius.isFinite else { throw .notFinite }
    guard frobenius > 0 else {
      (lower, upper, residual, isCertain) = (0, 0, 0, true)
      return
    }
    if min(matrix.rows, matrix.columns) <= Self.wholeLimit {
      let spectrum = try WholeSpectrum(of: matrix)
      let largest = spectrum.values.first ?? 0
      (lower, upper) = (largest - spectrum.errorBound, largest + spectrum.errorBound)
      (residual, isCertain) = (spectrum.errorBound, true)
      return
    }
    var space = KrylovSpace(of: matrix, blockSize: Self.blockSize, randomness: &randomness)
    var excess = Double.infinity
    while excess > ratio, !space.isFull {
      space.expand()
      excess = Self.excess(columns: matrix.columns, blocks: space.blockCount)
    }
    // The ratio is held in exact arithmetic; what Float adds comes on top.
    let inner = try SingularValueDecomposition(ofLong: space.projection).truncated(to: 1)
    let ritz = inner.values.first ?? 0
    let vector = inner.left.transposedTimes(space.basis)
    let preimage = matrix.preimages(of: vector)
    let length = vector.frobeniusNorm
    lower = preimage.frobeniusNorm / length
    residual = Self.residual(matrix, vector, preimage)
    let slack =
      4 * Double(max(matrix.rows, matrix.columns)).squareRoot() * 0x1p-24 * frobenius
    let likely = max(ritz, lower) * excess + slack
    (upper, isCertain) = likely < frobenius ? (likely, false) : (frobenius, true)
  }

  /// The least factor by which σ₁ exceeds the Ritz value at most, but for the accepted chance;
  /// infinite while there are too few blocks.
  static func excess(columns: Int, blocks: Int) -> Double {
    let exponent =
      log(1.648 * Double(columns).squareRoot()) - log(failureProbability) / Double(blockSize)
    let root = exponent / Double(2 * blocks - 1)
    return root < 1 ? 1 / (1 - root * root).squareRoot() : .infinity
  }

  /// ‖Av − σu‖ of a left vector and its preimage Aᵀu.
  private static func residual(
    _ matrix: Matrix, _ vector: RealMatrix, _ preimage: RealMatrix
  ) -> Double {
    let sigma = preimage.frobeniusNorm
    guard sigma > 0 else { return 0 }
    var image = matrix.images(of: preimage)
    let length = vector.frobeniusNorm
    for index in image.elements.indices {
      image.elements[index] =
        image.elements[index] / sigma - sigma / length * (vector.elements[index] / length)
    }
    return image.frobeniusNorm
  }
}
