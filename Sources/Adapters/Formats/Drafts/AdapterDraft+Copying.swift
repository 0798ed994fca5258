internal import JSON
internal import Tensors

extension AdapterDraft {
  /// An adapter as a LoRA, for changing some of it: LoRA, rsLoRA and DoRA as they are; of any other
  /// method whose updates have two factors, those factors under PEFT's plain settings.
  ///
  /// Throws where it has an update that is neither low-rank nor carried whole, and where a base has
  /// to tell the extents (`closed(on:)`).
  public init(copying adapter: Adapter) throws(AdapterError) {
    var biases: [TargetModule: StoredTensor] = [:]
    for update in adapter.updates {
      guard case .delta(.stored(let tensor, _)) = update.change else { continue }
      guard update.target.parameter == "bias" else { throw Self.notLowRank(update, adapter) }
      biases[update.target.module] = tensor
    }
    self.init(modules: [], declaredBase: adapter.declaredBase, sources: [adapter.path])
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
    if let stray = biases.keys.min() {
      throw .inconsistent(adapter.path, rule: "changes the bias of \(stray) and not its weight")
    }
    isFanInFanOut = adapter.updates.contains { $0.delta?.placement?.isFanInFanOut ?? false }
    template = Self.settings(of: adapter)
    guard Self.isPlain(adapter), modules.allSatisfy(\.isStored) else { return }
    isRankStabilised = template?["use_rslora"]?.bool ?? false
    templateTargets = Set(modules.map(\.target))
  }

  /// Whether an adapter is written as it is stored.
  static func isPlain(_ adapter: Adapter) -> Bool {
    adapter.format == .peft && [.lora, .rslora, .dora].contains(adapter.method)
  }

  /// The settings for a LoRA made of an adapter: its own, or of another method those that are about
  /// the model; nil where it has none.
  static func settings(of adapter: Adapter) -> JSONValue? {
    guard adapter.format == .peft, let own = try? JSONValue(parsing: adapter.configBytes)
    else { return nil }
    return isPlain(adapter) ? own : plainTemplate(own)
  }

  private static func module(
    _ update: WeightUpdate, _ delta: Delta, _ magnitude: StoredTensor?,
    _ biases: inout [TargetModule: StoredTensor], _ adapter: Adapter
  ) throws(AdapterError) -> ModuleDraft {
    guard update.target.parameter == "weight", let factors = delta.exactFactors else {
      throw notLowRank(update, adapter)
    }
    let (a, b): (DraftTensor, DraftTensor)
    if case .stored(let down) = factors.a.recipe, case .stored(let up) = factors.b.recipe {
      (a, b) = (DraftTensor(down), DraftTensor(up))
    } else {
      let dtype = delta.factorType
      let extents = factors.placement.extents
      let ones = [Int](repeating: 1, count: extents.count - 2)
      a = DraftTensor(factors.a, extents: [factors.rank] + extents.dropFirst(), as: dtype)
      b = DraftTensor(factors.b, extents: [extents[0], factors.rank] + ones, as: dtype)
    }
    return ModuleDraft(
      update.target.module, a: a, b: b, scaling: factors.scaling.factor, layout: factors.layout,
      magnitude: magnitude.map { DraftTensor($0) },
      bias: biases.removeValue(forKey: update.target.module).map { DraftTensor($0) })
  }

  /// A LoRA's settings, with those of another method's that are about the model and not the method.
  private static func plainTemplate(_ document: JSONValue) -> JSONValue {
    var plain = PEFTConfigurationDraft.defaults
    for key in [
      "task_type", "base_model_name_or_path", "revision", "modules_to_save", "bias",
      "trainable_token_indices", "ensure_weight_tying",
    ] {
      if let value = document[key] { plain.set(key, to: value) }
    }
    return plain
  }

  private static func notLowRank(_ update: WeightUpdate, _ adapter: Adapter) -> AdapterError {
    if case .delta(.open) = update.change {
      return .unsupported(
        adapter.path,
        what: "\(adapter.method.rawValue), whose update of \(update.target) depends on the extents "
          + "of the base", advice: "name the base with --base")
    }
    return .unsupported(
      adapter.path,
      what: "\(adapter.method.rawValue), whose update of \(update.target) has no two factors",
      advice: "merge it into its base, and extract an adapter of the rank that is wanted")
  }
}

extension Delta {
  /// The type that its factors are written in where they are made: the widest of its tensors', but
  /// no wider than single precision, in which they are made.
  fileprivate var factorType: DType {
    let types = tensors.map(\.dtype).filter { [.bf16, .f16, .f32].contains($0) }
    return Set(types).count == 1 ? types[0] : .f32
  }
}
