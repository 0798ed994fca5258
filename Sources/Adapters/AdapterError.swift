public import Compute
public import Files
public import Tensors

/// Why an adapter cannot be read, bound to a base, merged or taken out again.
public enum AdapterError: Error, Sendable {
  /// A file of tensors is unreadable or malformed.
  case tensor(TensorError)
  /// The file system refused.
  case file(FileError)
  /// The configuration breaks a rule; `rule` completes "the configuration …".
  case malformedConfiguration(Path, rule: String)
  /// The adapter's tensors contradict one another; `rule` completes "the adapter …".
  case inconsistent(Path, rule: String)
  /// The adapter's file has no tensors at all.
  case empty(Path)
  /// Nothing at the path is an adapter; `what` says what is there, `candidates` where one may be.
  case notAnAdapter(Path, what: String, candidates: [Path])
  /// The adapter is recognised and not supported; `advice` says what the user can do instead.
  case unsupported(Path, what: String, advice: String)
  /// Tensors of the adapter that are bound to nothing in the base.
  case unmatched(adapter: Path, base: Path, [UnmatchedTarget])
  /// A factor's product does not fit the weight it is for.
  case shapeMismatch(
    adapter: Path, target: TargetParameter, base: TensorName, baseShape: Shape, deltaShape: Shape)
  /// No update is left to merge, by filters or because none was bound.
  case nothingToMerge([Path])
  /// Two updates of one tensor exclude each other: one of them replaces it.
  case contradiction(TensorName, between: Path, and: Path)
  /// An adapter that brings a tensor whole cannot be merged by a share.
  case weightedReplacement(Path, TensorName, weight: Double)
  /// PEFT's rounding was asked for, and PEFT rounds this tensor after each of several adapters.
  case roundsAfterEach(TensorName)
  /// The tensor's type is carried but not computed with.
  case notComputed(Path, TensorName, DType)
  /// Adapters do not go together.
  case combination(CombinationError)
  /// An adapter without a change of low rank, of which a rank is asked.
  case noRank(Path, method: AdapterMethod)
  /// The singular values of a module were not found.
  case notFactorised(TargetParameter)
  /// A rank is asked for that no module has.
  case rankTooHigh(Path, wanted: Int, highest: Int)
  /// A module keeps more than the rank that all are to have.
  case rankAbovePadding(TargetModule, rank: Int, padded: Int)
  /// No singular value of any module is kept.
  case nothingKept(Path)
  /// A size that no rank fits in.
  case sizeTooSmall(Path, needed: Int, allowed: Int)
  /// A stop was requested.
  case interrupted
  /// A tensor of an adapter, or of a base whose values are mixed, has some that are NaN or infinite.
  case notFinite(Path, TensorName, count: Int)
  /// No weight of an adapter or a model passes the filter.
  case nothingAdmitted(Path)
  /// Merged values are too large for the output's type.
  case overflow(TensorName, DType, count: Int)
  /// The merge would have stored the base's own values.
  case unchanged(MergeSummary)
  /// Less of the intended change would have been stored than was asked for.
  case survivalTooLow(MergeSummary, wanted: Double)
  /// The output would take the place of something it is made from.
  case outputIsInput(Path)
  /// What stands where the output goes is no model, so it is not replaced.
  case notReplaceable(Path)
  /// The disk has too little room for the output.
  case diskBudget(Path, needed: Int, free: Int)
  /// The merge would need more memory than it may have.
  case memoryBudget(needed: Int, allowed: Int)
  /// The residual is damaged; `rule` completes "the residual …".
  case malformedResidual(Path, rule: String)
  /// The corrections of one tensor are damaged.
  case corrections(TensorName, ResidualError)
  /// The magnitudes' factors are only in the residual, which is missing.
  case magnitudesNeedResidual(TensorName)
  /// The receipt is missing or damaged; `rule` completes "the receipt …".
  case malformedReceipt(Path, rule: String)
  /// An adapter that was given is not the one that was merged.
  case wrongAdapter(expected: String, given: [Path])
  /// A merged tensor is not the one the receipt is about.
  case edited(Path, [TensorName])
  /// The restored tensors differ from the base's.
  case notRestored([TensorName])
  /// The base is not the one that was merged into.
  case wrongBase(Path, differing: [TensorName])
  /// A model does not start from what is called its base: its tensors have other names or shapes.
  case notTheBase(tuned: Path, base: Path, missing: [TensorName], misshapen: [TensorName])
  /// A base has no counterpart of most tensors of what is said to start from it.
  case incompleteBase(Path, tuned: Path, missing: [TensorName])
  /// No tensor of a fine-tuned model differs from the base's.
  case unchangedFineTune(tuned: Path, base: Path)
  /// Tensors changed that no adapter can bring.
  case notAdaptable(Path, [TensorName])
  /// The rank rule keeps nothing of any matrix; `whole` are the tensors that would be brought whole.
  case nothingExtracted(Path, whole: [TensorName])
  /// A matrix could not be decomposed.
  case notComputable(Path, TensorName, ComputeError)
  /// A weight's change could not be factorised.
  case notMeasured(TargetParameter, ComputeError)
  /// A model's tensor is a strided view, whose elements do not stand in the file in their order.
  case stridedBase(Path, TensorName)
}

/// A target of an adapter that fits no tensor of the base, with the names that come closest.
public struct UnmatchedTarget: Hashable, Sendable {
  /// What the adapter wants to change.
  public let target: TargetParameter
  /// The base's tensors that come closest, best first, at most three.
  public let nearMisses: [TensorName]

  /// A target that was not found.
  public init(_ target: TargetParameter, nearMisses: [TensorName]) {
    self.target = target
    self.nearMisses = nearMisses
  }
}
