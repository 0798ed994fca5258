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

  /// An adapter as it is, for changing some of it. Throws where it has an update that is neither
  /// low-rank nor carried whole.
  public init(copying adapter: Adapter) throws(AdapterError) {
    var biases: [TargetModule: StoredTensor] = [:]
    for update in adapter.updates {
      guard case .delta(.stored(let tensor, _)) = update.change else { continue }
      guard update.target.parameter == "bias" else { throw Self.notLowRank(update, adapter) }
      biases[update.target.module] = tensor
    }
    self.init(
      modules: [], template: try? JSONValue(parsing: adapter.configBytes),
      declaredBase: adapter.declaredBase, sources: [adapter.path])
    isRankStabilised = template?["use_rslora"]?.bool ?? false
    isFanInFanOut = template?["fan_in_fan_out"]?.bool ?? false
    for update in adapter.updates {
      switch update.change {
      case .replacement, .rows: carried.append(update)
      case .gain, .rotation: throw Self.notLowRank(update, adapter)
      case .delta(.stored): break
      case .delta(let delta):
        modules.append(try Self.module(update, delta, nil, &biases, adapter))
      case .magnitude(let delta, let magnitude):
        modules.append(try Self.module(update, delta, magnitude, &biases, adapter))
      }
    }
    templateTargets = Set(modules.map(\.target))
    if let stray = biases.keys.min() {
      throw .inconsistent(adapter.path, rule: "changes the bias of \(stray) and not its weight")
    }
  }

  private static func module(
    _ update: WeightUpdate, _ delta: Delta, _ magnitude: StoredTensor?,
    _ biases: inout [TargetModule: StoredTensor], _ adapter: Adapter
  ) throws(AdapterError) -> ModuleDraft {
    guard case .lowRank(let factors) = delta, case .stored(let a) = factors.a.recipe,
      case .stored(let b) = factors.b.recipe
    else { throw notLowRank(update, adapter) }
    return ModuleDraft(
      update.target.module, a: DraftTensor(a), b: DraftTensor(b),
      scaling: factors.scaling.factor, layout: factors.layout,
      magnitude: magnitude.map { DraftTensor($0) },
      bias: biases.removeValue(forKey: update.target.module).map { DraftTensor($0) })
  }

  private static func notLowRank(_ update: WeightUpdate, _ adapter: Adapter) -> AdapterError {
    .unsupported(
      adapter.path,
      what:
        "\(adapter.method.rawValue), whose update of \(update.target) is not stored as A and B",
      advice: "LoRA, rsLoRA and DoRA adapters are.")
  }
}
