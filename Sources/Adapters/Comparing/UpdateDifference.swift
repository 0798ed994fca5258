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
  /// The norms of the deltas, or of the values that take the base's place; nil where the coverage
  /// is none.
  public let norms: DifferenceNorms?
  /// The norms of DoRA's magnitudes; nil where not both have some.
  public let magnitudes: DifferenceNorms?
  /// Whether every tensor of the two is the same, bit for bit, and their scaling is.
  public let isIdentical: Bool

  /// ‖new − old‖ / ‖old‖; nil where there is nothing to relate to.
  public var relative: Double? { coverage == .oneSide ? nil : norms?.relative }
}
