public import Files
public import JSON

/// An adapter that is to be written: low-rank updates, and what is carried along as it is.
public struct AdapterDraft: Sendable {
  /// The low-rank updates; each module once.
  public var modules: [ModuleDraft]
  /// Replacements and rows of an adapter that go along.
  public var carried: [WeightUpdate]
  /// The configuration whose other settings are kept; nil for PEFT's defaults.
  public var template: JSONValue?
  /// What the adapter says of its base; nil keeps what the template says.
  public var declaredBase: String?
  /// What the model is for, as PEFT names it (`CAUSAL_LM`); nil keeps what the template says.
  public var taskType: String?
  /// Whether alpha is divided by √rank (`use_rslora`).
  public var isRankStabilised: Bool
  /// Whether the base stores the adapted linear weights as `[in, out]` (`fan_in_fan_out`).
  public var isFanInFanOut: Bool
  /// The adapters it is made from, which writing must not touch; the first one's side files (a
  /// tokenizer, a licence) go along.
  public var sources: [Path]
  /// The modules that the template was written for; nil where there were none.
  var templateTargets: Set<TargetModule>?

  /// An adapter of the given modules.
  public init(
    modules: [ModuleDraft], carried: [WeightUpdate] = [], template: JSONValue? = nil,
    declaredBase: String? = nil, isRankStabilised: Bool = false, isFanInFanOut: Bool = false,
    sources: [Path] = []
  ) {
    self.modules = modules
    self.carried = carried
    self.template = template
    self.declaredBase = declaredBase
    self.isRankStabilised = isRankStabilised
    self.isFanInFanOut = isFanInFanOut
    self.sources = sources
  }
}
