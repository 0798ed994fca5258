internal import Compute
internal import Tensors

/// DoRA's factors c = m ⊘ ‖W + ΔW‖ for one tensor and one adapter (arXiv 2402.09353, §4.1).
///
/// The norm is that of the base's tensor with this adapter's whole delta (weight 1), over the rows
/// of the product, in Double and rounded to Float once; an index whose norm is 0 keeps c = 1.
/// With a weight w the effective update is w·(W' − W), so that
/// W + w·(c ⊙ (W + ΔW) − W) = (1 + w·(c − 1)) ⊙ W + (w·c) ⊙ ΔW.
struct MagnitudeFactors: Sendable {
  /// c, one for each row of the product.
  let factors: [Float]

  /// What B's rows are multiplied by, beyond `weight`, which is in the scaling already: c.
  func deltaFactors(weight: Double) -> [Float] { factors }
}
