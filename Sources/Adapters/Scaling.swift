/// The factor in front of B·A: `alpha / rank`, or `alpha / √rank` when rank-stabilised.
///
/// Source: PEFT `LoraLayer.update_layer`; rank stabilisation after arXiv 2312.03732. This is the
/// one place where the formula stands.
public struct Scaling: Hashable, Sendable {
  /// PEFT's `lora_alpha` for this module.
  public let alpha: Double
  /// The rank that alpha is divided by; positive.
  public let rank: Int
  /// Whether alpha is divided by the rank's square root instead (`use_rslora`).
  public let isRankStabilised: Bool

  /// A scaling of a module; `rank` must be positive.
  public init(alpha: Double, rank: Int, isRankStabilised: Bool = false) {
    precondition(rank > 0, "a rank is positive")
    self.alpha = alpha
    self.rank = rank
    self.isRankStabilised = isRankStabilised
  }

  /// The factor itself.
  public var factor: Double {
    alpha / (isRankStabilised ? Double(rank).squareRoot() : Double(rank))
  }
}
