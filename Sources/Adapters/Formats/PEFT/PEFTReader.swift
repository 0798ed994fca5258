internal import Files
internal import Tensors

/// Turns the tensors of a PEFT file into updates, checking them against one another and against the
/// configuration. Reads no payload.
struct PEFTReader {
  private let path: Path
  private let configuration: PEFTConfiguration

  init(path: Path, configuration: PEFTConfiguration) {
    self.path = path
    self.configuration = configuration
  }

  /// The updates of every module.
  func updates(of tensors: PEFTTensors) throws(AdapterError) -> [WeightUpdate] {
    var updates: [WeightUpdate] = []
    for (module, parts) in tensors.modules.sorted(by: { $0.key < $1.key }) {
      for case (.whole(let parameter), let tensor) in parts {
        updates.append(
          WeightUpdate(
            target: TargetParameter(module, parameter),
            change: .replacement(tensor)
          )
        )
      }
      if let tokens = parts[.tokens] { updates.append(try rows(tokens, of: module)) }
      updates += try factors(parts, of: module)
    }
    guard updates.contains(where: { if case .replacement = $0.change { false } else { true } })
    else {
      throw .notAnAdapter(
        path,
        what: "a file of whole tensors without a single LoRA factor, most likely a full model",
        candidates: []
      )
    }
    return updates
  }

  private func rows(
    _ tensor: StoredTensor,
    of module: TargetModule
  ) throws(AdapterError) -> WeightUpdate {
    guard let rows = configuration.tokens.rows(of: module) else {
      throw broken("has \(tensor.name), but its configuration names no rows for \(module)")
    }
    guard tensor.shape.rank == 2, tensor.shape.extents[0] == rows.count else {
      throw broken(
        "has \(tensor.name) of shape \(tensor.shape), but its configuration names \(rows.count) rows"
      )
    }
    try requireFloats(tensor)
    return WeightUpdate(target: TargetParameter(module), change: .rows(rows, tensor))
  }

  /// The updates of weight and bias by a module's factors; none where it has no factors.
  private func factors(
    _ parts: PEFTTensors.Parts,
    of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let isLinear = parts[.a] != nil || parts[.b] != nil
    let isEmbedding = parts[.embeddingA] != nil || parts[.embeddingB] != nil
    guard isLinear || isEmbedding else {
      if let stray = parts[.magnitude] ?? parts[.bias] {
        throw broken("has \(stray.name) without the factors it belongs to")
      }
      return []
    }
    guard isLinear != isEmbedding else {
      throw broken("has the factors of a linear layer and of an embedding for \(module)")
    }
    let a = try part(isLinear ? .a : .embeddingA, of: parts, named: "A", module)
    let b = try part(isLinear ? .b : .embeddingB, of: parts, named: "B", module)
    let scaling = configuration.scaling(of: module)
    let pair = PEFTFactors(a: a, b: b, module: module, path: path)
    try pair.check(rank: scaling.rank, isEmbedding: isEmbedding)
    let delta = Delta.lowRank(
      LowRank(
        a: a,
        b: b,
        scaling: scaling,
        layout: isEmbedding ? .transposed : .product,
        isFanInFanOut: configuration.isFanInFanOut && isLinear && a.shape.rank == 2
      )
    )
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

  private func requireFloats(_ tensor: StoredTensor) throws(AdapterError) {
    guard [.f32, .f16, .bf16, .f64].contains(tensor.dtype) else {
      throw broken("has \(tensor.name) of type \(tensor.dtype.rawValue), which is no trained type")
    }
  }

  private func broken(_ rule: String) -> AdapterError { .inconsistent(path, rule: rule) }
}
