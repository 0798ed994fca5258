internal import JSON
internal import Tensors

extension ConversionSource {
  /// MLX-LM: factors turned, one rank and one scale for all modules.
  func mlx() throws(AdapterError) -> ConvertedFiles {
    try requirePlain(
      allowsMagnitudes: true, allowsKernels: false, allowsBiases: false, allowsTurned: true)
    let (scale, shared, isFolded) = sharingScale()
    let rank = shared.map(\.rank).max() ?? 1
    var tensors: [DraftTensor.Named] = []
    for module in shared.map({ $0.padded(to: rank) }) {
      let path = module.target.path
      if module.isTurned || module.target.isEmbedding {
        if module.magnitude != nil {
          throw unsupported(
            "magnitudes of an embedding (\(path)), which MLX has along the other axis",
            "Merge it into its base.")
        }
      }
      // An embedding's factors are the other way round: `[vocabulary, rank]` and `[rank, hidden]`.
      let isEmbedding = module.target.isEmbedding
      guard module.isTurned == isEmbedding || !module.isTurned else {
        throw unsupported("an update of an embedding named \(path)", "Write it with --to peft.")
      }
      let (down, up) =
        !isEmbedding
        ? (module.a.transposed, module.b.transposed)
        : module.isTurned ? (module.a.transposed, module.b.transposed) : (module.b, module.a)
      tensors.append(try named("\(path).lora_a", down, module.dtype))
      tensors.append(try named("\(path).lora_b", up, module.dtype))
      if let magnitude = module.magnitude {
        tensors.append(
          (
            TensorName("\(path).m"),
            DraftTensor(magnitude, extents: [module.b.rows], as: module.type(of: magnitude))
          ))
      }
    }
    let layers = Set(
      shared.compactMap { LayerName.split($0.target.path, after: "model.layers.")?.layer })
    let keys = Set(
      shared.map { module in
        LayerName.split(module.target.path, after: "model.layers.")?.part ?? module.target.path
      })
    let count = base?.config?["num_hidden_layers"]?.integer
    let lowest = layers.min() ?? 0
    let hasMagnitudes = shared.contains { $0.magnitude != nil }
    if hasMagnitudes, !shared.allSatisfy({ $0.magnitude != nil }) {
      throw unsupported(
        "DoRA's magnitudes on some modules only", "Merge it into its base instead.")
    }
    var document: JSONValue = [
      "fine_tune_type": hasMagnitudes ? "dora" : "lora",
      "lora_parameters": [
        "dropout": 0.0, "keys": .array(keys.sorted().map { .string($0) }),
        "rank": .integer(rank), "scale": .number(scale),
      ],
      "num_layers": .integer((count ?? (layers.max() ?? -1) + 1) - lowest),
    ]
    if let base = adapter.declaredBase { document.set("model", to: .string(base)) }
    return ConvertedFiles(
      tensors,
      metadata: [("format", "mlx")], configuration: document,
      remarks: foldingRemark(isFolded) + paddingRemark(shared, rank))
  }

  /// torchtune: its own names, the rows of queries and keys in Meta's order.
  func torchtune() throws(AdapterError) -> ConvertedFiles {
    try requirePlain(
      allowsMagnitudes: true, allowsKernels: false, allowsBiases: false, allowsTurned: false)
    let (scale, shared, isFolded) = sharingScale()
    let rank = shared.map(\.rank).max() ?? 1
    let type = base?.config?["model_type"]?.string ?? ""
    let keepsRows = type.hasPrefix("qwen") || type == "phi3"
    var tensors: [DraftTensor.Named] = []
    for module in shared.map({ $0.padded(to: rank) }) {
      guard let name = TorchtuneNames.torchtune(module.target.path) else {
        throw unsupported(
          "\(module.target), for which torchtune has no name", "Write it with --to peft.")
      }
      let order = keepsRows ? nil : try metaOrder(of: module)
      let b = order.map(module.b.selectingRows) ?? module.b
      tensors.append(try named("\(name).lora_a.weight", module.a, module.dtype))
      tensors.append(try named("\(name).lora_b.weight", b, module.dtype))
      if let magnitude = module.magnitude {
        let column = Factor.vector(magnitude)
        tensors.append(
          (
            TensorName("\(name).magnitude"),
            try made(
              order.map(column.selectingRows) ?? column, [b.rows], module.type(of: magnitude),
              module.target)
          ))
      }
    }
    let targets = Set(tensors.compactMap { $0.name.text.split(separator: ".").dropLast(2).last })
    let document: JSONValue = [
      "base_model_name_or_path": adapter.declaredBase.map { .string($0) } ?? .null,
      "lora_alpha": .number(scale * Double(rank)), "r": .integer(rank),
      "target_modules": .array(targets.sorted().map { .string(String($0)) }),
    ]
    return ConvertedFiles(
      tensors,
      configuration: document, remarks: foldingRemark(isFolded) + paddingRemark(shared, rank))
  }

