internal import Compute

/// Leading left singular vectors of a fine-tuned weight that none of the base's resembles ("LoRA vs
/// Full Fine-tuning", arXiv 2410.21228, Algorithm 1): uⱼ of the `count` largest singular values with
/// maxᵢ |cos(u₀ᵢ, uⱼ)| below a threshold, over all left singular vectors u₀ᵢ of the base.
///
/// Where singular values of the base lie close together, single vectors are any basis of their plane,
/// and a cosine says little: `inLeading` has ‖U₀ᵀuⱼ‖ beside it, over the `count` leading ones.
public struct IntruderDimensions: Sendable, Hashable {
  /// How many leading vectors are looked at.
  public static let count = 10
  /// Below this a vector counts as an intruder.
  public static let threshold = 0.5

  /// maxᵢ |cos(u₀ᵢ, uⱼ)| for each leading j.
  public let likeness: [Double]
  /// ‖U₀ᵀuⱼ‖ over the base's leading vectors, for each leading j.
  public let inLeading: [Double]

  /// The places j, from 0, of the intruders.
  public var places: [Int] { likeness.indices.filter { likeness[$0] < Self.threshold } }

  /// Decomposes the fine-tuned weight, `[out, in]`, as far as it is looked at.
  init(base: BaseDecomposition, tuned: Matrix) throws(ComputeError) {
    let before = RealMatrix(base.left)
    let after = try WholeSpectrum.leading(min(Self.count, before.columns), of: tuned).left
    let cosines = before.transposedTimes(after)
    likeness = (0..<after.columns).map { column in
      (0..<cosines.rows).reduce(0.0) { max($0, abs(cosines[$1, column])) }
    }
    inLeading = (0..<after.columns).map { column in
      (0..<min(Self.count, cosines.rows)).reduce(0.0) {
        $0 + cosines[$1, column] * cosines[$1, column]
      }.squareRoot()
    }
  }
}
