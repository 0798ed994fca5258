internal import Files
internal import JSON
internal import Tensors

/// What an adapter has for a conversion, by names and orders that every layout can be written from.
///
/// Each layout has a file of its own, `ConversionSource+….swift`, that makes its output.
struct ConversionSource {
  let adapter: Adapter
  let target: ConversionTarget
  let base: Checkpoint?
  let options: ConversionOptions
  /// The low-rank updates, sorted by target.
  let modules: [ConvertedModule]
  /// Replacements and rows.
  let carried: [WeightUpdate]
  /// The changes as they lie in the base, with the names of its tensors where a base is given.
  let changes: [(name: String, update: WeightUpdate, isTransposed: Bool)]

  init(
    _ adapter: Adapter, target: ConversionTarget, base: Checkpoint?, options: ConversionOptions
  ) throws(AdapterError) {
    self.adapter = adapter
    self.target = target
    self.base = base
    self.options = options
    changes = try Self.changes(of: adapter, base: base)
    var modules: [ConvertedModule] = []
    var carried: [WeightUpdate] = []
    var biases: [TargetModule: (tensor: StoredTensor, factor: Double)] = [:]
    for case let (_, update, _) in changes {
      if case .delta(.stored(let tensor, let factor)) = update.change,
        update.target.parameter == "bias"
      {
        biases[update.target.module] = (tensor, factor)
      }
    }
    for case let (_, update, _) in changes where target != .dense {
      switch update.change {
      case .replacement, .rows: carried.append(update)
      case .gain, .rotation:
        throw Self.unsupported(
          adapter, "an update that is no product of two factors (\(update.target))", target,
          "Merge it into its base.")
      case .delta(let delta), .magnitude(let delta, _):
        if case .stored = delta, update.target.parameter == "bias" { continue }
        guard update.target.parameter == "weight", let factors = delta.exactFactors else {
          throw Self.unsupported(
            adapter, "an update that is no product of two factors (\(update.target))", target,
            "Write it with --to dense.")
        }
        let bias = biases.removeValue(forKey: update.target.module)
        modules.append(try Self.module(update, factors, bias, adapter, target, options))
      }
    }
    if let stray = biases.keys.min(), target != .dense {
      throw Self.unsupported(
        adapter, "a change of a bias without one of its weight (\(stray))", target,
        "Write it with --to dense.")
    }
    self.modules = modules.sorted { $0.target < $1.target }
    self.carried = carried
  }

  /// The error for what a layout cannot express.
  static func unsupported(
    _ adapter: Adapter, _ what: String, _ target: ConversionTarget, _ advice: String
  ) -> AdapterError {
    .unsupported(
      adapter.path, what: "an adapter with \(what), which \(target.name) cannot express",
      advice: advice)
  }

  func unsupported(_ what: String, _ advice: String) -> AdapterError {
    Self.unsupported(adapter, what, target, advice)
  }

  /// The updates in the base's order of rows, under dotted names.
  private static func changes(
    of adapter: Adapter, base: Checkpoint?
  ) throws(AdapterError) -> [(name: String, update: WeightUpdate, isTransposed: Bool)] {
    guard let base else {
      for update in adapter.updates {
        let isFlat = FlatName(update.target.module.path) != nil
        guard isFlat || update.isOpen else { continue }
        throw .unsupported(
          adapter.path,
          what: "an adapter whose \(update.target) "
            + (isFlat
              ? "does not say where dots were" : "is settled by the base's shapes or heads")
            + ", and no base is named",
          advice: "Name its base with --base; no weight of it is read.")
      }
      return adapter.updates.map { ($0.target.description, $0, false) }
    }
    return try adapter.bound(to: base).bindings.map { binding in
      let update = binding.update
      guard FlatName(update.target.module.path) != nil else {
        return (binding.tensor.text, update, binding.isTransposed)
      }
      let path = binding.tensor.text.split(separator: ".").dropLast().joined(separator: ".")
      let component = DiffusersNames.component(ofFlat: update.target.module.path)
      let module = TargetModule((component.map { $0 + "." } ?? "") + path)
      return (
        binding.tensor.text,
        WeightUpdate(
          target: TargetParameter(module, update.target.parameter), change: update.change),
        binding.isTransposed
      )
    }
  }