  /// llama.cpp: its own names, one alpha for all modules, each divided by its own rank.
  func gguf() throws(AdapterError) -> ConvertedFiles {
    try requirePlain(
      allowsMagnitudes: false, allowsKernels: false, allowsBiases: false, allowsTurned: true)
    guard let type = base?.config?["model_type"]?.string else {
      throw .unsupported(
        adapter.path, what: "an adapter whose architecture is not known, which GGUF files name",
        advice: "Name the base's directory with --base; its config.json says which it is.")
    }
    guard let names = GGUFNames(modelType: type), names.hasAdapters else {
      throw unsupported(
        "a base of the type \(type)",
        "GGUF adapters are written for \(GGUFNames.known); convert others with llama.cpp's "
          + "convert_lora_to_gguf.py.")
    }
    // The strength of a module is alpha over its own rank.
    let alphas = Set(modules.map { $0.scale * Double($0.rank) })
    let common = alphas.count == 1 ? alphas.first : nil
    let alpha = Float(common ?? Double(modules.map(\.rank).max() ?? 1))
    guard alpha != 0 else {
      throw unsupported("a scale of 0, which llama.cpp takes for 1", "There is nothing to convert.")
    }
    var tensors: [DraftTensor.Named] = []
    for var module in modules {
      let own = Double(alpha) / Double(module.rank)
      if common == nil { module = module.folding(module.scale / own, leaving: own) }
      guard let name = names.gguf(module.target.path) else {
        throw unsupported(
          "\(module.target), for which llama.cpp's \(names.architecture) has no name",
          "Write it with --to peft.")
      }
      let order = names.permutesHeads ? try metaOrder(of: module) : nil
      let b = order.map(module.b.selectingRows) ?? module.b
      // llama.cpp computes with these two types alone.
      let dtype: DType = module.dtype == .bf16 ? .f32 : module.dtype
      if module.target.isEmbedding {
        let (a, b) = module.isTurned ? (module.a.transposed, b) : (b, module.a.transposed)
        tensors.append(try named("\(name).weight.lora_a", a, dtype))
        tensors.append(try named("\(name).weight.lora_b", b, dtype))
        continue
      }
      guard !module.isTurned else {
        throw unsupported("an update of an embedding named \(module.target)", "Write it as PEFT.")
      }
      tensors.append(try named("\(name).weight.lora_a", module.a, dtype))
      tensors.append(try named("\(name).weight.lora_b", b, dtype))
    }
    return ConvertedFiles(
      tensors,
      notes: [
        ("general.architecture", .text(names.architecture)), ("general.type", .text("adapter")),
        ("adapter.type", .text("lora")), ("adapter.lora.alpha", .float(alpha)),
      ], remarks: foldingRemark(common == nil))
  }

  /// The changes multiplied out, by the base's names where a base is named.
  func dense() throws(AdapterError) -> ConvertedFiles {
    var tensors: [DraftTensor.Named] = []
    for (name, update, isTransposed) in changes {
      guard case .delta(let delta) = update.change else {
        throw unsupported(
          "a change of \(update.target) that is not added to the weight", "Merge it into its base.")
      }
      let isTurned = base == nil ? delta.placement?.layout == .transposed : isTransposed
      let extents = delta.extents
      guard
        let tensor = DraftTensor(
          delta, isTransposed: isTurned, extents: isTurned ? extents.reversed() : extents,
          as: options.dtype ?? .f32)
      else { throw tooLarge(update.target.module) }
      tensors.append((TensorName(name), tensor))
    }
    return ConvertedFiles(tensors, metadata: [("format", "pt")])
  }

  /// A matrix in its own extents under a name.
  private func named(
    _ name: String, _ factor: Factor, _ dtype: DType
  ) throws(AdapterError) -> DraftTensor.Named {
    (
      TensorName(name),
      try made(factor, [factor.rows, factor.columns], dtype, TargetModule(name))
    )
  }

  private func foldingRemark(_ isFolded: Bool) -> [String] {
    isFolded
      ? ["The modules' scales differ; what differs is multiplied into B, rounded once."] : []
  }

  private func paddingRemark(_ modules: [ConvertedModule], _ rank: Int) -> [String] {
    let count = modules.count { $0.rank < rank }
    return count == 0
      ? [] : ["\(count) modules of lower rank are filled up with zeros to rank \(rank)."]
  }
}

extension Delta {
  /// The extents of the change as it stands.
  fileprivate var extents: [Int] {
    if case .stack(let products) = self { return [products.count] + products[0].placement.extents }
    return placement?.extents ?? tensors[0].shape.extents
  }
}
