public import Compute
public import Files
public import Tensors

/// What a merge did, tensor by tensor and in total.
public struct MergeSummary: Sendable {
  /// Every tensor that was computed, in the order of the output.
  public let outcomes: [TensorOutcome]
  /// The sums over the tensors to which a delta was added; over all where there are none.
  public let total: MergeSums

  init(outcomes: [TensorOutcome]) {
    let touched = outcomes.filter { !$0.tensor.contributions.isEmpty }
    self.outcomes = touched
    let additive = touched.filter { !$0.tensor.isSubstituted }
    var total = MergeSums()
    for outcome in additive.isEmpty ? touched : additive { total.add(outcome.sums) }
    self.total = total
  }

  /// The share of the intended change that is stored, over all tensors with a delta.
  public var survival: Double { total.survival }
  /// The elements that changed, in all tensors.
  public var changedCount: Int { outcomes.reduce(0) { $0 + $1.sums.changedCount } }
  /// The tensors of which no element changed though some was to.
  public var unchanged: [TensorName] {
    outcomes.filter { $0.sums.changedCount == 0 }.map(\.tensor.name)
  }
}

/// A finished merge.
public struct MergeReport: Sendable {
  /// The plan that was carried out.
  public let plan: MergePlan
  /// Where the merged model is.
  public let destination: Path
  /// What changed.
  public let summary: MergeSummary
  /// The receipt, where one was written.
  public let receipt: MergeReceipt?
  /// The size of the residual; 0 where none was written.
  public let residualByteCount: Int
}

extension PlannedTensor {
  /// Whether an adapter's values take the place of the base's.
  public var isSubstituted: Bool { contributions.contains { $0.update.isSubstitution } }
}
