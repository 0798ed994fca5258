/// One norm of two things and of their difference.
public struct DifferenceNorms: Sendable, Hashable {
  /// ‖old‖
  public let old: Double
  /// ‖new‖
  public let new: Double
  /// ‖new − old‖
  public let distance: Double
  /// How far `distance` may be from the exact one of the same stored values.
  public let errorBound: Double

  /// Norms that were measured.
  public init(old: Double, new: Double, distance: Double, errorBound: Double) {
    self.old = old
    self.new = new
    self.distance = distance
    self.errorBound = errorBound
  }

  /// ‖new − old‖ / ‖old‖; nil where there is nothing to relate to.
  public var relative: Double? { old > 0 ? distance / old : nil }

  /// The norms of two things that are known to be the same.
  public var withoutDistance: DifferenceNorms {
    DifferenceNorms(old: old, new: new, distance: 0, errorBound: 0)
  }

  /// The norms of several things taken together, as blocks on a diagonal; nil where there are none.
  public init?(together norms: [DifferenceNorms], in norm: MatrixNorm) {
    guard !norms.isEmpty else { return nil }
    self.init(
      old: norm.together(norms.map(\.old)), new: norm.together(norms.map(\.new)),
      distance: norm.together(norms.map(\.distance)),
      errorBound: norm.together(norms.map(\.errorBound)))
  }
}
