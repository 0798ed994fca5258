public import Files

/// Why adapters cannot be combined.
public enum CombinationError: Error, Sendable {
  /// The method does not take what it was given; the rule is a whole sentence.
  case badOptions(String)
  /// An update is no delta without a base: DoRA's.
  case dependsOnBase(Path, TargetParameter, AdapterMethod)
  /// An update is additive and has no two factors: a full-rank MoRA, the experts of one tensor.
  case noFactors(Path, TargetParameter, AdapterMethod)
  /// Two adapters have updates of other extents or layouts for one weight; `difference` says which.
  case formsDiffer(TargetParameter, Path, Path, difference: String)
  /// One adapter replaces what another adds to.
  case wholeAndDelta(TargetParameter, whole: Path, delta: Path)
  /// Two adapters bring other values of one tensor whole.
  case wholeTensorsDiffer(TargetParameter, Path, Path)
  /// A linear layer is stored as `[in, out]` by one adapter, another as `[out, in]` by another: no one
  /// adapter has both.
  case mixedFanInFanOut(TargetParameter, TargetParameter)
  /// A bias is changed without its weight, which PEFT has no place for.
  case biasAlone(TargetParameter)
  /// The combination is zero everywhere.
  case empty(CombineMethod)
}