  private static func module(
    _ update: WeightUpdate, _ factors: LowRank, _ bias: (tensor: StoredTensor, factor: Double)?,
    _ adapter: Adapter, _ target: ConversionTarget, _ options: ConversionOptions
  ) throws(AdapterError) -> ConvertedModule {
    var magnitude: StoredTensor?
    if case .magnitude(_, let stored) = update.change { magnitude = stored }
    let scale = factors.scaling.factor
    if let bias, bias.factor != scale || options.bakesScale {
      throw unsupported(
        adapter, "a bias (\(bias.tensor.name)) whose scale is not that of the factors", target,
        "Leave out --bake-scale, or write it with --to dense.")
    }
    // The narrowest type that every factor fits; what is multiplied out takes single precision.
    let types = Set(factors.tensors.map(\.dtype))
    let isStored = factors.tensors.count == 2 && types.count == 1
    let own = isStored ? types.first ?? .f32 : .f32
    let module = ConvertedModule(
      target: update.target.module, a: factors.a, b: factors.b, scale: scale,
      placement: factors.placement, magnitude: magnitude, bias: bias?.tensor,
      dtype: options.dtype ?? ConvertedModule.written(own), wantedType: options.dtype)
    return options.bakesScale ? module.folding(scale, leaving: 1) : module
  }

  /// Throws where there is anything but low-rank updates of linear layers and embeddings.
  func requirePlain(
    allowsMagnitudes: Bool, allowsKernels: Bool, allowsBiases: Bool, allowsTurned: Bool
  ) throws(AdapterError) {
    if let whole = carried.first {
      throw unsupported(
        "a tensor given whole (\(whole.target))", "Write it with --to peft, which keeps it.")
    }
    for module in modules {
      if !allowsMagnitudes, module.magnitude != nil {
        throw unsupported(
          "DoRA's magnitudes (\(module.target))",
          "Merge it into its base, and extract a LoRA from the result.")
      }
      if !allowsKernels, !module.kernel.isEmpty {
        throw unsupported(
          "an update of a convolution (\(module.target))", "Write it with --to peft or --to kohya.")
      }
      if !allowsBiases, module.bias != nil {
        throw unsupported("a change of a bias (\(module.target))", "Write it with --to peft.")
      }
      if !allowsTurned, module.isTurned {
        throw unsupported(
          "an update of an embedding (\(module.target))", "Write it with --to peft.")
      }
      if module.placement.isFanInFanOut, target != .peft {
        throw unsupported(
          "an update of a weight stored as [in, out] (\(module.target))",
          "Write it with --to peft, which says so with fan_in_fan_out.")
      }
    }
    if modules.isEmpty { throw .nothingToMerge([adapter.path]) }
  }

  /// A matrix as a tensor of the given extents; throws where its size cannot be counted.
  func made(
    _ factor: Factor, _ extents: [Int], _ dtype: DType, _ module: TargetModule
  ) throws(AdapterError) -> DraftTensor {
    guard Shape(extents)?.byteCount(of: dtype) != nil else { throw tooLarge(module) }
    return DraftTensor(factor, extents: extents, as: dtype)
  }

  /// The error for a tensor whose bytes cannot be counted.
  func tooLarge(_ module: TargetModule) -> AdapterError {
    .inconsistent(adapter.path, rule: "would make \(module) larger than any file")
  }

  /// What writing must not touch; the first one's side files go along.
  var sources: [Path] { [adapter.path] + (base.map { [$0.path] } ?? []) }

  /// The modules with one scale for all of them: their own where they agree, else the largest, and
  /// the rest folded into B.
  func sharingScale() -> (scale: Double, modules: [ConvertedModule], isFolded: Bool) {
    let scales = Set(modules.map(\.scale))
    if scales.count == 1, let only = scales.first { return (only, modules, false) }
    let shared = modules.map(\.scale).max { abs($0) < abs($1) } ?? 1
    return (shared, modules.map { $0.folding($0.scale / shared, leaving: shared) }, true)
  }

  /// The order of Meta's files for the rows of a module; nil for modules whose rows stay.
  func metaOrder(of module: ConvertedModule) throws(AdapterError) -> Selection? {
    guard let heads = HeadRows(projection: module.target.kind) else { return nil }
    guard let count = heads.count(in: base?.config) else {
      throw .unsupported(
        adapter.path,
        what:
          "an adapter of \(module.target), whose rows \(target.name) orders by the base's heads",
        advice: "Name the base's directory with --base; its config.json says how many there are.")
    }
    guard let order = HeadRows.metaOrder(rows: module.b.rows, heads: count) else {
      throw .inconsistent(
        adapter.path,
        rule: "changes \(module.b.rows) rows of \(module.target), which are not \(count) heads of "
          + "pairs")
    }
    return order
  }
}

extension WeightUpdate {
  /// Whether only a base can settle it.
  fileprivate var isOpen: Bool {
    if case .open? = delta { return true }
    return false
  }
}
