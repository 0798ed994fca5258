/// What became of one module's change.
public struct ModuleTruncation: Sendable {
  /// The module.
  public let target: TargetModule
  /// The extents of the change as a matrix.
  public let extents: (rows: Int, columns: Int)
  /// The rank it had.
  public let oldRank: Int
  /// The singular values that are kept; 0 where the module is left out.
  public let keptRank: Int
  /// The rank that is written, with padding.
  public let writtenRank: Int
  /// The singular values of the scaled change.
  public let spectrum: Spectrum
  /// Whether the factors are the old ones, because the rule keeps them all.
  public let isKept: Bool
  /// What rounding the factors to their type adds: the spectral and the Frobenius norm of the
  /// difference between the best change of its rank and the one that is stored.
  public let rounding: (spectral: Double, frobenius: Double)

  /// The exact spectral error of truncating, σ_{k+1}.
  public var spectralError: Double { isKept ? 0 : spectrum.spectralError(keeping: keptRank) }
  /// The exact Frobenius error of truncating, √Σσᵢ² over i > k.
  public var frobeniusError: Double { isKept ? 0 : spectrum.frobeniusError(keeping: keptRank) }
  /// The largest the spectral error of what is stored may be.
  public var storedSpectralBound: Double { spectralError + rounding.spectral }
  /// The Frobenius error of what is stored. What is cut off is orthogonal to the factors that are
  /// kept, so that the squares add up, but for the product of two roundings.
  public var storedFrobeniusError: Double {
    (frobeniusError * frobeniusError + rounding.frobenius * rounding.frobenius).squareRoot()
  }
}
