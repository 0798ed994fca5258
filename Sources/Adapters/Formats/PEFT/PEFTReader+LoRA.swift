internal import Files
internal import Tensors

/// LoRA, rsLoRA, DoRA and what goes by LoRA's configuration and has more than two factors.
extension PEFTReader {
  /// The updates of weight and bias by a module's factors; none where it has no factors.
  func factors(
    _ parts: PEFTTensors.Parts,
    of module: TargetModule,
    times: Double
  ) throws(AdapterError) -> [WeightUpdate] {
    let isLinear = parts[.a] != nil || parts[.b] != nil
    let isEmbedding = parts[.embeddingA] != nil || parts[.embeddingB] != nil
    let extras = try variants(parts)
    guard isLinear || isEmbedding else {
      if let stray = parts[.magnitude] ?? parts[.bias] ?? extras.first?.value {
        throw broken("has \(stray.name) without the factors it belongs to")
      }
      return []
    }
    guard isLinear != isEmbedding else {
      throw broken("has the factors of a linear layer and of an embedding for \(module)")
    }
    let a = try part(isLinear ? .a : .embeddingA, of: parts, named: "A", module)
    let b = try part(isLinear ? .b : .embeddingB, of: parts, named: "B", module)
    let scaling = configuration.scaling(of: module).times(times)
    let pair = PEFTFactors(a: a, b: b, module: module, path: path)
    let own = isLinear ? try variant(a: a, b: b, scaling: scaling, of: module) : nil
    if own == nil {
      try pair.check(rank: configuration.rank(of: module), isEmbedding: isEmbedding)
    }
    let delta = try delta(
      own
        ?? LowRank(
          a: a,
          b: b,
          scaling: scaling,
          layout: isEmbedding ? .transposed : .product,
          isFanInFanOut: configuration.isFanInFanOut && isLinear && a.shape.rank == 2
        ), extras, of: module)
    var updates = [
      WeightUpdate(target: TargetParameter(module), change: try change(delta, parts[.magnitude], b))
    ]
    if let bias = parts[.bias] {
      try requireFloats(bias)
      guard bias.shape.extents == [b.shape.extents[0]] else {
        throw broken("has \(bias.name) of shape \(bias.shape) beside \(b.name) of \(b.shape)")
      }
      updates.append(
        WeightUpdate(
          target: TargetParameter(module, "bias"),
          change: .delta(.stored(bias, factor: scaling.factor))
        )
      )
    }
    return updates
  }

  /// The tensors that a variant has beside A and B.
  private func variants(
    _ parts: PEFTTensors.Parts
  ) throws(AdapterError) -> [String: StoredTensor] {
    var extras = parts
    for part in [PEFTKey.Part.a, .b, .embeddingA, .embeddingB, .magnitude, .bias] {
      extras[part] = nil
    }
    return try named(extras, [PEFTTensors.latentMapping])
  }

  /// The delta of a variant by its further tensors; the plain one where there are none.
  private func delta(
    _ factors: LowRank, _ extras: [String: StoredTensor], of module: TargetModule
  ) throws(AdapterError) -> Delta {
    guard let mapping = extras[PEFTTensors.latentMapping] else { return .lowRank(factors) }
    // LoRA-XS (arXiv 2405.17604) and LoRA-SB (arXiv 2411.19557): ΔW = s·B·R·A, R as it is stored.
    guard mapping.shape.extents == [factors.rank, factors.rank] else {
      throw misshapen([mapping] + factors.tensors, of: "three factors of one update")
    }
    return .lowRank(
      LowRank(
        a: .product(.stored(mapping), factors.a), b: factors.b, scaling: factors.scaling,
        placement: factors.placement))
  }

  private func change(
    _ delta: Delta,
    _ magnitude: StoredTensor?,
    _ b: StoredTensor
  ) throws(AdapterError) -> WeightUpdate.Change {
    guard let magnitude else {
      guard !configuration.hasMagnitudes else {
        throw broken("has no lora_magnitude_vector beside \(b.name), but use_dora is true")
      }
      return .delta(delta)
    }
    guard configuration.hasMagnitudes else {
      throw broken("has \(magnitude.name), but use_dora is false in its configuration")
    }
    try requireFloats(magnitude)
    // Convolutions keep it as [1, out, 1, …].
    guard
      magnitude.shape.extents.filter({ $0 != 1 }) == b.shape.extents.prefix(1).filter({ $0 != 1 })
    else {
      throw broken(
        "has \(magnitude.name) of shape \(magnitude.shape) beside \(b.name) of \(b.shape)"
      )
    }
    return .magnitude(delta, magnitude)
  }

  private func part(
    _ part: PEFTKey.Part,
    of parts: PEFTTensors.Parts,
    named name: String,
    _ module: TargetModule
  ) throws(AdapterError) -> StoredTensor {
    guard let tensor = parts[part] else {
      throw broken("has no factor \(name) for \(module), though it has the other one")
    }
    try requireFloats(tensor)
    return tensor
  }
}
