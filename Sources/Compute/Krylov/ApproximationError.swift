/// What a product of two factors misses of a dense matrix, measured on the factors as they are stored.
///
/// E = A − L·R is formed, in Float: each entry of it is right to (k + 2)·2⁻²⁴ of |A| + |L|·|R|, so that
/// `rounding` = (k + 2)·2⁻²⁴·(‖A‖_F + ‖L‖_F·‖R‖_F) bounds the norm of all rounding in it, for certain.
public struct ApproximationError: Sendable, Hashable {
  /// ‖E‖_F as computed: the true one lies within `rounding`.
  public let frobenius: Double
  /// ‖E‖₂ as an interval, of the E that was computed: the true one lies within `rounding` of it.
  public let spectral: SpectralNorm
  /// What rounding in forming E amounts to at most, in the Frobenius norm.
  public let rounding: Double

  /// How far apart the ends of `spectral` may be: the first half is half of the work, and ‖E‖_F is exact.
  private static let ratio = 1.5

  /// The largest ‖E‖_F may be: for certain.
  public var frobeniusBound: Double { frobenius + rounding }
  /// The largest ‖E‖₂ may be, with the certainty of `spectral`.
  public var spectralBound: Double { min(spectral.upper, frobenius) + rounding }

  /// Measures what left · right, `[rows, k]` times `[k, columns]`, misses of `matrix`, which becomes
  /// E. `inputError` bounds the norm of what the matrix itself is off by.
  public init(
    of matrix: inout Matrix, by left: Matrix, _ right: Matrix, inputError: Double = 0,
    randomness: inout NamedRandomness
  ) throws(ComputeError) {
    let norms = [matrix, left, right].map { $0.squaredFrobeniusNorm.squareRoot() }
    rounding =
      Double(left.columns + 2) * 0x1p-24 * (norms[0] + norms[1] * norms[2]) + inputError
    LinearAlgebra.accumulate(
      left, isLeftTransposed: false, right, isRightTransposed: false, scale: -1, kept: 1,
      into: &matrix)
    frobenius = matrix.squaredFrobeniusNorm.squareRoot()
    guard frobenius.isFinite else { throw .notFinite }
    spectral = try SpectralNorm(of: matrix, ratio: Self.ratio, randomness: &randomness)
  }
}
