internal import Files
internal import JSON
internal import Tensors

extension AdapterLayout {
  /// MLX-LM: `adapters.safetensors` beside a configuration with `lora_parameters`.
  ///
  /// Factors are stored as `[in, rank]` and `[rank, out]`, and the scale as it is used: neither
  /// alpha nor rank enters it. Source: mlx-lm, tuner/lora.py and tuner/utils.py.
  static let mlx = AdapterLayout(
    format: .mlx,
    matches: { clues in
      guard !clues.weights.hasExtension("npz") else { return false }
      let isConfigured = ["fine_tune_type", "lora_parameters", "lora_layers"].contains(
        where: clues.sets)
      return isConfigured && clues.peftType == nil
        || clues.weights.name == "adapters.safetensors" && clues.peftType == nil
        || clues.hasName { $0.hasSuffix(".lora_a") && !$0.hasPrefix("blk.") }
    },
    read: { source throws(AdapterError) in
      let fields = try source.fields(for: "an MLX adapter", holding: "its scale")
      return try MLXReader(source: source, fields: fields).contents()
    })
}

/// Reads MLX's tensors.
private struct MLXReader {
  let source: AdapterSource
  let fields: ConfigurationFields

  /// The scale of mlx-lm where the configuration has none (`LoRALinear`).
  private static let defaultScale = 20.0

  func contents() throws(AdapterError) -> AdapterLayout.Contents {
    let kind = try fields.string("fine_tune_type") ?? "lora"
    let base = try fields.string("model")
    switch kind {
    case "lora", "dora":
      let (updates, notes) = try trained()
      return .init(
        method: updates.contains(where: \.hasMagnitudes) ? .dora : .lora, updates: updates,
        declaredBase: base, notes: notes)
    case "full":
      return .init(method: .full, updates: try whole(), declaredBase: base)
    default:
      throw .unsupported(
        source.path, what: "an MLX adapter of the kind \(String(kind.prefix(40)))",
        advice: "Fuse it with `mlx_lm.fuse`.")
    }
  }

  /// The factors of each module, and its magnitudes where there are any.
  private func trained() throws(AdapterError) -> (updates: [WeightUpdate], notes: [String]) {
    let (rank, scale, notes) = try parameters()
    let tensors = try LayoutTensors(source, of: "MLX's layout") { name in
      for part in ["lora_a", "lora_b", "m"] where name.hasSuffix("." + part) {
        return (String(name.dropLast(part.utf8.count + 1)), part)
      }
      return nil
    }
    var updates: [WeightUpdate] = []
    for (module, parts) in tensors.modules {
      guard let (a, b) = try tensors.pair("lora_a", "lora_b", of: parts, module) else {
        throw tensors.misshapen(parts.values.sorted { $0.name < $1.name }, of: "two factors")
      }
      if a.shape.rank == 3, b.shape.rank == 3 {
        throw .unsupported(
          source.path, what: "an MLX adapter on stacked experts (\(module))",
          advice: "Fuse it with `mlx_lm.fuse`.")
      }
      guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[1] == b.shape.extents[0],
        a.shape.extents[1] > 0
      else { throw tensors.misshapen([a, b], of: "two factors of one update") }
      if let rank, rank != a.shape.extents[1] {
        throw source.broken(
          "has \(a.name) of rank \(a.shape.extents[1]) where its configuration says \(rank)")
      }
      let factors = Self.factors(a, b, scale: scale, isEmbedding: module.isEmbedding)
      let change = try tensors.change(factors, magnitude: parts["m"])
      updates.append(WeightUpdate(target: TargetParameter(module), change: change))
    }
    return (updates, notes)
  }

  /// Linear: ΔW = scale·(a·b)ᵀ. Embedding: ΔW = scale·a·b, a `[vocabulary, rank]`, whose magnitudes
  /// run over the rows as any other's, unlike PEFT's.
  private static func factors(
    _ a: StoredTensor, _ b: StoredTensor, scale: Double, isEmbedding: Bool
  ) -> LowRank {
    let (down, up) =
      isEmbedding
      ? (Factor.stored(b), Factor.stored(a))
      : (Factor.stored(a).transposed, Factor.stored(b).transposed)
    return LowRank(
      a: down, b: up, scaling: Scaling(alpha: scale, divisor: 1),
      placement: Placement(extents: [up.rows, down.columns]))
  }

  private func parameters() throws(AdapterError) -> (rank: Int?, scale: Double, notes: [String]) {
    guard let parameters = fields.value("lora_parameters") else {
      return (
        nil, Self.defaultScale,
        ["The configuration has no lora_parameters; the scale is MLX's default, 20."]
      )
    }
    guard parameters.members != nil else {
      throw fields.malformed("has lora_parameters that are not an object")
    }
    let rank = try parameters["rank"].map { value throws(AdapterError) in
      try fields.rank(value, "lora_parameters.rank")
    }
    guard let scale = parameters["scale"] else {
      return (
        rank, Self.defaultScale, ["The configuration has no scale; it is MLX's default, 20."]
      )
    }
    return (rank, try fields.alpha(scale, "lora_parameters.scale"), [])
  }

  /// Full fine-tunes: each tensor takes the base's place.
  private func whole() throws(AdapterError) -> [WeightUpdate] {
    let tensors = try LayoutTensors(source, of: "MLX's layout") { name in
      guard let dot = name.lastIndex(of: ".") else { return nil }
      return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
    return tensors.modules.flatMap { module, parts in
      parts.map { WeightUpdate(target: TargetParameter(module, $0), change: .replacement($1)) }
    }
  }
}
