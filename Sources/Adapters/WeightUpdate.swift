/// What an adapter does to one weight of its base, before that weight has been found.
public struct WeightUpdate: Sendable {
  /// The change itself.
  public enum Change: Sendable {
    /// W' = W + ΔW.
    case delta(Delta)
    /// W' = diag(m ⊘ ‖W + ΔW‖)·(W + ΔW): DoRA (arXiv 2402.09353). The norm runs over all axes but
    /// the first, or over the first axis for embeddings; m has one entry per remaining index.
    case magnitude(Delta, StoredTensor)
    /// W' = diag(g)·W or W·diag(g).
    case gain(AxisGain)
    /// W' is W with one side mapped by block-diagonal matrices.
    case rotation(Rotation)
    /// W' is the stored tensor.
    case replacement(StoredTensor)
    /// The listed rows of W' are the stored rows, in the order of the list; the others stay.
    case rows([Int], StoredTensor)
  }

  /// The parameter that changes, as the adapter names it.
  public let target: TargetParameter
  /// What happens to it.
  public let change: Change

  /// Whether a base that lacks the parameter is left as it is: the bias beside a scaled weight.
  public let isOptional: Bool

  /// A change to one parameter.
  public init(target: TargetParameter, change: Change, isOptional: Bool = false) {
    self.target = target
    self.change = change
    self.isOptional = isOptional
  }

  /// Whether the update brings the whole tensor.
  public var isWhole: Bool {
    if case .replacement = change { return true }
    return false
  }

  /// The additive part, of a plain or a magnitude update; nil for others.
  public var delta: Delta? {
    switch change {
    case .delta(let delta), .magnitude(let delta, _): return delta
    case .gain, .rotation, .replacement, .rows: return nil
    }
  }

  /// The tensors of the adapter that this update is made of.
  public var tensors: [StoredTensor] {
    switch change {
    case .delta(let delta): return delta.tensors
    case .magnitude(let delta, let magnitude): return delta.tensors + [magnitude]
    case .gain(let gain): return [gain.vector]
    case .rotation(let rotation): return rotation.tensors
    case .replacement(let tensor): return [tensor]
    case .rows(_, let tensor): return [tensor]
    }
  }
}
