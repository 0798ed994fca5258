/// The factor in front of a delta: `alpha / rank`, or `alpha / √rank` when rank-stabilised; a few
/// methods divide by something else.
///
/// Source: PEFT `LoraLayer.update_layer`; rank stabilisation after arXiv 2312.03732. This is the
/// one place where the formula stands.
public struct Scaling: Hashable, Sendable {
  /// What is divided: PEFT's `lora_alpha` for this module.
  public let alpha: Double
  /// What alpha is divided by; not 0.
  public let divisor: Double

  /// `alpha` over a divisor that is not 0.
  public init(alpha: Double, divisor: Double) {
    precondition(divisor != 0, "a divisor is not 0")
    self.alpha = alpha
    self.divisor = divisor
  }

  /// A scaling by a module's rank, which must be positive.
  public init(alpha: Double, rank: Int, isRankStabilised: Bool = false) {
    precondition(rank > 0, "a rank is positive")
    self.init(
      alpha: alpha, divisor: isRankStabilised ? Double(rank).squareRoot() : Double(rank))
  }

  /// No scaling.
  public static let one = Scaling(alpha: 1, divisor: 1)

  /// The factor itself.
  public var factor: Double { alpha / divisor }

  /// The same scaling times a number.
  func times(_ number: Double) -> Scaling { Scaling(alpha: alpha * number, divisor: divisor) }

  /// The alpha that gives a module of `rank` the scaling `factor`.
  static func alpha(of factor: Double, rank: Int, isRankStabilised: Bool) -> Double {
    factor * Scaling(alpha: 1, rank: rank, isRankStabilised: isRankStabilised).divisor
  }
}
