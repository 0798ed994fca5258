internal import Compute
public import Files
internal import JSON
public import Tensors

extension CombinePlan {
  /// Carries the plan out and writes the combined adapter to `destination`, whole or not at all:
  /// PEFT's files, of the given type of elements.
  ///
  /// Throws where a factor is not finite, where nothing is left of the combination, and what writing
  /// an adapter throws; nothing is left behind then.
  public func write(
    to destination: Path, dtype: DType = .f32, replacing: Bool = false,
    execution: Execution = Execution()
  ) throws(AdapterError) -> CombineReport {
    let written = try CombineRun(self, dtype: dtype, execution: execution).perform()
    let draft = try draft(of: written, dtype: dtype, form: execution.form)
    var silent = execution
    silent.progress = { _ in }
    try draft.write(to: destination, replacing: replacing, execution: silent)
    return CombineReport(
      plan: self, outcomes: written.map(\.outcome), byteCount: draft.weightsByteCount)
  }

  /// The adapter as it is written: factors whose product is the delta, with alpha = rank.
  private func draft(
    of written: [CombineRun.Written], dtype: DType, form: KernelForm
  ) throws(AdapterError) -> AdapterDraft {
    var biases: [TargetModule: DraftTensor] = [:]
    for result in written where result.outcome.weight.form.isVector {
      guard let factors = result.factors else { continue }
      biases[result.outcome.weight.target.module] = DraftTensor(
        factors.product, extents: [factors.columns], as: dtype, form: form)
    }
    var modules: [ModuleDraft] = []
    for result in written where !result.outcome.weight.form.isVector {
      let weight = result.outcome.weight
      guard let factors = result.factors else { continue }
      modules.append(
        ModuleDraft(
          weight.target.module,
          a: DraftTensor(
            factors.right, extents: weight.form.a(factors.rank), as: dtype, form: form),
          b: DraftTensor(
            factors.left, extents: weight.form.b(factors.rank), as: dtype, form: form),
          scaling: 1, layout: weight.form.layout,
          bias: biases.removeValue(forKey: weight.target.module)))
    }
    if let alone = biases.keys.min() {
      throw .combination(.biasAlone(TargetParameter(alone, "bias")))
    }
    guard !modules.isEmpty else { throw .combination(.empty(options.method)) }
    return AdapterDraft(
      modules: modules, carried: carried,
      template: template(
        hasBias: modules.contains {
          $0.bias != nil
        }),
      declaredBase: members.lazy.compactMap(\.adapter.declaredBase).first,
      isFanInFanOut: weights.contains(where: \.form.isFanInFanOut),
      sources: (members + [ancestor].compactMap { $0 }).map(\.adapter.path))
  }

  /// The first plain LoRA's settings, without those that say what the combined adapter brings: the draft
  /// says that anew.
  private func template(hasBias: Bool) -> JSONValue? {
    let first = members.first { AdapterDraft.isPlain($0.adapter) } ?? members.first
    guard var document = first.flatMap({ AdapterDraft.settings(of: $0.adapter) }) else {
      return nil
    }
    document.set("init_lora_weights", to: true)
    document.set("lora_bias", to: .bool(hasBias))
    document.set("modules_to_save", to: .null)
    if document["trainable_token_indices"] != nil {
      document.set("trainable_token_indices", to: .null)
    }
    let rows: [JSONValue.Member] = carried.compactMap { update in
      guard case .rows(let indices, _) = update.change else { return nil }
      return .init(update.target.module.path, .array(indices.map { .integer($0) }))
    }
    if !rows.isEmpty { document.set("trainable_token_indices", to: .object(rows)) }
    let adapted = Set(weights.map(\.target.module))
    let biased = carried.filter { $0.target.parameter == "bias" && !$0.isRows }
    document.set(
      "bias",
      to: biased.isEmpty
        ? "none" : biased.allSatisfy { adapted.contains($0.target.module) } ? "lora_only" : "all")
    return document
  }
}

extension WeightUpdate {
  fileprivate var isRows: Bool {
    if case .rows = change { return true }
    return false
  }
}

extension CombinePlan {
  /// The size of the file without the combined weights.
  var carriedByteCount: Int {
    // The header is filled up to a multiple of 8.
    AdapterDraft(modules: [], carried: carried).weightsByteCount + 8
  }
}

extension PlannedWeight {
  /// The bytes that its deltas are read from.
  public var byteCount: Int {
    (deltas + [ancestor]).compactMap { $0 }.reduce(0) { $0 + $1.byteCount }
  }

  /// What one rank of it costs in a file.
  func byteCountPerRank(_ dtype: DType) -> Int {
    (form.rows + form.columns) * dtype.bitWidth / 8
  }

  /// What its names cost in a file.
  func headerByteCount(offsets largest: Int) -> Int {
    let rank = min(form.rows, form.columns)
    return PEFTLayout.names(of: target.module, form.layout).enumerated().reduce(0) { sum, name in
      let extents = name.offset == 0 ? form.a(rank) : form.b(rank)
      return sum
        + PEFTLayout.headerByteCount(of: name.element, extents: extents, offsets: largest)
    }
  }
}
