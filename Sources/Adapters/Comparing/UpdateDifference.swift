public import Compute

/// What two adapters do to one parameter, compared.
public struct UpdateDifference: Sendable {
  /// How much of the updates' effect the norms are about.
  public enum Coverage: String, Sendable, Hashable {
    /// All of it.
    case whole
    /// The low-rank part of DoRA; the magnitudes are measured beside it, and the effect depends on
    /// the base.
    case lowRankPart = "low-rank part"
    /// The rows that both replace.
    case commonRows = "common rows"
    /// One side alone has the update: it is measured against nothing.
    case oneSide = "one side"
    /// Nothing: kinds or extents differ, so that there is no difference without the base.
    case none
  }

  /// What they change.
  public let target: TargetParameter
  /// The update before; nil where there was none.
  public let old: Inspection.Row?
  /// The update after; nil where there is none.
  public let new: Inspection.Row?
  /// What the norms are about.
  public let coverage: Coverage
  /// What was measured of the deltas, or of the values that take the base's place; nil where the
  /// coverage is none.
  public let measures: PairMeasures?
  /// The norms of DoRA's magnitudes; nil where not both have some.
  public let magnitudes: DifferenceNorms?
  /// Whether every tensor of the two is the same, bit for bit, and their scaling is.
  public let isIdentical: Bool
  /// The norms of the base's weight; nil where no base was named.
  public var baseNorms: [MatrixNorm: Double]?

  /// ‖new − old‖ / ‖W‖ in some norm; nil where no base was named, or its weight is zero.
  public func relativeToBase(_ norm: MatrixNorm) -> Double? {
    guard let base = baseNorms?[norm], base > 0 else { return nil }
    return norms(norm).map { $0.distance / base }
  }

  /// The Frobenius norms; nil where the coverage is none.
  public var norms: DifferenceNorms? { norms(.frobenius) }

  /// One of the norms; nil where it was not measured.
  public func norms(_ norm: MatrixNorm) -> DifferenceNorms? { measures?.norms[norm] }

  /// ‖new − old‖ / ‖old‖ in some norm; nil where there is nothing to relate to.
  public func relative(_ norm: MatrixNorm) -> Double? {
    coverage == .oneSide ? nil : norms(norm)?.relative
  }

  /// Whether the two are the same but for a share `tolerance` of the old change, in some norm. What
  /// cannot be measured is not; what is missing counts as zero.
  public func isWithin(_ tolerance: Double, _ norm: MatrixNorm) -> Bool {
    if isIdentical { return true }
    guard let norms = norms(norm), norms.distance.isFinite else { return false }
    return norms.distance <= tolerance * norms.old
      && magnitudes.map { $0.distance <= tolerance * $0.old } ?? true
  }
}
