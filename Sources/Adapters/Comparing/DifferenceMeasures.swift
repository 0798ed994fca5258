public import Compute

/// What a comparison measures of each pair of updates.
public struct DifferenceMeasures: Sendable, Hashable {
  /// The norms besides Frobenius', which are always measured.
  public var norms: Set<MatrixNorm>
  /// How many leading singular vectors of each side the angles are taken between; nil for none.
  public var angleCount: Int?

  /// Frobenius norms, and what else is asked for.
  public init(norms: Set<MatrixNorm> = [], angleCount: Int? = nil) {
    self.norms = norms.subtracting([.frobenius])
    self.angleCount = angleCount
  }

  /// Whether anything is wanted that only a factorisation tells.
  var needsFactorisation: Bool { !norms.subtracting([.max]).isEmpty || angleCount != nil }
}
