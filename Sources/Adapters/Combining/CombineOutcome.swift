/// What became of one weight.
public struct CombineOutcome: Sendable {
  /// The weight.
  public let weight: PlannedWeight
  /// The rank it is written with; 0 where it is zero and left out.
  public let rank: Int
  /// ‖Δ‖ of the combined delta, before it is truncated.
  public let norm: Double
  /// σ₁ of the combined delta.
  public let spectralNorm: Double
  /// The spectral norm of what truncation left out: its largest singular value, or a bound of it.
  public let spectralError: Double
  /// The Frobenius norm of what truncation left out, or a bound of it.
  public let frobeniusError: Double
  /// What the method has to say.
  public let figures: WeightFigures
}

/// A finished combination, or one that was computed and not written.
public struct CombineReport: Sendable {
  /// The plan that was carried out.
  public let plan: CombinePlan
  /// Every weight, by target.
  public let outcomes: [CombineOutcome]
  /// The bytes of the adapter's weights.
  public let byteCount: Int

  /// The weights whose combined delta is zero, and which the adapter does not have.
  public var zero: [TargetParameter] { outcomes.filter { $0.rank == 0 }.map(\.weight.target) }
  /// ‖Δ‖ over all weights.
  public var norm: Double { Self.root(outcomes.map(\.norm)) }
  /// What truncation left out of all weights together, in the Frobenius norm.
  public var frobeniusError: Double { Self.root(outcomes.map(\.frobeniusError)) }

  private static func root(_ parts: [Double]) -> Double {
    parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
