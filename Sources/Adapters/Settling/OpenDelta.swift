/// An additive update whose extents, or whose very targets, only the base can tell: a square that
/// is spread over the weight, slices of shared projections, factors of all experts at once.
///
/// Binding settles it into updates of closed form before anything else is done with it.
public protocol OpenDelta: Sendable {
  /// The stored tensors it is made of.
  var tensors: [StoredTensor] { get }
  /// What the rank cannot exceed, as far as it is known; nil where it is not.
  var rankBound: Int? { get }
  /// The factor in front.
  var scaling: Double { get }

  /// What the update is on a base, in closed form; nil where the base lacks its target.
  ///
  /// Throws where the base has the target and contradicts the update.
  func settled(
    at target: TargetParameter, on base: BaseView
  ) throws(AdapterError) -> [WeightUpdate]?
}
